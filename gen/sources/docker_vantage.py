"""Observe, step four: the proxy's own container, the networks and the endpoint → from where the proxy sees the world.

The rules, in this order:
1. The proxy is a container of the engine (it was named, or Fairway itself runs in one): it reaches its own networks.
   The host answers at the gateway of its first network, by name, that has one and is not internal. Ports published on
   the host count as out of reach: the engine drops traffic from one bridge to another, by whichever address.
2. That container uses the host's network: as on the host (rule 4); when it is another container than ours, our own
   addresses prove nothing, and every bridge that has a gateway counts.
3. The engine is on another machine: no network is within reach, only what is published, at that machine's name.
4. The engine is on this machine: a network is within reach if its gateway is an address of this machine. That holds
   for bridges, internal ones too; not for macvlan, nor for an engine in a virtual machine, whose published ports
   answer at 127.0.0.1 all the same.
5. As 4, but the engine is rootless: its bridges are in a namespace of its user's. An equal address of ours is that of
   another engine's bridge, so no network counts, and neither does the network that it calls the host's.

Of a network with IPv4 and IPv6 only that kind counts of which the proxy (1), or this machine (4), has an address.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from gen.sources.docker_endpoint import Endpoint
from gen.sources.docker_read import Facts
from gen.state import Network, Vantage

LOOPBACK: Final = "127.0.0.1"
_CGROUP: Final = re.compile(r"(?:/|docker-|libpod-)([0-9a-f]{64})(?:\.scope)?(?:/|$)", re.MULTILINE)
_MOUNT: Final = re.compile(
    r"/([0-9a-f]{64})/(?:userdata/)?(?:hostname|hosts|resolv\.conf) /etc/(?:hostname|hosts|resolv\.conf) "
)


def inside(own: Facts, lender: Facts | None, networks: tuple[Network, ...]) -> Vantage:
    """Rule 1."""
    net = lender or own
    internal = {network.name for network in networks if network.internal}
    gateway = next((address for name, address in net.gateways if name not in internal), "")
    dual = {network.name for network in networks if network.gateway6}
    kinds = {name: {":" in one.host for one in net.addresses if one.network == name} for name in net.networks}
    return Vantage(
        kind="container",
        name=own.name,
        networks=net.networks,
        joined=net.joined,
        only_ipv4=tuple(name for name in net.networks if name in dual and kinds[name] == {False}),
        only_ipv6=tuple(name for name in net.networks if name in dual and kinds[name] == {True}),
        host_at=gateway,
    )


def beside(name: str, networks: Iterable[Network]) -> Vantage:
    """Rule 2, for a container that is not ours."""
    reached = (network.name for network in networks if network.driver == "bridge" and network.gateway)
    return Vantage(kind="host", name=name, networks=tuple(sorted(reached)), published_at=LOOPBACK, host_at=LOOPBACK)


def outside(
    endpoint: Endpoint, networks: Iterable[Network], is_local: Callable[[str], bool], *, rootless: bool = False
) -> Vantage:
    """Rules 3 to 5."""
    host = endpoint.host
    if host and host != "localhost" and not is_local(host):
        return Vantage(kind="remote", name=host, networks=(), published_at=host, host_at=host)
    if rootless:
        return Vantage(kind="host", networks=(), rootless=True, published_at=LOOPBACK)
    first = {network.name for network in networks if network.gateway and is_local(network.gateway)}
    dual = {network.name: network.gateway6 for network in networks if network.gateway6 not in ("", network.gateway)}
    sixth = {name for name, gateway in dual.items() if is_local(gateway)}
    return Vantage(
        kind="host",
        networks=tuple(sorted(first | sixth)),
        only_ipv4=tuple(sorted(name for name in dual if name in first - sixth)),
        only_ipv6=tuple(sorted(sixth - first)),
        published_at=LOOPBACK,
        host_at=LOOPBACK,
    )


def is_local_address(host: str) -> bool:
    """Whether this machine has the address: a socket can be bound to it. A name is no address; nothing is resolved.
    IPv6 addresses are looked up, because none can be bound to before the kernel has made sure that it is the only one.
    """
    try:
        if ":" in host:
            wanted = socket.inet_pton(socket.AF_INET6, host).hex()
            return any(line.startswith(wanted) for line in _content("/proc/net/if_inet6").splitlines())
        socket.inet_pton(socket.AF_INET, host)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except (OSError, ValueError):
        return False
    return True


def container_id(cgroup: str, mountinfo: str) -> str:
    """The id of the container in which a process with these two /proc files runs, or empty. The host, too, mounts
    things out of containers' folders, but not at /etc/hostname."""
    found = _CGROUP.search(cgroup) or _MOUNT.search(mountinfo)
    return found.group(1) if found else ""


def own_container_id() -> str:
    """The id of the container in which Fairway runs, or empty. Only the engine can confirm it."""
    return container_id(_content("/proc/self/cgroup"), _content("/proc/self/mountinfo"))


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
