"""Pools by name, with Docker's own DNS server: who comes or goes needs neither a reload nor Fairway."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.models.containers import Container
from docker.models.networks import Network

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = pytest.mark.docker
BY_NAME = {"fairway.host": "shop.test", "fairway.resolve": "dns"}


def run(engine: Engine, name: str, network: Network, *aliases: str, labels: dict[str, str] = BY_NAME) -> Container:
    """A container with other names on a network."""
    config = engine.client.api.create_endpoint_config(aliases=list(aliases))
    return engine.run(name, labels=labels, network=network, networking_config={network.name: config})


def who(address: tuple[str, int], host: str = "shop.test") -> set[str]:
    """Who answers a dozen requests; a status where nobody does."""
    replies = [http_get(address, host=host) for _ in range(12)]
    return {str(one.json()["instance"]) if one.status == 200 else str(one.status) for one in replies}


def becomes(address: tuple[str, int], *names: str) -> None:
    message = f"answers of {', '.join(names)} alone"
    eventually(lambda: who(address) == set(names), timeout=30, message=message)


@on_both
def test_one_that_joins_while_fairway_is_dead_gets_requests(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    edge = engine.network("fw-edge")
    fairway = new_fairway(proxy_container="fw-proxy", resolver_valid="1s")
    proxy = proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge)
    first, _ = (run(engine, name, edge, "shop") for name in ("fw-one", "fw-two"))
    fairway.start()
    address = (engine.address(proxy, edge)[0], fairway.port)
    becomes(address, "fw-one", "fw-two")
    # The proxy was not up before: now it is asked what it can do.
    fairway.stop()
    fairway.start(until="")
    eventually(lambda: {one["event"] for one in fairway.events} & {"applied", "unchanged"})
    served = (fairway.directory / "current").readlink()
    fairway.kill()
    run(engine, "fw-three", edge, "shop")
    becomes(address, "fw-one", "fw-two", "fw-three")
    first.remove(force=True)
    becomes(address, "fw-two", "fw-three")
    assert fairway.run("plan")[::2] == (0, "nothing would change\n")
    fairway.start(until="unchanged")
    run(engine, "fw-four", edge, "shop")
    becomes(address, "fw-two", "fw-three", "fw-four")
    fairway.stop()
    assert [one for one in fairway.events if one["event"] == "applied"] == []
    assert (fairway.directory / "current").readlink() == served


@on_both
def test_who_takes_the_name_on_another_network_gets_nothing(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    """The proxy is on both networks, and Docker's DNS server knows `shop` on both."""
    edge, other = engine.network("fw-edge"), engine.network("fw-a-tenants")
    fairway = new_fairway(proxy_container="fw-proxy", resolver_valid="1s")
    proxy = proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge)
    other.connect(proxy)
    run(engine, "fw-thief", other, "shop", labels={})
    run(engine, "fw-one", edge, "shop")
    fairway.start()
    address = (engine.address(proxy, edge)[0], fairway.port)
    becomes(address, "fw-one")
    run(engine, "fw-spy", other, "db", labels=BY_NAME | {"fairway.host": "spy.test", "fairway.resolve_name": "private"})
    run(engine, "fw-private", edge, "private", labels={})
    problem = fairway.wait("problem", "fw-spy")
    assert "fw-spy does not have the name private on fw-a-tenants; db is used" in problem["message"]
    eventually(lambda: who(address, "spy.test") == {"fw-spy"}, timeout=30)
    assert who(address) == {"fw-one"}


@on_both
@pytest.mark.parametrize("nearby", [True, False], ids=["the-same-network", "another-network"])
def test_who_takes_a_name_and_is_known_ends_its_use(
    engine: Engine, new_fairway: Callable[..., Fairway], nearby: bool
) -> None:
    edge = engine.network("fw-edge")
    fairway = new_fairway(proxy_container="fw-proxy", resolver_valid="1s")
    proxy = proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge)
    run(engine, "fw-one", edge, "shop")
    fairway.start()
    address = (engine.address(proxy, edge)[0], fairway.port)
    becomes(address, "fw-one")
    other = engine.network("fw-other")
    other.connect(proxy)
    network, name = (edge, "shop") if nearby else (other, "shop.fw-edge")
    run(engine, "fw-thief", network, name, labels={"fairway.host": "thief.test"})
    problem = fairway.wait("problem", "fw-one")
    assert "the name shop on fw-edge is that of fw-thief too" in problem["message"]
    eventually(lambda: who(address, "thief.test") == {"fw-thief"}, timeout=30)
    becomes(address, "fw-one")
