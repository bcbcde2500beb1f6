"""A swarm of two nodes: tasks on another machine, over an overlay; a node that is drained, and one that is cut off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker.models.networks import Network

from tests.e2e import daemon
from tests.e2e.conftest import NO_ENGINE
from tests.e2e.fairway import Fairway, on_both
from tests.e2e.swarm import Cable, Swarm, fairway_attached, states, two_nodes
from tests.e2e.traffic import steady
from tests.support.http import Reply
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]
LABELS = {"fairway.host": "web.test", "fairway.port": "8080"}


@pytest.fixture(scope="module")
def cabled() -> Iterator[tuple[Swarm, Cable]]:
    if not daemon.can_run():
        pytest.skip(NO_ENGINE)
    with two_nodes() as (swarm, _, cable):
        yield swarm, cable


@pytest.fixture
def swarm(cabled: tuple[Swarm, Cable]) -> Iterator[Swarm]:
    swarm, cable = cabled
    try:
        yield swarm
    finally:
        cable.mend()
        eventually(lambda: states(swarm) == ["ready", "ready"], timeout=30, message="both nodes")
        swarm.clear()


@pytest.fixture
def edge(swarm: Swarm) -> Network:
    return swarm.overlay("fw-edge")


@pytest.fixture
def fairway(swarm: Swarm, edge: Network, proxy: str) -> Iterator[Fairway]:
    with fairway_attached(swarm, edge, proxy) as one:
        yield one


def ask(fairway: Fairway) -> Reply:
    return fairway.get("web.test")


def are_served_by(fairway: Fairway, count: int) -> bool:
    """Whether that many instances answer, and nothing else."""
    replies = [ask(fairway) for _ in range(12)]
    return all(reply.status == 200 for reply in replies) and len({r.json()["instance"] for r in replies}) == count


def placements(fairway: Fairway) -> set[str]:
    """The nodes on which `fairway routes` shows tasks that are not draining."""
    lines = fairway.run("routes")[1].splitlines()
    return {line.rpartition(" on ")[2] for line in lines if ":8080 web." in line and "(drain)" not in line}


@on_both
def test_tasks_of_both_nodes_are_served_and_a_drained_one_loses_no_request(
    swarm: Swarm, edge: Network, fairway: Fairway
) -> None:
    swarm.service("web", labels=LABELS, network=edge, replicas=4, grace=2)
    eventually(lambda: are_served_by(fairway, 4), timeout=30)
    assert len(placements(fairway)) == 2
    with steady(lambda: ask(fairway)) as traffic:
        eventually(lambda: len(traffic.served) == 4)
        swarm.available("drain", "worker")
        fairway.wait("applied", "~ server")
        eventually(lambda: len(placements(fairway)) == 1, timeout=30, message=f"tasks on one node\n{fairway.log()}")
        eventually(lambda: are_served_by(fairway, 4), timeout=30)
    assert traffic.failed == [], fairway.log()


@on_both
@pytest.mark.timeout(300)
def test_a_node_that_is_cut_off_gets_no_requests_when_the_manager_knows(
    cabled: tuple[Swarm, Cable], swarm: Swarm, edge: Network, fairway: Fairway
) -> None:
    swarm.service("web", labels=LABELS, network=edge, replicas=None)
    eventually(lambda: are_served_by(fairway, 2), timeout=30)
    cabled[1].cut()
    eventually(lambda: "down" in states(swarm), timeout=30, message="a node that is down")
    fairway.wait("applied", "~ server", timeout=30)
    eventually(lambda: are_served_by(fairway, 1), timeout=30, message=f"one instance\n{fairway.log()}")
    cabled[1].mend()
    # The engines find each other again when their members' lists do, which takes them up to a minute.
    eventually(lambda: are_served_by(fairway, 2), timeout=120)
