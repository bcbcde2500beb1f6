"""The proxies are the tasks of a service: from where they see does not depend on where one of them runs."""

from __future__ import annotations

from typing import Any

from gen.state import Vantage
from tests.unit.sources.fake_engine import container
from tests.unit.sources.fake_swarm import FakeManager, service, task
from tests.unit.sources.following import following_swarm, swarm_source

NETWORKS = [{"Id": f"{name}-id", "Name": name, "Driver": "overlay"} for name in ("back", "edge", "other")]


def manager(*targets: str) -> FakeManager:
    """A manager with a service `proxy` on networks of these ids or names."""
    client = FakeManager(proxies(*targets), service("web"), tasks=(task("web", 1),))
    client.listed_networks = list(NETWORKS)
    return client


def proxies(*targets: str) -> dict[str, Any]:
    found = service("proxy", labels={})
    found["Spec"]["TaskTemplate"]["Networks"] = [{"Target": one} for one in targets]
    return found


def test_they_reach_the_networks_of_their_service_and_the_nodes() -> None:
    state = swarm_source(manager("edge-id", "back"), proxy_service="proxy").read()
    assert state.vantage == Vantage(kind="container", name="proxy", networks=("back", "edge", "host"))
    assert state.problems == ()


def test_two_readers_on_two_nodes_see_the_same_world() -> None:
    """One runs in a container that the manager's engine has, the other on a worker in one that it does not have."""
    here, there = manager("edge-id"), manager("edge-id")
    here.put(container("proxy.1", id="a" * 64, networks={"edge": "10.77.1.9", "ingress": "10.77.0.9"}))
    first = swarm_source(here, proxy_service="proxy", own_id=lambda: "a" * 64)
    second = swarm_source(there, proxy_service="proxy", own_id=lambda: "b" * 64)
    assert first.read() == second.read()


def test_a_network_that_is_added_to_the_service_is_reached() -> None:
    client = manager("edge-id")
    with following_swarm(client, proxy_service="proxy", poll=3600.0) as it:
        client.held_services[0] = proxies("edge-id", "other-id")
        client.announce("service", "update", "proxy")
        it.await_change("service proxy update")
        assert it.source.read().vantage.networks == ("edge", "host", "other")


def test_a_service_that_is_away_keeps_its_networks_and_one_never_seen_may_be_on_any() -> None:
    client = manager("edge-id")
    source = swarm_source(client, proxy_service="proxy")
    before = source.read().vantage
    client.held_services.pop(0)
    after = source.read()
    assert after.vantage == before
    assert [str(one) for one in after.problems] == [
        "proxy: proxy service: the swarm has no service 'proxy'; its last known networks are used "
        "(`docker service ls` shows the names; proxy_service says which one is the proxy's)"
    ]
    new = swarm_source(client, proxy_service="proxy").read()
    assert new.vantage.networks is None
    assert "every network counts as reachable" in new.problems[0].message


def test_a_reader_that_its_manager_does_not_know_says_how_to_tell_it() -> None:
    (problem,) = swarm_source(manager("edge-id"), own_id=lambda: "a" * 64).read().problems
    assert "does not have the container in which Fairway runs" in problem.message
    assert "FAIRWAY_PROXY_SERVICE={{.Service.Name}}" in problem.hint
    assert swarm_source(manager("edge-id")).read().problems == ()
