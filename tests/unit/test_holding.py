"""Holding: recreating containers changes neither the owner of a route nor makes it unknown, in any order."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from gen.decide import Request, decide
from gen.model import Model
from gen.state import Workload
from tests.support.recreated import Daemon
from tests.support.world import instance


def answer(model: Model, target: str = "/") -> tuple[str, int]:
    """The owner that answers, and its servers."""
    route = decide(model, Request(listener="web", host="a.test", target=target))
    assert route is not None
    return route.owner, next(len(up.ready) for up in model.upstreams if up.id == route.upstream)


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_a_recreated_container_keeps_its_route_though_another_owners_is_older_now(proxy: str) -> None:
    daemon = Daemon(proxy)
    daemon.start("a", "red", 1.0)
    assert answer(daemon.start("b", "blue", 2.0)) == ("red", 1)
    assert answer(daemon.remove("a")) == ("red", 0)
    assert answer(daemon.start("a2", "red", 3.0)) == ("red", 1)
    daemon.clock.now = 1000.0
    assert answer(daemon.update()) == ("red", 1)


@pytest.mark.parametrize("order", list(permutations(["remove a", "start a2", "remove b", "start b2"])))
def test_no_order_of_recreating_changes_the_owner_or_loses_the_route(order: tuple[str, ...]) -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0)
    daemon.start("b", "blue", 2.0)
    for number, step in enumerate(order):
        verb, name = step.split()
        owner = "red" if name.startswith("a") else "blue"
        model = daemon.remove(name) if verb == "remove" else daemon.start(name, owner, 10.0 + number)
        assert answer(model)[0] == "red", step


def test_a_route_goes_to_the_next_owner_when_the_time_is_over() -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0)
    daemon.start("b", "blue", 2.0)
    assert answer(daemon.remove("a")) == ("red", 0)
    daemon.clock.now = 59.0
    assert not daemon.pipeline.is_stale()
    assert answer(daemon.update()) == ("red", 0)
    daemon.clock.now = 60.0
    assert daemon.pipeline.is_stale()
    assert answer(daemon.update()) == ("blue", 1)
    assert answer(daemon.start("a2", "red", 0.5)) == ("blue", 1)


def test_a_container_that_ended_keeps_its_claim_while_it_exists() -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0)
    daemon.start("b", "blue", 2.0)
    ended = daemon.containers["a"]
    stopped = instance("a", "", 80)
    daemon.containers["a"] = Workload(
        id="a",
        name="a",
        created=1.0,
        labels=ended.labels,
        instances=(type(stopped)(id="a", name="a", running=False),),
    )
    daemon.clock.now = 1000.0
    assert answer(daemon.update()) == ("red", 0)


def test_a_restart_of_the_daemon_changes_no_owner_of_a_recreated_container() -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0)
    daemon.start("b", "blue", 2.0)
    daemon.remove("a")
    daemon.start("a2", "red", 3.0)
    assert answer(daemon.restarted().update()) == ("red", 1)
    unknowing = Daemon()
    unknowing.containers = daemon.containers
    assert answer(unknowing.update()) == ("blue", 1)


def test_a_guard_keeps_its_place_across_a_restart() -> None:
    guard = {"fairway.path": "/x", "fairway.ip_allow": "10.0.0.0/8"}
    daemon = Daemon()
    daemon.start("a", "red", 1.0, guard)
    daemon.start("b", "blue", 2.0, {"fairway.path": "/x/y"})
    daemon.remove("a")
    daemon.start("a2", "red", 3.0, guard)
    assert answer(daemon.restarted().update(), "/x/y") == ("red", 1)


def test_nothing_is_left_of_a_copy_among_others() -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0)
    daemon.start("aa", "red", 2.0)
    model = daemon.remove("aa")
    assert [origin.workload for origin in model.routes[0].origins] == ["a"]


def test_a_younger_guard_does_not_evict_a_route_and_a_guard_keeps_its_place_when_recreated() -> None:
    guard = {"fairway.path": "/x", "fairway.ip_allow": "10.0.0.0/8"}
    daemon = Daemon()
    daemon.start("a", "red", 1.0, guard)
    assert answer(daemon.start("b", "blue", 2.0, {"fairway.path": "/x/y"}), "/x/y") == ("red", 1)
    daemon.remove("a")
    assert answer(daemon.start("a2", "red", 3.0, guard), "/x/y") == ("red", 1)
    other = Daemon()
    other.start("b", "blue", 1.0, {"fairway.path": "/x/y"})
    model = other.start("a", "red", 2.0, guard)
    assert answer(model, "/x/y") == ("blue", 1)
    assert [str(problem) for problem in model.problems] == [
        "a: fairway.ip_allow: ip_allow of owner red does not cover a.test/x/y: it is a route of owner blue, "
        "declared by b (fairway.path) (b is older and prevails; the setting claims gives a host to one owner)"
    ]


GUARD = {"fairway.ip_allow": "10.0.0.0/8"}


def guards(model: Model) -> list[str]:
    """The guards of the one route."""
    (route,) = model.routes
    return [policy.name for policy in route.policies if policy.guards]


def test_recreating_the_guarded_workload_opens_no_other_one_of_its_pool() -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0, GUARD)
    assert guards(daemon.start("b", "red", 2.0)) == ["ip_allow"]
    assert guards(daemon.remove("a")) == ["ip_allow"]
    assert guards(daemon.start("a", "red", 3.0, GUARD)) == ["ip_allow"]


def test_a_guard_that_its_workload_no_longer_requests_is_gone_when_that_is_back() -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0, GUARD)
    daemon.start("b", "red", 2.0)
    daemon.remove("a")
    assert guards(daemon.start("a", "red", 3.0)) == []


def test_a_guard_of_a_workload_that_does_not_come_back_ends_with_its_hold() -> None:
    daemon = Daemon()
    daemon.start("a", "red", 1.0, GUARD)
    daemon.start("b", "red", 2.0)
    daemon.remove("a")
    daemon.clock.now = 60.0
    assert guards(daemon.update()) == []


def test_a_stopped_workload_keeps_its_guard_for_the_pool() -> None:
    daemon = Daemon()
    stopped = replace(instance("a", "10.0.0.9", 80), running=False)
    daemon.start("a", "red", 1.0, GUARD, at=stopped)
    model = daemon.start("b", "red", 2.0)
    assert (guards(model), answer(model)) == (["ip_allow"], ("red", 1))
