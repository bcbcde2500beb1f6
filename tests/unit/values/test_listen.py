"""What the operator names in one word: a private address with its port."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import ListenAddress


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:8404", ListenAddress("127.0.0.1", 8404)),
        ("0.0.0.0:1", ListenAddress("0.0.0.0", 1)),
        ("[::1]:65535", ListenAddress("::1", 65535)),
    ],
)
def test_an_address_with_a_port_is_written_as_it_is_read(text: str, found: ListenAddress) -> None:
    assert ListenAddress.parse(text) == found
    assert str(found) == text


@pytest.mark.parametrize(
    "text",
    ["", "8404", ":8404", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "localhost:80", "1.2.3.4:80/tls", "[]:8"],
)
def test_a_port_for_everybody_has_to_be_meant(text: str) -> None:
    with pytest.raises(BadValue, match=r"127\.0\.0\.1:8404"):
        ListenAddress.parse(text)
