"""Servers that are no containers."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import ServerAddress


@pytest.mark.parametrize(
    ("text", "host", "port", "protocol", "is_name"),
    [
        ("10.0.0.5:8080", "10.0.0.5", 8080, "", False),
        ("[FD00::5]:80", "fd00::5", 80, "", False),
        ("NAS.lan:5000", "nas.lan", 5000, "", True),
        ("http://10.0.0.5", "10.0.0.5", 80, "http", False),
        ("https://nas.lan/", "nas.lan", 443, "https", True),
        ("https://[::1]:8443", "::1", 8443, "https", False),
        ("fastcgi://php", "php", 9000, "fastcgi", True),
    ],
)
def test_an_address_or_a_name_with_its_port(text: str, host: str, port: int, protocol: str, is_name: bool) -> None:
    found = ServerAddress.parse(text)
    assert (found.host, found.port, found.protocol, found.is_name) == (host, port, protocol, is_name)
    assert ServerAddress.parse(str(found)) == found


WRONG = ["", "10.0.0.5", "10.0.0.5:0", "10.0.0.5:70000", "10.0.0.256:80", "1.2.3:80", "fd00::5:80", "[fd00::5]"]
WRONG += ["[nas]:80", "*.nas:80", "~nas:80", "ftp://nas", "http://nas/path", "http://u@nas", "http://nas?x", "a b:80"]
WRONG += ["nas:80\n", "-:80"]


@pytest.mark.parametrize("text", WRONG)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadValue, match="is not a"):
        ServerAddress.parse(text)
