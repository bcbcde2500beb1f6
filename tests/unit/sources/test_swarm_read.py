"""What a manager says of services, tasks and nodes, read as facts and put together as workloads."""

from __future__ import annotations

from typing import Any

import pytest

from gen.sources.swarm_read import Node, disputes, node, nodes, service, tasks, workload
from gen.state import Address, Instance, Port, Workload
from tests.unit.sources import fake_swarm as fake

PREFIXES = ("fairway.",)
NODES = {"node-1-id": Node(id="node-1-id", name="node-1", address="192.0.2.1")}


def read(said: dict[str, Any], *its: dict[str, Any], nodes: dict[str, Node] = NODES) -> Workload:
    of = service(said, PREFIXES)
    assert of is not None
    return workload(of, tasks(its), nodes)


def only(said: dict[str, Any], its: dict[str, Any], nodes: dict[str, Node] = NODES) -> Instance:
    (instance,) = read(said, its, nodes=nodes).instances
    return instance


def test_a_service_is_a_workload_and_a_task_that_runs_an_instance_at_its_own_address() -> None:
    found = read(fake.service("web"), fake.task("web", 2, "10.77.1.4/24"), fake.task("web", 1, "10.77.1.3/24"))
    assert (found.id, found.name, found.kind, found.created) == ("web-id", "web", "service", 1_700_000_000.5)
    assert [(one.name, one.node, one.addresses) for one in found.instances] == [
        ("web.1", "node-1", (Address(network="edge", host="10.77.1.3", names=("tasks.web",)),)),
        ("web.2", "node-1", (Address(network="edge", host="10.77.1.4", names=("tasks.web",)),)),
    ]


@pytest.mark.parametrize(
    "state", ["new", "pending", "assigned", "accepted", "preparing", "ready", "starting", "shutdown", "failed", ""]
)
def test_a_task_that_does_not_run_is_not_there(state: str) -> None:
    assert read(fake.service("web"), fake.task("web", 1, state=state)).instances == ()


@pytest.mark.parametrize(
    ("desired", "stopping"), [("running", False), ("complete", False), ("shutdown", True), ("remove", True)]
)
def test_a_running_task_that_was_told_to_end_is_stopping(desired: str, stopping: bool) -> None:
    assert only(fake.service("web"), fake.task("web", 1, desired=desired)).stopping is stopping


def test_two_tasks_of_one_slot_stand_beside_each_other_during_an_update() -> None:
    old, new = fake.task("web", 1, id="a", desired="shutdown"), fake.task("web", 1, "10.77.1.9/24", id="b")
    found = read(fake.service("web"), new, old)
    assert [(one.id, one.name, one.stopping) for one in found.instances] == [
        ("a", "web.1", True),
        ("b", "web.1", False),
    ]


def test_a_task_of_a_global_service_is_called_by_its_node() -> None:
    assert only(fake.service("log", mode={"Global": {}}), fake.task("log", 0)).name == "log.node-1"


def test_an_unknown_node_is_called_by_its_id() -> None:
    assert only(fake.service("web"), fake.task("web", 1, node="r2m3fngbiy3iq4vi5a3rryh2k")).node == "r2m3fngbiy3i"


def test_labels_of_containers_count_and_those_of_the_service_win() -> None:
    said = fake.service("web", labels={"fairway.host": "a.test"}, inner={"fairway.host": "b.test", "fairway.port": "8"})
    of = service(said, PREFIXES)
    assert of is not None
    assert [(one.key, one.value) for one in of.labels] == [("fairway.host", "a.test"), ("fairway.port", "8")]
    (problem,) = disputes(of)
    assert str(problem).startswith("web: fairway.host: the service has one value and its containers another")
    assert "a.test" not in str(problem)


def test_equal_labels_and_those_of_others_are_no_dispute() -> None:
    both = {"fairway.host": "a.test", "team": "one"}
    of = service(fake.service("web", labels=both, inner=both | {"team": "two"}), PREFIXES)
    assert of is not None
    assert list(disputes(of)) == []


def test_a_service_without_a_label_of_ours_does_not_count() -> None:
    assert service(fake.service("db", labels={"team": "one"}, inner=None), PREFIXES) is None
    assert service({}, PREFIXES) is None


def test_a_published_port_says_where_the_service_listens_and_answers_at_the_tasks_node() -> None:
    instance = only(fake.service("web", ports=[fake.published(8080, 30001)]), fake.task("web", 1))
    assert instance.ports == (Port(number=8080, host_ip="192.0.2.1", host_port=30001),)


def test_a_port_in_host_mode_is_where_the_task_says() -> None:
    said = fake.service("web", ports=[fake.published(8080, 0, "host")])
    host = fake.published(8080, 32768, "host")
    assert only(said, fake.task("web", 1, ports=[host, host])).ports == (
        Port(number=8080, host_ip="192.0.2.1", host_port=32768),
    )
    assert only(said, fake.task("web", 1)).ports == (Port(number=8080),)


def test_a_task_on_the_hosts_network_is_at_its_nodes_address() -> None:
    its = fake.task("web", 1, networks=[fake.attachment("host", driver="host")])
    instance = only(fake.service("web"), its)
    assert (instance.host_network, instance.addresses) == (False, (Address(network="host", host="192.0.2.1"),))
    assert only(fake.service("web"), its, nodes={}).host_network


def test_the_ingress_network_is_no_way_to_a_task_and_ipv4_comes_first() -> None:
    networks = [
        fake.attachment("ingress", "10.77.0.4/24", ingress=True),
        fake.attachment("edge", "fd00::3/64", "10.77.1.3/24"),
        fake.attachment("six", "fd01::3/64"),
    ]
    found = only(fake.service("web"), fake.task("web", 1, networks=networks)).addresses
    assert [(one.network, one.host) for one in found] == [("edge", "10.77.1.3"), ("six", "fd01::3")]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (fake.node("n", "192.0.2.1"), "192.0.2.1"),
        (fake.node("n", "0.0.0.0", manager="192.0.2.7:2377"), "192.0.2.7"),
        (fake.node("n", "", manager="[2001:db8::1]:2377"), "2001:db8::1"),
        (fake.node("n", "127.0.0.1", manager="127.0.0.1:2377"), ""),
        (fake.node("n", "0.0.0.0"), ""),
    ],
)
def test_a_node_has_the_address_that_others_reach(said: dict[str, Any], address: str) -> None:
    assert node(said) == Node(id="n-id", name="n", address=address)


def test_nodes_of_one_name_are_told_apart() -> None:
    said = [fake.node("vm") | {"ID": "4t6wabcdef"}, fake.node("vm") | {"ID": "y55yabcdef"}, fake.node("other")]
    assert [one.name for one in nodes(said).values()] == ["vm-4t6wab", "vm-y55yab", "other"]


@pytest.mark.parametrize("odd", [{}, {"Status": None}, {"Status": {"State": "running"}, "NetworksAttachments": "no"}])
def test_what_is_missing_counts_as_empty(odd: dict[str, Any]) -> None:
    assert all(not one.addresses and not one.ports for one in tasks([odd]))
