"""Moved: a saved plan and what would be done now → what is another one since, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gen.plan import PROXY, Change, Plan, Rows, changes_between
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
    planned = () if is_done else wanted.changes
    before, after = map(_by_what, (planned, now.changes))
    words = {"+": "new", "-": "no more", "~": "differs"}
    found = [f"{one.what} ({words[one.sign]})" for one in changes_between(before, after)]
    if found:
        return told(found)
    if wanted.fairway != fairway:
        return f"its routes are the same, but Fairway {wanted.fairway} made the plan, and this is {fairway}"
    return "its routes are the same; settings, templates or certificates are not"


def _by_what(changes: Iterable[Change]) -> Rows:
    """What a proxy was found to serve is no part of the world."""
    return {one.what: {"": f"{one.sign} {one.detail}"} for one in changes if one.what != PROXY}


def told(found: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = [f"and {len(found) - _SHOWN} more"] * (len(found) > _SHOWN)
    return "; ".join([*found[:_SHOWN], *more])
