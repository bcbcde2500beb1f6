"""Addresses: at which host and port the proxy reaches an instance, in the order of the rule."""

from __future__ import annotations

from typing import Any

import pytest

from gen.build.addresses import state
from gen.model import Server
from gen.settings import Settings
from gen.state import Address, Instance, Port, Vantage
from gen.table import routes, rows
from tests.support.labelled import SETTINGS, built, messages, workload

INSIDE = Vantage(kind="container", name="proxy", networks=("edge", "web"))
OUTSIDE = Vantage(kind="host", networks=(), published_at="127.0.0.1", host_at="127.0.0.1")


def found(vantage: Vantage, *, labels: dict[str, str] | None = None, **parts: Any) -> tuple[list[Server], list[str]]:
    instance = Instance(**({"id": "s", "name": "s", "ports": (Port(number=80),)} | parts))
    model = built(
        workload("shop", {"fairway.host": "a.test", **(labels or {})}, instance), vantage=vantage, settings=SETTINGS
    )
    return list(model.upstreams[0].servers), messages(model)


def places(*names: str) -> tuple[Address, ...]:
    return tuple(Address(network=name, host=f"10.{number}.0.1") for number, name in enumerate(names))


@pytest.mark.parametrize(
    ("networks", "vantage", "label", "host"),
    [
        (("db", "web"), INSIDE, "", "10.1.0.1"),
        (("edge", "web"), INSIDE, "", "10.0.0.1"),
        (("edge", "web"), INSIDE, "web", "10.1.0.1"),
        (("bridge", "other"), Vantage(), "", "10.1.0.1"),
        (("edge", "shop_back"), Vantage(), "back", "10.1.0.1"),
    ],
)
def test_the_best_of_the_shared_networks(networks: tuple[str, ...], vantage: Vantage, label: str, host: str) -> None:
    labels = {"fairway.network": label} if label else {}
    servers, told = found(vantage, labels=labels, addresses=places(*networks))
    assert ([server.host for server in servers], told) == ([host], [])


def test_a_network_without_an_address_yet_is_no_choice() -> None:
    addresses = (Address(network="edge", host=""), Address(network="web", host="10.1.0.1"))
    assert [server.host for server in found(INSIDE, addresses=addresses)[0]] == ["10.1.0.1"]


@pytest.mark.parametrize(
    ("host_ip", "host"), [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("192.0.2.7", "192.0.2.7")]
)
def test_a_published_port_answers_where_it_is_bound(host_ip: str, host: str) -> None:
    ports = (Port(number=80, host_ip=host_ip, host_port=32768),)
    [server] = found(OUTSIDE, addresses=places("bridge"), ports=ports)[0]
    assert (server.host, server.port, server.is_name) == (host, 32768, False)


def test_from_inside_a_published_port_is_no_way() -> None:
    vantage = Vantage(kind="container", name="proxy", networks=("web",), published_at="172.17.0.1")
    ports = (Port(number=80, host_ip="0.0.0.0", host_port=32768),)
    assert found(vantage, addresses=places("db"), ports=ports)[0] == []


def test_the_hosts_own_network_is_reached_at_the_host() -> None:
    [server] = found(OUTSIDE, host_network=True)[0]
    assert (server.host, server.port) == ("127.0.0.1", 80)
    servers, told = found(INSIDE, host_network=True)
    assert servers == []
    assert told == [
        "shop: fairway.host: s is on the host's network; the proxy proxy reaches edge, web (docker network connect "
        "bridge proxy; from an internal network nobody reaches the host)"
    ]


@pytest.mark.parametrize(
    ("networks", "label", "hint"),
    [
        (("db",), "", "docker network connect db proxy"),
        ((), "", "docker network connect edge shop"),
        (("db",), "db", "docker network connect db proxy"),
        (("db",), "web", "docker network connect web shop"),
        (("web",), "db", "both are on web"),
    ],
)
def test_who_cannot_be_reached_is_told_what_would_help(networks: tuple[str, ...], label: str, hint: str) -> None:
    servers, told = found(INSIDE, labels={"fairway.network": label}, addresses=places(*networks))
    assert servers == []
    assert told[0].endswith(f"({hint})")


@pytest.mark.parametrize(
    ("ports", "label", "number"),
    [
        ((Port(number=80),), "", 80),
        ((Port(number=80), Port(number=90, protocol="udp")), "", 80),
        ((Port(number=80), Port(number=90)), "90", 90),
        ((Port(number=80), Port(number=90)), "70", 70),
        ((Port(number=80, name="web"), Port(number=90, name="admin")), "admin", 90),
    ],
)
def test_the_port_is_the_labels_or_the_only_one(ports: tuple[Port, ...], label: str, number: int) -> None:
    labels = {"fairway.port": label} if label else {}
    assert [server.port for server in found(Vantage(), labels=labels, addresses=places("web"), ports=ports)[0]] == [
        number
    ]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, "ready"),
        ({"health": "healthy"}, "ready"),
        ({"health": "starting"}, "down"),
        ({"health": "unhealthy"}, "down"),
        ({"health": "healthy", "stopping": True}, "drain"),
        ({"running": False}, "down"),
    ],
)
def test_only_who_is_well_gets_new_requests(parts: dict[str, Any], expected: str) -> None:
    assert state(Instance(id="s", name="s", **parts)) == expected


def test_the_operators_network_is_preferred() -> None:
    settings = Settings(listeners=SETTINGS.listeners, network="web")
    instance = Instance(id="s", name="s", addresses=places("edge", "web"), ports=(Port(number=80),))
    model = built(workload("shop", {"fairway.host": "a.test"}, instance), settings=settings)
    assert [server.host for server in model.upstreams[0].servers] == ["10.1.0.1"]


def test_a_server_of_a_swarm_says_which_task_on_which_node_it_is_and_a_plan_does_not() -> None:
    instance = Instance(id="t", name="web.1", node="two", stopping=True, addresses=places("edge"))
    model = built(workload("web", {"fairway.host": "a.test", "fairway.port": "80"}, instance), vantage=INSIDE)
    assert routes(model)[0].servers == ("10.0.0.1:80 web.1 on two (drain)",)
    assert [row for key, row in rows(model).items() if key.startswith("server")] == [{"is": "(drain)"}]
