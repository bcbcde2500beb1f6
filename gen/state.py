"""State: what the world looked like. Sources write it, dialects and build read it.

Every collection is a tuple sorted by the key its field names, so that equal worlds are equal values.
Nothing here is resolved or judged: labels are text, an unhealthy instance is an instance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gen.errors import Origin, Problem

Health = Literal["none", "starting", "healthy", "unhealthy"]
WorkloadKind = Literal["container", "service", "compose", "file"]
VantageKind = Literal["container", "host", "remote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network of the engine or of a compose file. `gateway` is an address or empty, IPv4 where it has both;
    `gateway6` is that of IPv6, or empty. `engine`: which of several it belongs to; empty for the main one's."""

    id: str
    name: str
    driver: str = "bridge"
    internal: bool = False
    gateway: str = ""
    gateway6: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an instance is on one network: an IP address or, where addresses are not known, a DNS name. `names`: those
    that the network's own DNS server knows this instance by there, beside others who may have the same; sorted."""

    network: str
    host: str
    is_name: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port that an instance exposes; `host_port` is 0 unless it is published, `name` is compose's own. `last`: the
    end of a range of exposed ports that begins with `number`; 0 for a single port."""

    number: int
    protocol: str = "tcp"
    name: str = ""
    host_ip: str = ""
    host_port: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One running copy. `stopping`: it was told to end and still answers. `node`: the machine of a swarm on which it
    runs; empty elsewhere. `addresses` by network, IPv4 first; on the network `none` the address is empty.
    `lost_lender`: the container whose network it was given and does not have any more, because that one ended or was
    started anew. `ports` by number."""

    id: str
    name: str
    running: bool = True
    health: Health = "none"
    stopping: bool = False
    host_network: bool = False
    node: str = ""
    lost_lender: str = ""
    addresses: tuple[Address, ...] = ()
    ports: tuple[Port, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label as written; `line` and `column` count from 1 and are 0 where there is no file. `variables`: the names of
    those that its value was made of, which may be secrets of the environment. `hollow`: the variable of a file that was
    empty where an element of the value begins or ends."""

    key: str
    value: str
    file: str = ""
    line: int = 0
    column: int = 0
    variables: tuple[str, ...] = ()
    hollow: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A container, a Swarm service or a compose service. `created` is UTC seconds since 1970, 0 where unknown:
    among workloads that disagree the oldest wins. `engine`: which of several it runs on, empty for the main one; its
    name stands in front of ids, names and networks then. `labels` by key, `instances` by name."""

    id: str
    name: str
    kind: WorkloadKind = "container"
    created: float = 0.0
    engine: str = ""
    labels: tuple[Label, ...] = ()
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """From where the proxy sees the world.

    `networks`: names of the networks whose addresses it reaches; None when every network counts as reachable.
    `joined`: those of them that Fairway connected it to.
    `only_ipv4`, `only_ipv6`: those of them on which it can use no address of the other kind.
    `rootless`: the engine's networks lie in a namespace of its user's, which the host has no address in.
    `published_at`: the address under which published ports answer, empty when they cannot be reached.
    `host_at`: the address of workloads on the host's own network, empty when they cannot be reached.
    """

    kind: VantageKind = "host"
    name: str = ""
    networks: tuple[str, ...] | None = None
    joined: tuple[str, ...] = ()
    only_ipv4: tuple[str, ...] = ()
    only_ipv6: tuple[str, ...] = ()
    rootless: bool = False
    published_at: str = ""
    host_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One of several engines, beside the main one: from where the proxy sees its containers. `away`: since when it does
    not answer, so that what it said last stands here; empty while it does."""

    name: str
    vantage: Vantage
    away: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The world at one moment. `workloads` by (name, id), `networks` by name, `engines` by name; `vantage` is that on
    the main engine."""

    source: str
    workloads: tuple[Workload, ...] = ()
    networks: tuple[Network, ...] = ()
    vantage: Vantage = Vantage()
    engines: tuple[Engine, ...] = ()
    problems: tuple[Problem, ...] = ()


def source_of(state_source: str, workload: Workload) -> str:
    """Which source a workload is of, where a State is put together of several."""
    if workload.engine:
        return f"engine {workload.engine}"
    return "file" if workload.kind == "file" else state_source


def is_from_variable(label: Label) -> bool:
    """Whether a label's value came out of a variable, and is neither a host nor a path: it may be a secret."""
    words = label.key.split(".")
    is_named = len(words) == 4 and words[1] in ("routes", "tcp", "udp")
    return bool(label.variables) and not (words[-1] in ("host", "path") and (len(words) == 2 or is_named))


def label_origin(state_source: str, workload: Workload, label: Label) -> Origin:
    """The origin of one label of a workload."""
    return Origin(
        source=state_source,
        workload=workload.name,
        key=label.key,
        file=label.file,
        line=label.line,
        column=label.column,
    )
