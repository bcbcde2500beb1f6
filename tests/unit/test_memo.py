"""Memo: equality of inputs is the only reason to reuse an answer."""

from __future__ import annotations

import gc

import pytest

from gen.memo import Memo, uncollected


class Doubler:
    """Counts how often it was really asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, number: int) -> int:
        self.calls += 1
        return 2 * number


def test_equal_inputs_are_computed_once() -> None:
    memo, double = Memo(), Doubler()
    assert [memo("a", double, 2), memo("a", double, 2)] == [4, 4]
    assert double.calls == 1


def test_other_inputs_are_computed_anew() -> None:
    memo, double = Memo(), Doubler()
    assert [memo("a", double, 2), memo("a", double, 3), memo("a", double, 2)] == [4, 6, 4]
    assert double.calls == 3


def test_slots_do_not_know_of_each_other() -> None:
    memo, double = Memo(), Doubler()
    assert [memo("a", double, 2), memo("b", double, 3), memo("a", double, 2)] == [4, 6, 4]
    assert double.calls == 2


def test_a_sweep_forgets_what_nobody_asked_for_since_the_last() -> None:
    memo, double = Memo(), Doubler()
    memo("a", double, 2)
    memo("b", double, 2)
    memo.sweep()
    memo("a", double, 2)
    memo.sweep()
    assert double.calls == 2
    memo("a", double, 2)
    memo("b", double, 2)
    assert double.calls == 3


def doubled(memo: Memo, double: Doubler, *numbers: int) -> tuple[int, ...]:
    return memo.each("row", double, numbers, key=int)


def test_of_a_row_only_new_items_are_computed_wherever_they_stand() -> None:
    memo, double = Memo(), Doubler()
    doubled(memo, double, *range(1000))
    assert doubled(memo, double, 5000, *reversed(range(1000))) == (10000, *range(1998, -1, -2))
    assert double.calls == 1001


def test_an_item_that_comes_back_before_the_sweep_is_known_and_after_it_is_forgotten() -> None:
    memo, double = Memo(), Doubler()
    doubled(memo, double, 1, 2, 3)
    doubled(memo, double, 1, 3)
    doubled(memo, double, 1, 2, 3)
    assert double.calls == 3
    doubled(memo, double, 1, 3)
    memo.sweep()
    doubled(memo, double, 1, 2, 3)
    assert double.calls == 4


def test_a_row_that_failed_half_way_is_computed_whole_the_next_time() -> None:
    memo = Memo()

    def inverse(number: int) -> float:
        return 1 / number

    def inverted(*numbers: int) -> tuple[float, ...]:
        return memo.each("row", inverse, numbers, key=int)

    inverted(1, 2, 4)
    with pytest.raises(ZeroDivisionError):
        inverted(4, 1, 0)
    assert inverted(4, 2, 1) == (0.25, 0.5, 1.0)


def test_the_collector_rests_while_a_world_is_made_and_is_as_it_was_afterwards() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
        _ = 1 / 0
    assert gc.isenabled()
