"""How much would go, and when somebody has to agree."""

from __future__ import annotations

import pytest

from gen.plan import Change
from gen.plan.removals import Removal, removals, too_many


def test_routes_and_servers_that_go_are_counted_among_those_that_are_there() -> None:
    before: dict[str, dict[str, str]] = {"route a": {}, "route b": {}, "server x of a": {}, "listener web": {}}
    changes = [
        Change(sign="-", what="route a"),
        Change(sign="-", what="listener web"),
        Change(sign="+", what="route c"),
    ]
    assert removals(before, changes) == (Removal(kind="route", before=2, gone=1),)


@pytest.mark.parametrize(
    ("before", "gone", "percent", "is_too_much"),
    [
        (10, 3, 30, False),
        (10, 4, 30, True),
        (3, 2, 30, False),
        (3, 3, 30, True),
        (1000, 3, 0, True),
        (5, 5, 100, False),
    ],
)
def test_a_share_and_more_than_a_few(before: int, gone: int, percent: int, is_too_much: bool) -> None:
    found = too_many([Removal(kind="route", before=before, gone=gone)], percent)
    assert bool(found) is is_too_much
