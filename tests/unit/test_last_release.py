"""The daemon serves the last confirmed release whatever its source and its proxy do."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gen.apply import Applied, Unchanged
from gen.errors import ProxyError
from gen.sources import Change
from gen.state import State
from gen.status.board import Board
from gen.status.several import Several
from gen.watch import Watch
from tests.support.wait import eventually
from tests.unit.test_watch import APPLIED, BUNDLE, Counting, run


class Heard(Board):
    """A board that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def ended(self, why: str) -> None:
        super().ended(why)
        self.told.append(f"{why}: {self.standing.trouble}")


def running(world: Counting, board: Board) -> tuple[Watch, threading.Thread]:
    watch = world.watch(watcher=Several(board))
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    eventually(lambda: board.standing.in_sync, timeout=5, message="the first release")
    return watch, thread


def test_a_proxy_that_ended_is_trouble_at_once_and_until_it_serves_again() -> None:
    world, board = Counting(APPLIED, Unchanged(digest=BUNDLE.digest)), Heard()
    watch, thread = running(world, board)
    world.heard("signal SIGKILL")
    eventually(lambda: world.reads == 2 and board.standing.in_sync, timeout=5, message="another pass")
    watch.stop()
    thread.join(5)
    assert board.told == ["signal SIGKILL: the proxy does not serve (signal SIGKILL), and is brought back"]
    text = board.metrics.text(None, in_sync=True, age=0, counts=None).decode()
    assert 'fairway_proxy_ends_total{reason="signal SIGKILL"} 1.0' in text


def test_an_end_during_a_pass_does_not_ask_for_another_one() -> None:
    world, board = Counting(APPLIED), Heard()
    world.gate.clear()
    watch = world.watch(watcher=board)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    eventually(lambda: world.applies == 1, timeout=5, message="an apply that goes on")
    world.heard("exit code 1")
    world.gate.set()
    eventually(lambda: board.standing.in_sync, timeout=5, message="its end")
    watch.hint("something else")
    eventually(lambda: world.reads == 2, timeout=5, message="a second pass")
    watch.stop()
    thread.join(5)
    assert (world.reads, board.told) == (2, [])


def test_the_release_of_an_earlier_run_is_served_before_the_source_is_read() -> None:
    world, board = Counting(failures=1), Board()
    world.resume = lambda: world.calls.append("resume") or "0123456789abcdef"  # type: ignore[method-assign,func-returns-value]
    watch = world.watch(watcher=board)
    watch._resume()
    assert board.standing.confirmed and not board.standing.in_sync
    assert "an earlier run" in board.standing.trouble
    watch.hint("connected")
    watch.first()
    assert world.calls == ["resume", "read", "read"] and board.standing.in_sync


def test_a_release_of_an_earlier_run_that_cannot_be_served_is_no_end() -> None:
    def fail() -> str:
        raise ProxyError("nginx is not installed")

    world = Counting()
    world.resume = fail  # type: ignore[method-assign]
    watch = world.watch()
    watch._resume()
    assert watch.first().outcome == APPLIED


def test_an_answer_that_no_source_was_written_for_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Counting()
    answers: list[Any] = [KeyError("Id"), State(source="test")]

    def read() -> State:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return State(source="test")

    monkeypatch.setattr(world, "read", read)
    watch = world.watch()
    watch.hint("connected")
    assert isinstance(watch.first().outcome, Applied) and not answers


def test_an_order_to_stop_breaks_off_a_read_that_still_waits() -> None:
    world, late = Counting(), []

    def read() -> State:
        threading.Event().wait(20)
        late.append(1)
        return State(source="test")

    world.read = read  # type: ignore[method-assign]
    watch = world.watch()
    before = signal.signal(signal.SIGALRM, lambda *_: watch.stop())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        watch.run()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert (late, world.stopped.is_set(), world.closed.is_set()) == ([], True, True)


def test_a_source_whose_hints_break_off_is_listened_to_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gen.watch._SHORTEST_RETRY", 0.01)
    world = Counting()
    rest, begun = world.changes, []

    def changes() -> Iterator[Change]:
        begun.append(1)
        return iter([_wrong()]) if len(begun) == 1 else rest()

    def _wrong() -> Change:
        raise ValueError("what is this")

    monkeypatch.setattr(world, "changes", changes)
    watch, thread = run(world)
    eventually(lambda: len(begun) == 2 and world.resyncs == 1, timeout=5, message="another try, and a look at all")
    watch.stop()
    thread.join(5)


def test_the_first_pass_tells_what_was_resumed_as_started() -> None:
    world = Counting(Unchanged(digest=BUNDLE.digest))
    world.resume = lambda: BUNDLE.digest  # type: ignore[method-assign]
    watch = world.watch()
    watch._resume()
    first = watch.first().outcome
    assert isinstance(first, Applied) and (first.how, first.digest) == ("start", BUNDLE.digest)
    watch.resync()
    assert isinstance(watch.update().outcome, Unchanged)
