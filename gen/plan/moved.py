"""Moved: a saved plan and what would be done now → what is another one since, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gen.plan import PROXY, Change, Plan
from gen.plan.saved import SavedPlan

_SHOWN = 10


def has_moved(wanted: SavedPlan, now: Plan) -> bool:
    """Whether another release would come of it, or networks would be joined or left of which the plan says nothing."""
    planned = {(change.sign, change.what) for change in wanted.changes}
    networks = {(change.sign, change.what) for change in now.changes if change.what.startswith("network ")}
    return now.digest != wanted.digest or not networks <= planned


def moved(wanted: SavedPlan, now: Plan, *, is_done: bool, fairway: str) -> str:
    """What would be done now and was not planned, and the other way round. `is_done`: the plan was applied, so that all
    that would be done now came later. `fairway`: the version that asks."""
    planned = _by_what(() if is_done else wanted.changes)
    found = _by_what(now.changes)
    others = [found.get(what, planned.get(what)) for what in sorted(planned.keys() | found.keys())]
    words = [
        f"{one.sign} {one.what}{_why(one, planned, found)}"
        for one in others
        if one and not _is_same(one, planned, found)
    ]
    if words:
        return told(words)
    if wanted.fairway != fairway:
        return f"its routes are the same, but Fairway {wanted.fairway} made the plan, and this is {fairway}"
    return "its routes are the same; settings, templates or certificates are not"


def _by_what(changes: Iterable[Change]) -> dict[str, Change]:
    """What a proxy was found to serve is no part of the world."""
    return {one.what: one for one in changes if one.what != PROXY}


def _is_same(one: Change, planned: Mapping[str, Change], found: Mapping[str, Change]) -> bool:
    return planned.get(one.what) == found.get(one.what)


def _why(one: Change, planned: Mapping[str, Change], found: Mapping[str, Change]) -> str:
    if one.what not in planned:
        return " was not planned"
    return " was planned otherwise" if one.what in found else " was planned"


def told(found: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = [f"and {len(found) - _SHOWN} more"] * (len(found) > _SHOWN)
    return "; ".join([*found[:_SHOWN], *more])
