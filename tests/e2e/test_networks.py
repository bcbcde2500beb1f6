"""Over which network a container is reached, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway
from tests.e2e.relay import relay
from tests.support.proxy import free_port

pytestmark = pytest.mark.docker


def test_a_container_that_joins_a_network_is_served_there_and_not_after_it_left(
    engine: Engine, fairway: Fairway
) -> None:
    network = engine.network("fw-joined")
    container = engine.run("fw-joins", labels={"fairway.host": "join.test"}, network="none")
    problem = fairway.wait("problem", "fw-joins")
    assert "fw-joins is on no network; the proxy's host reaches bridge, fw-joined" in problem["message"]
    fairway.answers(503, "join.test")
    engine.client.networks.get("none").disconnect(container)
    network.connect(container)
    fairway.serves("join.test", by="fw-joins")
    fairway.wait("solved", "fw-joins")
    seen = fairway.mark
    network.disconnect(container)
    fairway.wait("problem", "fw-joins is on no network", after=seen)
    fairway.answers(503, "join.test")


def test_the_label_chooses_between_two_networks(engine: Engine, fairway: Fairway) -> None:
    first, second = engine.network("fw-first"), engine.network("fw-second")
    container = engine.run("fw-two", labels={"fairway.host": "two.test", "fairway.network": "fw-second"}, network=first)
    fairway.wait("problem", "not to be reached on network 'fw-second'")
    second.connect(container)
    fairway.serves("two.test", by="fw-two")
    address = engine.address(container, second)[0]
    assert f"{address}:8080" in fairway.run("routes")[1]


def test_a_bridge_on_which_we_have_no_address_is_out_of_reach_and_the_hint_says_what_helps(
    engine: Engine, fairway: Fairway
) -> None:
    engine.network("fw-far", options={"com.docker.network.bridge.inhibit_ipv4": "true"})
    engine.run("fw-away", labels={"fairway.host": "away.test"}, network="fw-far")
    engine.run("fw-near", labels={"fairway.host": "near.test"})
    problem = fairway.wait("problem", "fw-away is on fw-far; the proxy's host reaches bridge")
    assert "publish the port" in problem["message"]
    fairway.answers(503, "away.test")
    fairway.serves("near.test")


def test_from_another_machine_a_container_is_reached_by_its_published_port(
    private_engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    """The engine answers at an address that is not ours, so its networks do not count, although a route leads there."""
    with relay(private_engine) as url:
        fairway = new_fairway(engine=private_engine, outside=True, docker=url)
        private_engine.run("fw-publish", labels={"fairway.host": "publish.test"}, ports={"8080/tcp": None})
        private_engine.run("fw-hidden", labels={"fairway.host": "hidden.test"})
        fairway.start()
        fairway.serves("publish.test", by="fw-publish")
        fairway.answers(503, "hidden.test")
        routes = fairway.run("routes")[1]
        assert f"{private_engine.published_at}:" in routes
        problem = fairway.wait("problem")["message"]
        assert "fw-hidden is on another machine, and its port 8080 is not published there" in problem


def test_a_container_on_the_hosts_network_is_reached_at_the_loopback(engine: Engine, fairway: Fairway) -> None:
    port = free_port()
    labels = {"fairway.host": "host.test", "fairway.port": str(port)}
    engine.run("fw-host", labels=labels, network_mode="host", environment={"PORT": str(port)})
    fairway.serves("host.test", by="fw-host")
    assert f"127.0.0.1:{port}" in fairway.run("routes")[1]
