"""Calls side by side."""

from __future__ import annotations

import threading

import pytest

from gen.sources.side_by_side import side_by_side


def test_results_come_in_the_order_of_their_arguments() -> None:
    assert side_by_side(lambda number: number * 2, list(range(50)), most=8) == [number * 2 for number in range(50)]
    assert side_by_side(str, [], most=8) == []


def test_no_more_calls_at_a_time_than_are_allowed() -> None:
    lock, now, most = threading.Lock(), [0], [0]
    gate = threading.Barrier(3)

    def call(_: int) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        gate.wait(10)
        with lock:
            now[0] -= 1

    side_by_side(call, list(range(9)), most=3)
    assert most == [3]


def test_the_first_error_is_raised_and_what_has_not_begun_is_not_done() -> None:
    done: list[int] = []

    def call(number: int) -> None:
        done.append(number)
        raise OSError(f"no {number}")

    with pytest.raises(OSError, match="no 0"):
        side_by_side(call, [0, *range(1, 9)], most=1)
    assert set(done) <= {0, 1}


def test_one_that_hangs_is_not_waited_for() -> None:
    never = threading.Event()

    def call(number: int) -> None:
        if number == 0:
            never.wait(60)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        side_by_side(call, [0, 1], most=2)
    assert all(one.daemon for one in threading.enumerate() if one.name.startswith("side by side"))
    never.set()
