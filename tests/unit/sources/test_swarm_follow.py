"""Events and polls of a swarm are hints that cost little; a lost manager keeps the last State."""

from __future__ import annotations

import pytest

from gen.errors import SourceError
from gen.state import State
from tests.unit.sources.fake_engine import FakeClient, container
from tests.unit.sources.fake_swarm import FakeManager, NoManager, attachment, node, service, task
from tests.unit.sources.following import following_swarm, swarm_source

IDLE = {"poll": 3600.0}


EDGE = {"Id": "edge-id", "Name": "edge", "Driver": "overlay"}
INGRESS = {"Id": "ingress-id", "Name": "ingress", "Driver": "overlay", "Ingress": True}


def names(state: State) -> list[str]:
    return [instance.name for one in state.workloads for instance in one.instances]


def test_a_read_lists_each_kind_once_and_tasks_of_what_counts_alone() -> None:
    client = FakeManager(service("web"), service("db", labels={}), tasks=(task("web", 1), task("db", 1)))
    source = swarm_source(client)
    state = source.read()
    assert (state.source, names(state)) == ("swarm", ["web.1"])
    assert source.calls == {"services": 1, "nodes": 1, "networks": 1, "tasks": 1, "info": 1}
    assert client.filters == {"service": ["web-id"]}


def test_a_poll_that_finds_nothing_new_calls_nothing_else_and_tells_nothing() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1),))
    with following_swarm(client) as it:
        client.held_tasks = [
            task("web", 1, version=43, updated="2023-11-14T23:00:00Z"),
            task("web", 2, state="pending"),
        ]
        before = it.source.read()
        while it.source.calls["tasks"] < 5:
            pass
        assert it.reasons.empty()
        assert set(it.source.calls) == {"tasks"}
        assert it.source.read().workloads[0] is before.workloads[0]


def test_a_poll_finds_a_changed_task() -> None:
    client = FakeManager(service("web"), service("api"), tasks=(task("web", 1), task("api", 1)))
    with following_swarm(client) as it:
        before = it.source.read()
        client.held_tasks[0] = task("web", 1, desired="shutdown")
        it.await_change("tasks of web")
        after = it.source.read()
        assert after.workloads[1].instances[0].stopping
        assert after.workloads[0] is before.workloads[0]


def test_without_a_service_that_counts_nothing_is_polled() -> None:
    client = FakeManager(service("db", labels={}))
    with following_swarm(client) as it:
        client.announce("node", "update", "node-1")
        it.await_change("node node-1 update")
        assert not it.source.calls["tasks"]


def test_an_event_of_a_service_lists_services_and_tasks() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1), task("api", 1)))
    with following_swarm(client, **IDLE) as it:
        client.held_services.append(service("api"))
        client.announce("service", "create", "api")
        it.await_change("service api create")
        assert names(it.source.read()) == ["api.1", "web.1"]
        assert it.source.calls == {"services": 1, "tasks": 1}


def test_an_event_of_a_node_lists_nodes_and_tasks() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1),))
    with following_swarm(client, **IDLE) as it:
        client.held_nodes = [node("node-1") | {"Description": {"Hostname": "renamed"}}]
        client.announce("node", "update", "node-1")
        it.await_change("node node-1 update")
        assert it.source.read().workloads[0].instances[0].node == "renamed"
        assert it.source.calls == {"nodes": 1, "tasks": 1}


def test_the_end_of_a_tasks_container_here_is_a_hint_and_that_of_others_is_none() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1),))
    with following_swarm(client, **IDLE) as it:
        client.announce("container", "kill", "other", **{"com.docker.swarm.service.id": "db-id"})
        client.announce("container", "kill", "web.1.abc", **{"com.docker.swarm.service.id": "web-id"})
        assert it.reasons.get(timeout=10) == "container web.1.abc kill"


def test_a_lost_manager_is_told_once_and_everything_is_read_when_it_is_back() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1),))
    with following_swarm(client, **IDLE) as it:
        client.refusal = ConnectionRefusedError(111, "refused")
        client.streams[-1].close()
        it.await_change("the event stream ended")
        with pytest.raises(SourceError, match="connection refused"):
            it.source.read()
        client.held_tasks.append(task("web", 2))
        client.refusal = None
        assert "connected" in it.reasons.get(timeout=10)
        assert names(it.source.read()) == ["web.1", "web.2"]


def test_a_poll_that_fails_ends_the_stream_that_may_be_dead_too() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1),))
    with following_swarm(client) as it:
        client.refusal = TimeoutError()
        it.await_change("the event stream ended")
        client.refusal = None
        it.await_change("connected")
        assert names(it.source.read()) == ["web.1"]


def test_the_proxy_is_on_the_overlays_of_its_container_and_reaches_every_node() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1),))
    client.listed_networks = [EDGE, INGRESS]
    networks = {"edge": "10.77.1.9", "ingress": "10.77.0.9"}
    client.put(container("proxy", networks=networks, labels={"fairway.proxy": "nginx"}))
    state = swarm_source(client, proxy_container="fairway.proxy=nginx").read()
    assert (state.vantage.kind, state.vantage.name) == ("container", "proxy")
    assert state.vantage.networks == ("edge", "host")


def test_the_proxys_container_may_be_on_another_engine_than_the_manager() -> None:
    manager, worker = FakeManager(service("web"), tasks=(task("web", 1),)), FakeClient()
    manager.listed_networks = [EDGE]
    worker.put(container("proxy", networks={"edge": "10.77.1.9"}))
    assert swarm_source(manager, proxy_container="proxy").read().problems[0].origin.workload == "proxy"
    clients = {"unix:///worker.sock": worker}
    apart = swarm_source(
        manager,
        proxy_container="proxy",
        beside="unix:///worker.sock",
        open_client=lambda endpoint: clients.get(endpoint.url, manager),
    )
    assert apart.read().vantage.networks == ("edge", "host")


@pytest.mark.parametrize(
    ("said", "told", "hint"),
    [
        ('This node is not a swarm manager. Use "docker swarm init" or …', "in no swarm", "docker swarm init"),
        ("This node is not a swarm manager. Worker nodes can't be used to …", "a worker", "docker node ls"),
    ],
)
def test_an_engine_that_is_no_manager_says_what_helps(said: str, told: str, hint: str) -> None:
    with pytest.raises(SourceError, match=told) as trouble:
        swarm_source(NoManager(said)).read()
    assert hint in trouble.value.hint


def test_a_dispute_about_a_label_is_a_problem_of_the_state() -> None:
    client = FakeManager(service("web", inner={"fairway.host": "other.test"}))
    (problem,) = swarm_source(client).read().problems
    assert (problem.severity, str(problem.origin)) == ("warning", "web: fairway.host")


def test_a_network_of_the_swarm_that_comes_is_listed() -> None:
    client = FakeManager(service("web"), tasks=(task("web", 1, networks=[attachment("edge", "10.77.1.3/24")]),))
    with following_swarm(client, **IDLE) as it:
        client.listed_networks = [EDGE]
        client.announce("network", "create", "edge")
        it.await_change("network edge create")
        assert [one.driver for one in it.source.read().networks] == ["overlay"]
        client.listed_networks = []
        client.announce("network", "remove", "edge")
        it.await_change("network edge remove")
        assert it.source.read().networks == ()
