"""What is another one since a plan was made, in words."""

from __future__ import annotations

from gen.plan import PROXY, Change, Plan
from gen.plan.moved import has_moved, moved
from gen.plan.saved import SavedPlan, saved

ONE, TWO = Change(sign="+", what="route one"), Change(sign="-", what="route two")
JOIN = Change(sign="+", what="network shop", detail="proxy is connected to it")


def plan(*changes: Change, digest: str = "0" * 16) -> Plan:
    return Plan(changes=changes, diff="", digest=digest)


def kept(*changes: Change, fairway: str = "1") -> SavedPlan:
    return saved(plan(*changes), fairway=fairway, proxy="nginx", installed="", capabilities=frozenset(), problems=())


def words(wanted: SavedPlan, *changes: Change, is_done: bool = False) -> str:
    return moved(wanted, plan(*changes), is_done=is_done, fairway="1")


def test_the_same_release_is_the_same_plan_but_for_networks_that_it_does_not_name() -> None:
    assert not has_moved(kept(ONE, JOIN), plan(ONE, JOIN))
    assert not has_moved(kept(ONE, JOIN), plan(ONE)), "somebody joined it meanwhile"
    assert has_moved(kept(ONE), plan(ONE, JOIN))
    assert has_moved(kept(JOIN), plan(Change(sign="-", what=JOIN.what)))
    assert has_moved(kept(ONE), plan(ONE, digest="1" * 16))


def test_what_came_and_what_is_no_more_done_is_told() -> None:
    assert words(kept(ONE), TWO) == "+ route one was planned; - route two was not planned"
    assert words(kept(ONE), Change(sign="-", what=ONE.what)) == "- route one was planned otherwise"
    assert words(kept(ONE), ONE, JOIN) == "+ network shop was not planned"


def test_after_it_was_done_only_what_came_later_is_told() -> None:
    assert words(kept(ONE), TWO, is_done=True) == "- route two was not planned"


def test_what_the_proxy_served_is_no_part_of_the_world() -> None:
    told = words(kept(Change(sign="~", what=PROXY), ONE), ONE)
    assert told == "its routes are the same; settings, templates or certificates are not"


def test_another_fairway_is_named() -> None:
    told = words(kept(ONE, fairway="0.9"), ONE)
    assert told == "its routes are the same, but Fairway 0.9 made the plan, and this is 1"


def test_what_nobody_would_read_is_counted() -> None:
    told = words(kept(), *(Change(sign="+", what=f"route {number}") for number in range(30)))
    assert told.endswith("; and 20 more")
