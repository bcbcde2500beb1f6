"""Another engine, as the operator names it."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import EngineAddress


@pytest.mark.parametrize(
    ("text", "name", "url", "published_at"),
    [
        ("lab=ssh://deploy@lab.example", "lab", "ssh://deploy@lab.example", "lab.example"),
        ("lab=tcp://10.0.0.5:2376", "lab", "tcp://10.0.0.5:2376", "10.0.0.5"),
        ("lab=tcp://[fd00::5]:2376", "lab", "tcp://[fd00::5]:2376", "fd00::5"),
        ("lab-2@10.1.0.5=ssh://lab", "lab-2", "ssh://lab", "10.1.0.5"),
        ("six@[fd00::6]=ssh://lab", "six", "ssh://lab", "fd00::6"),
        ("dev=unix:///run/dev.sock", "dev", "unix:///run/dev.sock", ""),
        ("dev@127.0.0.1=unix:///run/dev.sock", "dev", "unix:///run/dev.sock", "127.0.0.1"),
    ],
)
def test_a_name_a_url_and_where_published_ports_answer(text: str, name: str, url: str, published_at: str) -> None:
    found = EngineAddress.parse(text)
    assert found == EngineAddress(name, url, published_at)
    assert EngineAddress.parse(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "ssh://lab",
        "lab",
        "lab=",
        "lab=lab.example",
        "Lab=ssh://lab",
        "a/b=ssh://lab",
        "lab@=ssh://lab",
        "lab@10.0.0.=ssh://lab",
        "lab@10.0.0.5/24=ssh://lab",
        "lab=ssh://",
        "lab=tcp://[::1",
        f"{'x' * 33}=ssh://lab",
    ],
)
def test_what_is_no_engine(text: str) -> None:
    with pytest.raises(BadValue, match="lab"):
        EngineAddress.parse(text)
