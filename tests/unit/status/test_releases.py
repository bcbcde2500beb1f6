"""The last releases: how each went, which files differ, and for how long those are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gen.apply import Applied, Refused
from gen.bundle import Bundle, File
from gen.status import board as boards
from gen.status.answers import Answers
from gen.status.board import Board
from gen.status.releases import MOST_LINES, difference, release
from tests.unit.status.passes import APPLIED, a_pass, made


def bundle(text: str, number: int = 0) -> Bundle:
    return Bundle(main="a.conf", files=(File(name="a.conf", content=text.encode()),), digest=f"{number:064x}")


def serving(place: Path, *texts: str, stored: Callable[[str], Bundle | None] = lambda _: None) -> Board:
    """A board after a release of each text."""
    board = Board(stored=stored)
    for number, text in enumerate(texts):
        one = replace(made(place), bundle=bundle(text, number))
        board.passed(a_pass(one, replace(APPLIED, digest=one.bundle.digest)))
    return board


def test_files_are_compared_with_those_served_before(tmp_path: Path) -> None:
    newest, first = serving(tmp_path, "a\nb\n", "a\nc\n").releases
    lines = difference(newest, newest.files).lines
    assert [line for line in lines if line[0] in ("add", "gone")] == [("gone", "-b"), ("add", "+c")]
    assert "the first one since the daemon started" in difference(first, first.files).why


def test_a_refused_release_is_compared_with_what_is_served_and_so_is_the_next(tmp_path: Path) -> None:
    board = serving(tmp_path, "a\n")
    for text in ("bad\n", "worse\n"):
        board.passed(a_pass(replace(made(tmp_path), bundle=bundle(text)), Refused(reason="no <b>such</b> word")))
    lines = difference(board.releases[0], board.files(board.releases[0])).lines
    assert [line for line in lines if line[0] in ("add", "gone")] == [("gone", "-a"), ("add", "+worse")]
    told = release(board.releases[0])
    assert (told.how, told.mood, told.reason) == ("refused", "bad", "no <b>such</b> word")
    assert [name for name, _ in told.times] == ["whole pass"]


def test_a_difference_is_bounded_in_lines_and_in_their_length(tmp_path: Path) -> None:
    text = "".join(f"line {at} {'x' * 2000}\n" for at in range(MOST_LINES + 500))
    newest = serving(tmp_path, "", text).releases[0]
    found = difference(newest, newest.files)
    assert len(found.lines) == MOST_LINES
    assert found.more == 503
    assert max(len(line) for _, line in found.lines) == 501


def test_of_many_bytes_the_newest_are_held_and_others_read_from_the_disk_while_they_lie_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "_MOST_BYTES", 250)
    texts = [str(at) * 100 for at in range(5)]
    lying = {one.digest: one for one in (bundle(text, number) for number, text in enumerate(texts) if number)}
    board = serving(tmp_path, *texts, stored=lying.get)
    assert [entry.files is not None for entry in board.releases] == [True, True, False, False, False]
    third, second = board.releases[2:4]
    lines = difference(third, board.files(third)).lines
    assert [line for line in lines if line[0] == "add"] == [("add", "+" + "2" * 100)]
    assert "not kept any more" in difference(second, board.files(second)).why


def test_files_that_are_too_many_at_once_are_not_held_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "_MOST_BYTES", 50)
    board = serving(tmp_path, "1" * 100, "2" * 100)
    assert [entry.files for entry in board.releases] == [None, None]
    assert board.standing.made and board.standing.made.bundle.files[0].content == b""


def test_times_are_told_as_people_read_them(tmp_path: Path) -> None:
    one = a_pass(made(tmp_path), Applied(digest="0" * 64, how="live", check_seconds=1.5, confirm_seconds=0.0125))
    board = Board()
    board.passed(one)
    times = dict(release(board.releases[0]).times)
    assert times == {"event to confirmed": "500 ms", "whole pass": "250 ms", "check": "1.50 s", "confirm": "12 ms"}


def test_a_page_of_a_release_is_there_while_it_is_kept_and_another_daemons_is_not(tmp_path: Path) -> None:
    board = serving(tmp_path, "a\n", "b\n")
    answers = Answers(board, lambda: None)
    key = board.releases[0].key
    assert (key, answers.answer(f"/releases/{key}").status) == (f"2-{'0' * 12}", 200)
    assert b"+b" in answers.answer(f"/releases/{key}").body
    for other in ("2-abcdefabcdef", "2", "", "../etc/passwd", "9-000000000000"):
        assert answers.answer(f"/releases/{other}").status == 404
