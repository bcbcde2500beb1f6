"""What is printed: foreign text stays text, colours only where a terminal is."""

from __future__ import annotations

import io
import json

import pytest

from gen.cli.show import as_json, clean, count, has_color


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("shop.example", "shop.example"),
        ("käse ☕", "käse ☕"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("one\nerror: two", "one\\x0aerror: two"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egnp", "\\u202egnp"),
    ],
)
def test_foreign_text_stays_on_its_line_and_moves_nothing(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_json_is_readable_and_moves_nothing_either() -> None:
    value = {"host": "käse", "evil": "\x1b[2J\x9b\u202e\U000e0001"}
    text = as_json(value)
    assert json.loads(text) == value
    assert "käse" in text
    assert [c for c in text if not c.isprintable() and c != "\n"] == []


@pytest.mark.parametrize(("number", "text"), [(0, "0 routes"), (1, "1 route"), (2, "2 routes")])
def test_one_is_not_many(number: int, text: str) -> None:
    assert count(number, "route") == text


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert has_color(Terminal())
    assert not has_color(io.StringIO())


def test_no_color_switches_colours_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_color(Terminal())
