"""By name: which name a pool stands under, and that who comes or goes under it changes nothing that is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gen.build import build
from gen.memo import Memo
from gen.model import Model
from gen.plan import plan
from gen.state import Health, Vantage, Workload
from gen.values import Listen
from tests.support.labelled import SETTINGS, built, declared, instance, messages, workload, world
from tests.support.world import Maker

INSIDE = Vantage(kind="container", name="proxy", networks=("edge", "web"))
DNS = {"fairway.host": "a.test", "fairway.resolve": "dns"}


def one(number: int, *names: str, health: Health = "none", port: int = 80, **labels: str) -> Workload:
    """A container `c1` with its own name and others, which asks to be found by name."""
    name = f"c{number}"
    its = instance(name, f"10.0.0.{number}", port=port, names=tuple(sorted((name, *names))))
    own = DNS | {f"fairway.{key}": value for key, value in labels.items()}
    return workload(name, own, replace(its, health=health), created=float(number))


def model(*workloads: Workload, vantage: Vantage = INSIDE, **settings: Any) -> Model:
    return built(*workloads, vantage=vantage, settings=replace(SETTINGS, **settings))


def places(found: Model) -> list[str]:
    return [f"{server.host}:{server.port}" for upstream in found.upstreams for server in upstream.servers]


@pytest.mark.parametrize(
    ("workloads", "expected"),
    [
        ([one(1)], ["c1.web:80"]),
        ([one(1), one(2)], ["c1.web:80", "c2.web:80"]),
        ([one(1, "shop")], ["shop.web:80"]),
        ([one(1, "shop"), one(2, "shop")], ["shop.web:80"]),
        ([one(1, "alpha", "shop"), one(2, "shop")], ["shop.web:80"]),
        ([one(1, "shop"), one(2, "other")], ["other.web:80", "shop.web:80"]),
        ([one(1, "a", "shop", resolve_name="shop"), one(2, "a", "shop")], ["shop.web:80"]),
        ([one(1, "a", "shop", resolve_name="shop"), one(2, "a")], ["a.web:80", "shop.web:80"]),
        ([one(1, "Shop")], ["shop.web:80"]),
        ([one(1, "tasks.shop")], ["tasks.shop.web:80"]),
    ],
)
def test_the_name_that_most_of_the_pool_have_before_the_containers_own(
    workloads: list[Workload], expected: list[str]
) -> None:
    assert sorted(places(model(*workloads))) == expected


def test_a_given_name_comes_before_the_compose_services_and_that_before_its_own() -> None:
    label = {"com.docker.compose.service": "service"}
    its = instance("c1", names=("c1", "service"))
    assert places(model(workload("c1", DNS | label, its))) == ["service.web:80"]
    its = instance("c1", names=("c1", "service", "zulu"))
    assert places(model(workload("c1", DNS | label, its))) == ["zulu.web:80"]


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
@pytest.mark.parametrize(
    "after",
    [
        [one(1, "shop"), one(2, "shop"), one(3, "shop")],
        [one(2, "shop")],
        [one(1, "shop"), one(2, "shop", health="unhealthy")],
        [one(1, "shop"), one(2, "shop"), workload("c3", {"fairway.host": "a.test"}, instance("c3", names=("shop",)))],
    ],
    ids=["one-comes", "the-oldest-goes", "one-is-ill", "one-that-says-nothing-comes"],
)
def test_who_comes_or_goes_under_a_name_changes_no_byte(proxy: str, after: list[Workload]) -> None:
    maker = Maker(proxy, capabilities=frozenset({"ipv6", "upstream_resolve"}))
    was, now = (maker.bundle(model(*workloads)) for workloads in ([one(1, "shop"), one(2, "shop")], after))
    assert was.digest == now.digest
    assert plan({file.name: file.content for file in was.files}, now).changes == ()


def test_an_update_comes_to_what_a_first_look_does() -> None:
    memo = Memo()
    steps = [[one(1, "shop")], [one(1, "shop"), one(2, "shop")], [one(1, "shop"), one(2)], [one(2)]]
    for workloads in steps:
        state = world(*workloads, vantage=INSIDE)
        assert build(state, declared(state), SETTINGS, memo=memo) == build(state, declared(state), SETTINGS)
        memo.sweep()


def test_the_setting_counts_for_all_who_say_nothing() -> None:
    silent = workload("c1", {"fairway.host": "a.test"}, instance("c1", names=("c1",)))
    other = workload("c2", {"fairway.host": "b.test", "fairway.resolve": "address"}, instance("c2", "10.0.0.2"))
    found = model(silent, other, resolve="dns")
    assert (places(found), messages(found)) == (["c1.web:80", "10.0.0.2:80"], [])


def test_the_oldest_that_says_how_wins() -> None:
    found = model(one(1, "shop", resolve="address"), one(2, "shop"))
    assert places(found) == ["10.0.0.1:80", "10.0.0.2:80"]
    [told] = messages(found)
    assert "share a route and disagree on resolve: in effect is address, and not dns" in told


def test_routes_that_share_an_upstream_share_how_it_is_found() -> None:
    first = one(1, "shop", upstream="pool")
    second = workload("c2", {"fairway.host": "b.test", "fairway.upstream": "pool"}, instance("c2", names=("shop",)))
    assert places(model(first, second)) == ["shop.web:80"]


def test_streams_are_found_by_name_as_the_workload_or_they_themselves_say() -> None:
    labels = {"fairway.resolve": "dns", "fairway.tcp.db.port": "5432"}
    its = instance("c1", names=("c1", "db"))
    listeners = (Listen("web", 8080), Listen("db", 5432, protocol="tcp"))
    assert places(model(workload("c1", labels, its), listeners=listeners)) == ["db.web:5432"]
    own = {"fairway.tcp.db.resolve": "dns", "fairway.tcp.db.resolve_name": "c1", "fairway.tcp.db.port": "5432"}
    assert places(model(workload("c1", own, its), listeners=listeners)) == ["c1.web:5432"]


def test_one_server_stands_for_all_and_there_is_room_for_twice_as_many() -> None:
    few, many = ([one(number, "shop") for number in range(1, count + 1)] for count in (8, 9))
    assert [server.room for server in model(*few).upstreams[0].servers] == [16]
    assert [server.room for server in model(*many).upstreams[0].servers] == [32]


def test_who_shares_a_name_and_disagrees_is_told_and_the_oldest_wins() -> None:
    found = model(one(1, "shop", weight="2"), one(2, "shop", max_conns="5"))
    [server] = found.upstreams[0].servers
    assert (server.weight, server.max_conns) == (2, 0)
    assert ["disagree on weight: 2 there, 1 here" in text for text in messages(found)] == [False, True]
    assert "c2 and c1 are one server by name and disagree on max_conns: 0 there, 5 here" in messages(found)[0]


@pytest.mark.parametrize(
    ("healths", "expected"),
    [(("healthy", "starting"), "ready"), (("starting", "unhealthy"), "down"), (("none",), "ready")],
)
def test_a_name_is_there_while_one_of_its_containers_is(healths: tuple[Health, ...], expected: str) -> None:
    found = model(*(one(number, "shop", health=health) for number, health in enumerate(healths, 1)))
    assert [server.state for server in found.upstreams[0].servers] == [expected]


def test_nothing_of_it_is_left_in_a_model() -> None:
    for found in (model(one(1, "shop")), model(one(1), vantage=Vantage()), model(one(1, resolve="address"))):
        assert [server.known for upstream in found.upstreams for server in upstream.servers] == [None]
