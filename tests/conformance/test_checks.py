"""Checks that do not speak HTTP/1.1: gRPC, and an agent beside the server. A proxy that lacks them asks everybody."""

from __future__ import annotations

from functools import partial

import pytest

from tests.conformance.conftest import Serve
from tests.support.client import Ask, ask
from tests.support.peers import H2, Agent, Health, Unwell, peer
from tests.support.servers import Servers
from tests.support.wait import eventually
from tests.support.world import Maker, instance, workload

CHECK = {"fairway.health_check.interval": "100ms", "fairway.health_check.fall": "1", "fairway.health_check.rise": "1"}


@pytest.fixture
def refused(proxy: str) -> int:
    """What a client gets where the only server is not well."""
    return 200 if "health_check" in Maker(proxy).lacks else 503


def answers(port: int, host: str, status: int) -> bool:
    return ask(port, Ask(host=host)).status == status


@pytest.mark.parametrize("kind", [Unwell, H2])
def test_only_who_says_that_it_serves_is_asked_by_grpc(serve: Serve, port: int, kind: type[H2], refused: int) -> None:
    labels = CHECK | {"fairway.health_check.kind": "grpc", "fairway.protocol": "grpc"}
    with peer(Health) as well, peer(kind) as unwell:
        serve(
            workload("a", labels | {"fairway.host": "a.test"}, instance("a-1", "127.0.0.1", well)),
            workload("b", labels | {"fairway.host": "b.test"}, instance("b-1", "127.0.0.1", unwell)),
        )
        eventually(partial(answers, port, "b.test", refused), message="a server that is not serving is asked")
        assert answers(port, "a.test", 200)


def test_a_server_is_as_well_as_its_agent_says(serve: Serve, servers: Servers, port: int, refused: int) -> None:
    there = servers.open("a-1").port
    with peer(Agent) as agent:
        own = {"fairway.host": "a.test", "fairway.health_check.kind": "agent", "fairway.health_check.port": str(agent)}
        serve(workload("a", CHECK | own, instance("a-1", "127.0.0.1", there)))
        for word, status in (("down", refused), ("up", 200), ("drain", refused), ("ready", 200)):
            Agent.word = word
            eventually(partial(answers, port, "a.test", status), message=f"the agent's {word} does not count")
