"""Memo: equality of inputs is the only reason to reuse an answer."""

from __future__ import annotations

from gen.memo import Memo


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
