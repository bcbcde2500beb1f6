"""Each network driver, seen from the host: over which address a container is reached, or the hint that helps when it
is followed."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable

import pytest
from docker.types import IPAMConfig, IPAMPool

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = pytest.mark.docker
LABELS = {"fairway.host": "a.test"}


def follow(engine: Engine, hint: str) -> None:
    """Runs the commands of a hint as a reader would."""
    for command in hint.split(" && "):
        words = shlex.split(command)
        assert words[0] == "docker"
        subprocess.run([words[0], "--host", engine.url, *words[1:]], check=True, capture_output=True)


def until_served(address: tuple[str, int], host: str) -> None:
    eventually(lambda: http_get(address, host=host).status == 200, timeout=20)


def hint_of(problem: dict[str, object]) -> str:
    return str(problem["message"]).rpartition("(")[2].rstrip(")")


def pools(*subnets: str) -> IPAMConfig:
    return IPAMConfig(pool_configs=[IPAMPool(subnet=subnet) for subnet in subnets])


@on_both
def test_a_container_without_network_is_served_once_the_hint_is_followed(engine: Engine, fairway: Fairway) -> None:
    engine.run("fw-none", labels=LABELS, network="none")
    problem = fairway.wait("problem", "fw-none is on no network")
    follow(engine, hint_of(problem))
    fairway.serves("a.test", by="fw-none")


@on_both
def test_on_a_network_with_both_ipv4_is_used(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    dual = engine.network("fw-dual", enable_ipv6=True, ipam=pools("10.98.7.0/24", "fd00:fa1:7::/64"))
    container = engine.run("fw-both", labels=LABELS, network=dual)
    fairway = new_fairway().start()
    fairway.serves("a.test", by="fw-both")
    assert engine.address(container, dual)[0] in fairway.run("routes")[1]


@on_both
def test_where_the_host_has_only_ipv6_that_is_used(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    sixth = engine.network(
        "fw-six",
        enable_ipv6=True,
        ipam=pools("10.98.8.0/24", "fd00:fa1:8::/64"),
        options={"com.docker.network.bridge.inhibit_ipv4": "true"},
    )
    engine.run("fw-sixth", labels=LABELS, network=sixth)
    fairway = new_fairway().start()
    fairway.serves("a.test", by="fw-sixth")
    assert "[fd00:fa1:8::" in fairway.run("routes")[1]


@on_both
def test_an_internal_network_is_reached_from_the_host(engine: Engine, fairway: Fairway) -> None:
    inner = engine.network("fw-inner", internal=True)
    container = engine.run("fw-hid", labels=LABELS, network=inner)
    fairway.serves("a.test", by="fw-hid")
    assert engine.address(container, inner)[0] in fairway.run("routes")[1]


@on_both
def test_macvlan_and_overlay_are_not_and_the_hints_help(
    private_engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    """The link to this machine is the parent; a swarm of one brings the overlay."""
    fairway = new_fairway(engine=private_engine).start()
    lan = private_engine.network("fw-mac", driver="macvlan", ipam=pools("10.98.9.0/24"), options={"parent": "uplink"})
    private_engine.client.swarm.init(advertise_addr=private_engine.published_at)
    over = private_engine.network("fw-over", driver="overlay", attachable=True)
    for network, name in ((lan, "fw-lan"), (over, "fw-laid")):
        private_engine.run(name, labels={"fairway.host": f"{name}.test"}, network=network)
        problem = fairway.wait("problem", f"{name} is on {network.name}; the proxy's host reaches bridge")
        fairway.answers(503, f"{name}.test")
        follow(private_engine, hint_of(problem))
        fairway.serves(f"{name}.test", by=name)


@on_both
def test_a_proxy_on_a_macvlan_or_overlay_or_internal_network_reaches_who_is_there(
    private_engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    """The test asks the proxy over a bridge; what it asks for is on the other networks alone."""
    edge = private_engine.network("fw-edge")
    lan = private_engine.network("fw-mac", driver="macvlan", ipam=pools("10.98.9.0/24"), options={"parent": "uplink"})
    private_engine.client.swarm.init(advertise_addr=private_engine.published_at)
    over = private_engine.network("fw-over", driver="overlay", attachable=True)
    inner = private_engine.network("fw-inner", internal=True)
    fairway = new_fairway(engine=private_engine, proxy_container="fw-proxy")
    proxy = proxy_beside(private_engine, fairway, inside=str(fairway.directory), network=edge)
    private_engine.run("fw-web", labels={"fairway.host": "web.test"}, network=edge)
    fairway.start()
    address = (private_engine.address(proxy, edge)[0], fairway.port)
    for network, name in ((lan, "fw-lan"), (over, "fw-laid"), (inner, "fw-hid")):
        container = private_engine.run(name, labels={"fairway.host": f"{name}.test"}, network=network)
        follow(private_engine, hint_of(fairway.wait("problem", f"{name} is on {network.name}; the proxy fw-proxy")))
        until_served(address, f"{name}.test")
        assert private_engine.address(container, network)[0] in fairway.run("routes")[1]


@on_both
@pytest.mark.parametrize("by", ["name", "id"])
def test_a_borrowed_network_is_used_lost_and_regained(engine: Engine, fairway: Fairway, by: str) -> None:
    owner = engine.run("fw-owner", environment={"PORT": "9090"})
    lender = owner.name if by == "name" else owner.id
    borrower = engine.run("fw-guest", labels=LABELS | {"fairway.port": "8080"}, network_mode=f"container:{lender}")
    fairway.serves("a.test", by="fw-guest")
    owner.restart(timeout=1)
    problem = fairway.wait("problem", "fw-guest uses the network of fw-owner, which has ended or was started again")
    assert "docker restart fw-guest" in problem["message"]
    fairway.answers(503, "a.test")
    borrower.restart(timeout=1)
    fairway.serves("a.test", by="fw-guest")
