"""Services of a swarm of one node, behind a proxy in a container that is attached to their overlay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from docker.models.networks import Network
from docker.types import EndpointSpec

from tests.e2e import daemon
from tests.e2e.conftest import NO_ENGINE
from tests.e2e.engine import Engine, new_private_engine
from tests.e2e.fairway import Fairway, fairway_on, on_both
from tests.e2e.swarm import SECOND, Swarm, fairway_attached, scale
from tests.e2e.traffic import steady
from tests.support.wait import eventually

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def only_swarm() -> Iterator[Swarm]:
    if not daemon.can_run():
        pytest.skip(NO_ENGINE)
    with closing(new_private_engine()) as engine:
        yield Swarm(engine)


@pytest.fixture
def swarm(only_swarm: Swarm) -> Iterator[Swarm]:
    try:
        yield only_swarm
    finally:
        only_swarm.clear()


@pytest.fixture
def edge(swarm: Swarm) -> Network:
    return swarm.overlay("fw-edge")


@pytest.fixture
def fairway(swarm: Swarm, edge: Network, proxy: str) -> Iterator[Fairway]:
    with fairway_attached(swarm, edge, proxy) as one:
        yield one


def instances(fairway: Fairway, host: str) -> set[str]:
    """Who answers, by the tasks' names without their ids; other answers by their status."""
    replies = [fairway.get(host) for _ in range(8)]
    names = [reply.json()["instance"] if reply.status == 200 else str(reply.status) for reply in replies]
    return {".".join(name.split(".")[:2]) for name in names}


@on_both
def test_a_service_is_served_by_its_tasks_scaled_and_removed(swarm: Swarm, edge: Network, fairway: Fairway) -> None:
    labels = {"fairway.host": "web.test", "fairway.port": "8080"}
    service = swarm.service("web", labels=labels, network=edge)
    fairway.serves("web.test")
    code, out, _ = fairway.run("routes")
    assert (code, f":8080 web.1 on {swarm.node}" in out) == (0, True), out
    service.reload()
    seen = fairway.mark
    scale(service, 3)
    eventually(lambda: instances(fairway, "web.test") == {"web.1", "web.2", "web.3"}, timeout=20)
    how = {"nginx": "reload", "haproxy": "live"}[fairway.proxy]
    assert fairway.wait("applied", "+ server", after=seen)["how"] == how
    service.reload()
    scale(service, 1)
    eventually(lambda: len(instances(fairway, "web.test")) == 1, timeout=20)
    service.remove()
    fairway.answers(404, "web.test")


@on_both
def test_a_service_by_name_is_scaled_while_fairway_is_dead(swarm: Swarm, edge: Network, fairway: Fairway) -> None:
    labels = {"fairway.host": "named.test", "fairway.port": "8080", "fairway.resolve": "dns"}
    service = swarm.service("named", labels=labels, network=edge)
    fairway.serves("named.test")
    assert "tasks.named.fw-edge:8080" in fairway.run("routes")[1]
    fairway.kill()
    scale(service, 3)
    three = {"named.1", "named.2", "named.3"}
    eventually(lambda: instances(fairway, "named.test") == three, timeout=40, message="answers of all three tasks")


@on_both
def test_a_rolling_update_loses_no_request(swarm: Swarm, edge: Network, fairway: Fairway) -> None:
    labels = {"fairway.host": "web.test", "fairway.port": "8080"}
    service = swarm.service("web", labels=labels, network=edge, replicas=2, grace=10)
    eventually(lambda: instances(fairway, "web.test") == {"web.1", "web.2"}, timeout=20)
    fairway.wait("applied", "+ server")
    with steady(lambda: fairway.get("web.test")) as traffic:
        eventually(lambda: len(traffic.served) == 2)
        service.reload()
        service.force_update()
        eventually(lambda: len(traffic.served) == 4, timeout=60, message=f"four tasks\n{fairway.log()}")
        eventually(lambda: updated(swarm, "web"), timeout=60, message="the end of the update")
        seen = traffic.served.copy()
        eventually(lambda: len(traffic.served - seen) == 2, message="answers of the new tasks")
    assert traffic.failed == [], fairway.log()


@on_both
def test_a_drained_node_serves_nobody_until_it_is_back(swarm: Swarm, edge: Network, fairway: Fairway) -> None:
    swarm.service("web", labels={"fairway.host": "web.test", "fairway.port": "8080"}, network=edge)
    fairway.serves("web.test")
    swarm.available("drain")
    fairway.answers(503, "web.test")
    swarm.available("active")
    fairway.serves("web.test")


def test_a_global_service_is_served_once_it_is_healthy(swarm: Swarm, edge: Network, fairway: Fairway) -> None:
    """The virtual address is left out, whatever the service's mode; a label may stand on the containers."""
    python = str(Path(sys.executable).resolve())
    test = ["CMD", python, "-c", "import os, sys; sys.exit(not os.path.exists('/tmp/well'))"]
    swarm.service(
        "all",
        labels={"fairway.host": "all.test"},
        container_labels={"fairway.port": "8080", "fairway.host": "other.test"},
        network=edge,
        replicas=None,
        healthcheck={"Test": test, "Interval": SECOND // 2, "Retries": 60},
    )
    told = fairway.wait("problem", "the service has one value and its containers another")
    assert "all: fairway.host" in told["message"]
    (container,) = eventually(lambda: swarm.client.containers.list(filters={"health": "starting"}), timeout=20)
    assert fairway.answers(503, "all.test")
    assert container.exec_run([python, "-c", "open('/tmp/well', 'w')"]).exit_code == 0
    assert fairway.serves("all.test").json()["instance"].startswith("all.")


def test_what_no_overlay_shares_with_the_proxy_says_how_to_share_one(swarm: Swarm, edge: Network) -> None:
    """Fairway and the proxy stand on the manager's host: an overlay is out of their reach, a node's port is not."""
    with fairway_on(swarm.engine, swarm=swarm.engine.url) as fairway:
        swarm.service("far", labels={"fairway.host": "far.test", "fairway.port": "8080"}, network=edge)
        swarm.service("bare", labels={"fairway.host": "bare.test"}, network=edge)
        ports: Any = {fairway.port + 1: (8080, "tcp", "host")}
        near = EndpointSpec(mode="dnsrr", ports=ports)
        swarm.service("near", labels={"fairway.host": "near.test"}, network=edge, endpoint_spec=near)
        fairway.start()
        assert "run the proxy in one that is attached to fw-edge" in fairway.wait("problem", "far.1")["message"]
        assert "does not tell what its image exposes" in fairway.wait("problem", "bare.1")["message"]
        fairway.serves("near.test")
        assert f"{swarm.engine.published_at}:{fairway.port + 1} near.1" in fairway.run("routes")[1]


def test_an_engine_without_a_swarm_says_so(engine: Engine) -> None:
    with fairway_on(engine, swarm=engine.url) as fairway:
        code, _, errors = fairway.run("routes")
    assert code == 69
    assert "the engine is in no swarm" in errors
    assert "docker swarm init" in errors


def updated(swarm: Swarm, name: str) -> bool:
    service = swarm.client.services.list(filters={"name": name})[0]
    return bool(service.attrs.get("UpdateStatus", {}).get("State") == "completed")
