"""What is asked for again and again costs nothing while nothing is new; how it stands, and since when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gen.apply import Outcome, Refused, Unchanged
from gen.errors import SourceError
from gen.pipeline import Made
from gen.plan.exposure import Exposure
from gen.status import answers as module
from gen.status import rows
from gen.status.answers import Answers
from gen.status.board import Board
from gen.status.page import page, release_page
from gen.status.rows import MOST_DRAWN, find, picture
from gen.telling import Told
from tests.unit.status.passes import APPLIED, BUNDLE, a_pass, made

SHOP = {"fairway.host": "shop.test"}


def test_who_has_the_page_of_now_is_told_so_until_something_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(_: Board, *, query: str, **more: object) -> str:
        drawn.append(query)
        return "page"

    monkeypatch.setattr(module, "page", draw)
    board = Board()
    answers = Answers(board, lambda: None)
    mark = answers.answer("/").mark
    assert [answers.answer("/", known).status for known in (mark, mark, "", '"other"')] == [304, 304, 200, 200]
    assert answers.answer("/?q=shop", mark).status == 200
    assert drawn == ["", "shop"]
    one = made(tmp_path, shop=SHOP)
    for tell in (SourceError("away"), Refused(reason="no"), APPLIED):
        hear(board, one, tell)
        found = answers.answer("/", mark)
        assert (found.status, found.mark != mark) == (200, True)
        mark = found.mark


def hear(board: Board, one: Made, told: Outcome | SourceError) -> None:
    """The board is told of a pass, or of one that could not go on."""
    if isinstance(told, SourceError):
        board.failed(told)
    else:
        board.passed(a_pass(one, told))


def test_another_daemons_page_is_another(tmp_path: Path) -> None:
    marks = {Answers(Board(), lambda: None, iter((at,)).__next__).answer("/").mark for at in (1.0, 2.0)}
    assert len(marks) == 2


def test_it_is_in_sync_since_it_came_to_be_and_out_of_it_since_it_ceased(tmp_path: Path) -> None:
    now = [100.0]
    board = Board(lambda: now[0])
    one = made(tmp_path, shop=SHOP)

    def after(told: Outcome | SourceError) -> float:
        now[0] += 10
        hear(board, one, told)
        return board.standing.since

    same = Unchanged(digest=BUNDLE.digest)
    steps: tuple[Outcome | SourceError, ...] = (same, same, SourceError("away"), Refused(reason="no"), same, same)
    assert [after(step) for step in steps] == [110.0, 110.0, 130.0, 130.0, 150.0, 150.0]


def test_a_daemon_that_hangs_does_not_look_well(tmp_path: Path) -> None:
    now = [100.0]
    board = Board(lambda: now[0])
    board.passed(a_pass(made(tmp_path, shop=SHOP)))
    assert "In sync: " in page(board)
    now[0] += 1000
    assert "The daemon hangs" in page(board) and "In sync: " not in page(board)


def test_words_are_found_in_hosts_workloads_and_addresses(tmp_path: Path) -> None:
    one = made(tmp_path, shop=SHOP, Blog={"fairway.host": "words.test"})
    found = {word: [row.name for row in find(one, word).rows] for word in ("SHOP", "blog", "10.0.0.2", "nobody")}
    assert found == {
        "SHOP": ["shop.test/"],
        "blog": ["words.test/"],
        "10.0.0.2": ["shop.test/", "words.test/"],
        "nobody": [],
    }


def test_the_picture_of_a_large_world_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(tmp_path, **{f"w{at}": {"fairway.host": f"h{at}.test"} for at in range(MOST_DRAWN + 50)})
    found = find(one, "")
    assert (found.drawn, len(found.chart.columns[1].boxes)) == (MOST_DRAWN, MOST_DRAWN)
    monkeypatch.setattr(rows, "MOST_ALONE", 60)
    assert [len(picture(one, word).columns[1].boxes) for word in ("", "h8", "nobody")] == [60, 11, 0]
    board = Board()
    board.passed(a_pass(one))
    assert f"The first {MOST_DRAWN} of 90" in page(board)


def test_a_release_that_exposes_something_is_marked_and_says_what(tmp_path: Path) -> None:
    board = Board()
    one = a_pass(made(tmp_path, shop=SHOP))
    board.passed(one)
    assert "exposure</span>" not in page(board)
    found = tuple(
        Exposure(kind="guard", route=f"route {name}", owner="shop", guard="ip_allow", before="10.0.0.0/8", after="none")
        for name in ("<b>.test/", *map(str, range(300)))
    )
    board.passed(replace(one, told=Told(exposures=found)))
    text = page(board)
    assert text.count("exposure</span>") == 2
    assert "<li>route &lt;b&gt;.test/ (owner shop): ip_allow removed: 10.0.0.0/8 -&gt; none</li>" in text
    entry = board.releases[0]
    assert f"<li>and {301 - len(entry.exposures)} more</li>" in text
    assert "ip_allow removed" in release_page(entry, board.files(entry))
