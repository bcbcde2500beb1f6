"""Observe a swarm, step two: what a manager says of services, tasks and nodes → facts, and facts → Workloads. Pure.

A service is a workload, each of its tasks that runs an instance. Addresses are the tasks' own on each network, never
the service's virtual one. A task is `running` only when its container's health check passed, where it has one: until
then the executor of SwarmKit in dockerd (`daemon/cluster/executor/container`, `controller.Start`) leaves it `starting`,
and one that becomes unhealthy is failed and replaced by `controller.Wait`. So a task that runs is healthy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gen.errors import Origin, Problem
from gen.sources.docker_read import Json, nanoseconds, sequence, table, text
from gen.state import Address, Instance, Label, Port, Workload

SOURCE: Final = "swarm"
HOST: Final = "host"
_STAYS: Final = ("running", "complete")
"""The desired states of a task that nobody told to end; a job's is `complete` from the start."""
_NO_ADDRESS: Final = ("", "0.0.0.0", "::")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One machine of the swarm. `address` is empty where the manager does not know it, or only as its loopback."""

    id: str
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A port that is published as `at`, 0 while nobody chose one: by the routing mesh on every node, or `at_node`, on
    that of a task alone."""

    number: int
    protocol: str = "tcp"
    at: int = 0
    at_node: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. `ports` are those that it publishes; `disputed` the labels of ours that its containers carry with
    another value."""

    id: str
    name: str
    created: int = 0
    labels: tuple[Label, ...] = ()
    disputed: tuple[str, ...] = ()
    ports: tuple[Published, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task that runs. `ports` are those that it publishes on its own node."""

    id: str
    service: str
    slot: int = 0
    node: str = ""
    stopping: bool = False
    host_network: bool = False
    addresses: tuple[Address, ...] = ()
    ports: tuple[Published, ...] = ()


def service(found: Json, prefixes: tuple[str, ...]) -> Service | None:
    """What the manager says of a service; None where it has no label of ours. The service's own labels win over its
    containers'."""
    spec = table(found, "Spec")
    own = table(spec, "Labels")
    inner = table(table(table(spec, "TaskTemplate"), "ContainerSpec"), "Labels")
    labels = {str(key): "" if value is None else str(value) for key, value in (inner | own).items()}
    if not any(key.startswith(prefixes) for key in labels):
        return None
    both = (key for key in sorted(own.keys() & inner.keys()) if own[key] != inner[key])
    published = sequence(table(found, "Endpoint"), "Ports") or sequence(table(spec, "EndpointSpec"), "Ports")
    return Service(
        id=text(found, "ID"),
        name=text(spec, "Name"),
        created=nanoseconds(text(found, "CreatedAt")),
        labels=tuple(Label(key=key, value=value) for key, value in sorted(labels.items())),
        disputed=tuple(key for key in both if key.startswith(prefixes)),
        ports=tuple(_ports(published)),
    )


def disputes(of: Service) -> Iterator[Problem]:
    """A label that is written in two places with two values; neither is shown, as it may be a secret."""
    for key in of.disputed:
        yield Problem(
            severity="warning",
            origin=Origin(source=SOURCE, workload=of.name, key=key),
            message="the service has one value and its containers another; the service's counts",
            hint="in a stack file these are deploy.labels and labels; write it in one of them",
        )


def task(found: Json) -> Task | None:
    """What the manager says of a task; None while it does not run."""
    status = table(found, "Status")
    if text(status, "State") != "running":
        return None
    attached = [entry for entry in sequence(found, "NetworksAttachments") if isinstance(entry, dict)]
    return Task(
        id=text(found, "ID"),
        service=text(found, "ServiceID"),
        slot=slot if isinstance(slot := found.get("Slot"), int) else 0,
        node=text(found, "NodeID"),
        stopping=text(found, "DesiredState") not in _STAYS,
        host_network=any(_driver(entry) == HOST for entry in attached),
        addresses=tuple(sorted(_addresses(attached), key=lambda address: address.network)),
        ports=tuple(_ports(sequence(table(status, "PortStatus"), "Ports"))),
    )


def tasks(listed: Iterable[Json]) -> tuple[Task, ...]:
    """The tasks that run, by id: all of them that a State depends on, so that an equal answer is no change."""
    return tuple(sorted((one for entry in listed if (one := task(entry))), key=lambda one: one.id))


def nodes(listed: Iterable[Json]) -> dict[str, Node]:
    """The nodes by id. Machines that call themselves the same are told apart by the first of their ids."""
    found = [node(entry) for entry in listed]
    times = Counter(one.name for one in found)
    told = (replace(one, name=f"{one.name}-{one.id[:6]}") if times[one.name] > 1 else one for one in found)
    return {one.id: one for one in told}


def node(found: Json) -> Node:
    """What the manager says of a node. A manager may know itself by no address, but by that which others join at."""
    identity = text(found, "ID")
    address = text(table(found, "Status"), "Addr")
    if address in _NO_ADDRESS:
        address = text(table(found, "ManagerStatus"), "Addr").rpartition(":")[0].strip("[]")
    is_usable = address not in _NO_ADDRESS and not address.startswith("127.") and address != "::1"
    return Node(
        id=identity,
        name=text(table(found, "Description"), "Hostname") or identity[:12],
        address=address if is_usable else "",
    )


def workload(of: Service, its: Iterable[Task], on: Mapping[str, Node]) -> Workload:
    """The workload of one service."""
    instances = (_instance(of, one, on.get(one.node) or Node(id=one.node, name=one.node[:12])) for one in its)
    return Workload(
        id=of.id,
        name=of.name,
        kind="service",
        created=of.created / 1e9,
        labels=of.labels,
        instances=tuple(sorted(instances, key=lambda one: (one.name, one.id))),
    )


def _instance(of: Service, one: Task, on: Node) -> Instance:
    """A task on the host's network is at its node's address, wherever the proxy is; where nobody knows that, at the
    address that the proxy has for its own host."""
    at_host = one.host_network and on.address
    return Instance(
        id=one.id,
        name=f"{of.name}.{one.slot or on.name}",
        node=on.name,
        stopping=one.stopping,
        host_network=one.host_network and not at_host,
        addresses=(Address(network=HOST, host=on.address),) if at_host else tuple(_named(of, one)),
        ports=tuple(sorted(_at(of, one, on), key=lambda port: (port.number, port.protocol, port.host_port))),
    )


def _named(of: Service, one: Task) -> Iterator[Address]:
    """Its addresses with the name that leads to all tasks of the service; the service's own may be a virtual one's."""
    return (replace(address, names=(f"tasks.{of.name}",)) for address in one.addresses)


def _at(of: Service, one: Task, on: Node) -> set[Port]:
    """Where its ports are published, at the task's node: those of the routing mesh answer on every node, so there too.
    Which port of the node is a task's own, only the task says."""
    own = {(port.number, port.protocol) for port in one.ports}
    asked = {port for port in of.ports if (port.number, port.protocol) not in own}
    found = {replace(port, at=0) if port.at_node else port for port in asked} | set(one.ports)
    return {
        Port(number=port.number, protocol=port.protocol, host_ip=on.address if port.at else "", host_port=port.at)
        for port in found
    }


def _ports(listed: Iterable[object]) -> Iterator[Published]:
    for entry in listed:
        if not isinstance(entry, dict):
            continue
        number, at = entry.get("TargetPort"), entry.get("PublishedPort")
        if isinstance(number, int) and 0 < number < 65536:
            yield Published(
                number=number,
                protocol=text(entry, "Protocol") or "tcp",
                at=at if isinstance(at, int) and 0 < at < 65536 else 0,
                at_node=text(entry, "PublishMode") == "host",
            )


def _driver(attachment: Json) -> str:
    return text(table(table(table(attachment, "Network"), "Spec"), "DriverConfiguration"), "Name")


def _addresses(attached: Iterable[Json]) -> Iterator[Address]:
    """One address for each network, IPv4 first. The ingress network is the routing mesh's, not a way to a task."""
    for entry in attached:
        spec = table(table(entry, "Network"), "Spec")
        hosts = [str(host).partition("/")[0] for host in sequence(entry, "Addresses")]
        if hosts and spec.get("Ingress") is not True and text(spec, "Name"):
            yield Address(network=text(spec, "Name"), host=sorted(hosts, key=lambda host: ":" in host)[0])
