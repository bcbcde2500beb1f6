"""Addresses: a workload's instances → the servers of one of its routes, or the problem why there are none.

The rule, in order: the network that the route names; the settings' network; shared networks by name, with the
engine's default bridge last, and on a network IPv4 before IPv6, unless the proxy has only IPv6 there; the host's own
network; a published port. What is not running has no server; instances behind one published port of a swarm are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from gen.build.names import identifier
from gen.dialects import RouteDeclaration, StreamDeclaration
from gen.errors import BadValue, Problem
from gen.model import Known, Server, ServerState
from gen.state import Address, Instance, Network, Port, Vantage, Workload
from gen.values import DnsName

_READINESS: Final = {"ready": 0, "drain": 1, "down": 2}
_NEVER_FROM_THE_HOST: Final = ("macvlan", "ipvlan", "overlay")
"""Drivers of networks on which the host has no address, and publishes no port of theirs or only through another."""
_COMPOSE_SERVICE: Final = "com.docker.compose.service"
Asker = RouteDeclaration | StreamDeclaration
"""A route as asked for, of any kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where the proxy stands: what decides an address beside the instance itself. `by_name`: somebody wants servers by
    name, so that it has to be known what they are called."""

    vantage: Vantage
    networks: tuple[Network, ...]
    preferred: str = ""
    by_name: bool = False


def servers(workload: Workload, route: Asker, reach: Reach) -> tuple[tuple[Server, ...], list[Problem]]:
    """The servers of a route that this workload brings."""
    found: list[Server] = []
    problems: list[Problem] = []
    for instance in workload.instances:
        if not instance.running:
            continue
        port, problem = _port(workload, instance, route)
        place = _place(instance, port, route, reach) if port else None
        if place is not None and port is not None:
            server = _server(instance, route, place, port)
            found.append(replace(server, known=_known(workload, instance, route, reach)) if reach.by_name else server)
        else:
            problems.append(problem or _unreachable(workload, instance, route, reach))
    if workload.kind == "service":
        found = list(_one_each(found))
    return tuple(sorted(found, key=lambda server: (server.id, server.host, server.port))), problems[:1]


def _one_each(found: list[Server]) -> Iterator[Server]:
    """One server for each place, the readiest: a swarm itself balances among the tasks behind a published port."""
    places: set[tuple[str, int]] = set()
    for server in sorted(found, key=lambda server: (_READINESS[server.state], server.id)):
        if (server.host, server.port) not in places:
            places.add((server.host, server.port))
            yield server


def _server(instance: Instance, route: Asker, place: tuple[str, int, bool], port: int) -> Server:
    options = route.options
    return Server(
        id=identifier(instance.id, str(port), shown=instance.name),
        host=place[0],
        port=place[1],
        is_name=place[2],
        placed=f"{instance.name} on {instance.node}" if instance.node else "",
        weight=options.weight,
        backup=options.backup,
        max_conns=options.max_conns,
        state=state(instance),
    )


def state(instance: Instance) -> ServerState:
    """New requests go to healthy instances, and to those that say nothing of their health."""
    if instance.stopping:
        return "drain"
    return "ready" if instance.running and instance.health in ("none", "healthy") else "down"


def _port(workload: Workload, instance: Instance, route: Asker) -> tuple[int | None, Problem | None]:
    """The workload's own port: as the label says, or the only one that it exposes."""
    exposed = sorted({port.number for port in instance.ports if port.protocol == route.transport})
    wanted = route.options.port
    if wanted is not None and wanted.number:
        return wanted.number, None
    if wanted is not None:
        named = {port.number for port in instance.ports if port.name == wanted.name}
        if len(named) == 1:
            return named.pop(), None
        names = sorted({port.name for port in instance.ports if port.name})
        message = f"{instance.name} has no port called {wanted.name!r}"
        hint = f"it has {', '.join(names)}" if names else "its ports have no names; write the number"
        return None, Problem(severity="error", origin=route.origin("port"), message=message, hint=hint)
    if len(exposed) == 1:
        return exposed[0], None
    if not exposed:
        what = f"exposes no {route.transport.upper()} port"
        if workload.kind == "service":
            what = f"publishes no {route.transport.upper()} port, and a swarm does not tell what its image exposes"
        message = f"{instance.name} {what}, so nobody knows where it listens"
        hint = f"write for example {route.port_key}=8080"
    else:
        message = f"{instance.name} exposes several ports: {', '.join(map(str, exposed))}"
        hint = f"write for example {route.port_key}={exposed[0]}"
    return None, Problem(severity="error", origin=route.origin("host"), message=message, hint=hint)


def _place(instance: Instance, port: int, route: Asker, reach: Reach) -> tuple[str, int, bool] | None:
    """(host, port, is a name) at which the proxy reaches it."""
    address = _address(instance, route, reach)
    if address is not None:
        return address.host, port, address.is_name
    if route.options.network:
        return None
    if instance.host_network:
        return (reach.vantage.host_at, port, False) if reach.vantage.host_at else None
    published = _published(instance.ports, port, route.transport)
    if published is not None and reach.vantage.published_at and reach.vantage.kind != "container":
        own = published.host_ip if published.host_ip not in ("", "0.0.0.0", "::") else reach.vantage.published_at
        return own, published.host_port, not _is_ip(own)
    return None


def _known(workload: Workload, instance: Instance, route: Asker, reach: Reach) -> Known | None:
    """What the instance is called where it is reached; None where there is nothing but a name, or no engine."""
    address = _address(instance, route, reach)
    if workload.kind == "file" or (address is not None and address.is_name):
        return None
    service = next((label.value for label in workload.labels if label.key == _COMPOSE_SERVICE), "")
    names = {name for text in (address.names if address else ()) if (name := _dns_name(text))}
    said = route.options.resolve_name or ""
    return Known(
        network=address.network if address else "",
        names=tuple(sorted(names, key=lambda name: (name == instance.name.lower(), name == service.lower(), name))),
        said=said,
        instance=instance.id,
        shown=instance.name,
        age=(workload.created, workload.name),
        origin=route.origin("resolve_name" if said else "resolve"),
    )


def _dns_name(text: str) -> str:
    """A name as it is asked for; empty for one that is not to be asked for."""
    try:
        return DnsName.parse(text)
    except BadValue:
        return ""


def _is_ip(text: str) -> bool:
    return ":" in text or text.replace(".", "").isdigit()


def _published(ports: tuple[Port, ...], number: int, protocol: str) -> Port | None:
    """How a port is published; on all addresses rather than on one."""
    found = [port for port in ports if port.number == number and port.protocol == protocol and port.host_port]
    found.sort(key=lambda port: (port.host_ip not in ("0.0.0.0", ""), port.host_ip, port.host_port))
    return found[0] if found else None


def _address(instance: Instance, route: Asker, reach: Reach) -> Address | None:
    """The address on the best of the networks that both sides are on."""
    shared = [
        address
        for address in instance.addresses
        if address.host
        and _is_within(address.network, reach.vantage)
        and (address.is_name or address.network not in _other_kind(address, reach.vantage))
    ]
    wanted = route.options.network
    if wanted:
        return next((address for address in shared if is_network(address.network, wanted)), None)
    shared.sort(key=lambda a: (not is_network(a.network, reach.preferred), a.network == "bridge", a.network))
    return shared[0] if shared else None


def _is_within(network: str, vantage: Vantage) -> bool:
    """Whether addresses of a network are reached; one that is on none of the engine's is no container's."""
    return not network or vantage.networks is None or network in vantage.networks


def _other_kind(address: Address, vantage: Vantage) -> tuple[str, ...]:
    """The networks on which the proxy can use no such address."""
    return vantage.only_ipv4 if ":" in address.host else vantage.only_ipv6


def is_network(name: str, wanted: str) -> bool:
    """A network by its name, or by the name that a compose file knows it by (without the project in front)."""
    return bool(wanted) and (name == wanted or name.endswith("_" + wanted))


def _unreachable(workload: Workload, instance: Instance, route: Asker, reach: Reach) -> Problem:
    """Which networks each side is on, and the command that would bring them together."""
    own = sorted({address.network for address in instance.addresses if address.host and address.network})
    mine = reach.vantage.networks or ()
    proxy = f"the proxy {reach.vantage.name}".strip() if reach.vantage.kind == "container" else "the proxy's host"
    on = f"is on {', '.join(own)}" if own else "is on no network"
    reaches = f"reaches {', '.join(mine)}" if mine else "reaches no network of the engine"
    if reach.vantage.rootless:
        reaches = "reaches no network of the engine, which is rootless"
    if instance.lost_lender:
        on = f"uses the network of {instance.lost_lender}, which has ended or was started again since"
    elif instance.host_network:
        on = "is on the host's network"
    message = f"{instance.name} {on}; {proxy} {reaches}"
    if route.options.network:
        message = (
            f"{instance.name} is not to be reached on network {route.options.network!r}: it {on}, {proxy} {reaches}"
        )
    return Problem(
        severity="error",
        origin=route.origin("network" if route.options.network else "host"),
        message=message,
        hint=_way_of_service(workload, own, reach)
        if workload.kind == "service"
        else _way_of(instance, reach)
        or _way_to(route.options.network, workload, own, reach)
        or _way(workload, own, reach),
    )


def _way_of(instance: Instance, reach: Reach) -> str:
    """What helps an instance that no network can be given to as it is; empty where one can."""
    name = instance.name
    if instance.lost_lender:
        return f"docker restart {name}; if {instance.lost_lender} was made anew, {name} has to be made anew too"
    if reach.vantage.rootless:
        return "publish the port, for example with -p 127.0.0.1::8080, or run the proxy in a container of that engine"
    if instance.host_network and reach.vantage.kind == "container":
        return f"docker network connect bridge {reach.vantage.name}; from an internal network nobody reaches the host"
    if any(address.network == "none" for address in instance.addresses):
        target = next((one for one in reach.vantage.networks or ()), "bridge")
        return f"docker network disconnect none {name} && docker network connect {target} {name}"
    return ""


def _way_to(wanted: str, workload: Workload, own: list[str], reach: Reach) -> str:
    """The command that brings both sides to the network that the label wants; empty where neither side knows it."""
    if not wanted or reach.vantage.kind != "container":
        return ""
    if theirs := [name for name in own if is_network(name, wanted)]:
        return f"docker network connect {theirs[0]} {reach.vantage.name}"
    if mine := [name for name in reach.vantage.networks or () if is_network(name, wanted)]:
        return f"docker network connect {mine[0]} {workload.name}"
    shared = [name for name in own if name in (reach.vantage.networks or ())]
    return f"both are on {', '.join(shared)}" if shared else ""


def _way_of_service(workload: Workload, own: list[str], reach: Reach) -> str:
    """How the proxy and a swarm's service come together: only containers reach the addresses of an overlay."""
    drivers = _drivers(reach)
    mine = [name for name in reach.vantage.networks or () if drivers.get(name) == "overlay"]
    theirs = [name for name in own if drivers.get(name) == "overlay"]
    if reach.vantage.kind != "container":
        return (
            "only its own containers reach an overlay: run the proxy in one that is attached to "
            f"{theirs[0] if theirs else 'it'}, or publish the port, and name it in fairway.port"
        )
    if theirs:
        return f"docker network connect {theirs[0]} {reach.vantage.name}; the network has to be attachable"
    return f"docker service update --network-add {mine[0] if mine else 'NETWORK'} {workload.name}"


def _drivers(reach: Reach) -> dict[str, str]:
    """The drivers of the engine's networks by name."""
    return {network.name: network.driver for network in reach.networks}


def _way(workload: Workload, own: list[str], reach: Reach) -> str:
    drivers = _drivers(reach)
    joinable = [name for name in own if drivers.get(name, "bridge") not in ("host", "null")]
    if reach.vantage.kind == "container" and joinable:
        return f"docker network connect {joinable[0]} {reach.vantage.name}"
    if reach.vantage.kind == "container":
        target = (reach.vantage.networks or ("NETWORK",))[0]
        return f"docker network connect {target} {workload.name}"
    if not own or (reach.vantage.networks and all(drivers.get(name) in _NEVER_FROM_THE_HOST for name in own)):
        target = next((name for name in reach.vantage.networks or () if name), "bridge")
        return f"docker network connect {target} {workload.name}"
    return "publish the port, for example with -p 127.0.0.1::8080, or run the proxy in a container on the same network"
