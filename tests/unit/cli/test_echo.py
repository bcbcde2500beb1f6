"""Whatever a command prints, each of its characters can be seen; only colours of its own pass."""

from __future__ import annotations

import json
import logging
import stat
import unicodedata
from pathlib import Path

import click
import pytest

from gen import log
from gen.cli.passes import write, write_private
from gen.cli.show import echo, echo_usage, hide, paint
from gen.sources.mask import Mask
from gen.sources.snapshot import dump, load
from gen.state import State, Workload
from gen.values.visible import invisible, visible

UNSEEN = [
    chr(code)
    for code in range(0x110000)
    if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp") and chr(code) not in "\n\t"
] + ["\ud800", "\udfff"]


def test_no_character_is_printed_that_cannot_be_seen(capsys: pytest.CaptureFixture[str]) -> None:
    echo("".join(UNSEEN))
    echo("".join(UNSEEN), err=True)
    printed = "".join(capsys.readouterr())
    assert printed.isascii()
    assert all(character.isprintable() or character == "\n" for character in printed)


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\u202eb", "\x9b2J", "\u200b", "\u2028", "\u061c", "\u2066x\u2069"])
def test_each_is_escaped_in_a_way_that_tells_which_it_was(text: str) -> None:
    assert visible(text).isascii()
    assert visible(text).encode().decode("unicode_escape") == text


def test_lines_of_a_command_stay_lines(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a\n\tb\r")
    assert capsys.readouterr().out == "a\n\tb\\x0d\n"


def test_colours_are_those_of_paint_alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gen.cli.show.has_color", lambda stream: True)
    echo(paint("good", "green", out=True) + "\x1b[31mevil")
    assert capsys.readouterr().out == "\x1b[32mgood\x1b[0m\\x1b[31mevil\n"


def test_an_error_of_usage_quotes_arguments_visibly(capsys: pytest.CaptureFixture[str]) -> None:
    echo_usage(click.UsageError("no such option \u202e--evil\x9b"))
    assert capsys.readouterr().err == "Error: no such option \\u202e--evil\\x9b\n"


def test_a_url_is_printed_without_its_password(capsys: pytest.CaptureFixture[str]) -> None:
    echo("tcp://u:secret@engine.test:2376 and ssh://deploy@lab.example")
    assert capsys.readouterr().out == "tcp://u:[redacted]@engine.test:2376 and ssh://deploy@lab.example\n"


def test_what_is_masked_is_neither_printed_nor_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    hide(Mask(frozenset({"hunter2"})))
    try:
        echo("a hunter2 b")
        write("a hunter2 b", str(tmp_path / "out"))
    finally:
        hide(Mask())
    assert capsys.readouterr().out == "a [redacted] b\n"
    assert (tmp_path / "out").read_text() == "a [redacted] b"


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_is_as_visible(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json" if form == "json" else "text", "info", color=False)
    log.event("applied", "".join(UNSEEN), level=logging.INFO, fact="\u202e\x9b http://u:secret@a.test")
    written = capsys.readouterr().err
    assert written.isascii()
    assert written.count("\n") == 1
    assert "secret" not in written


def test_a_snapshot_is_the_same_world_and_visible() -> None:
    state = State(source="x", workloads=(Workload(id="1", name="a\u202e\x9bb\u2028"),))
    text = dump(state)
    assert not [c for c in text if invisible(c) and c != "\n"]
    assert load(text, name="") == state
    assert json.loads(text)["state"]["workloads"][0]["name"] == "a\u202e\x9bb\u2028"


def test_private_files_are_for_their_user_alone_also_where_they_were_open(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("a longer text than before")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
