"""Addresses: a workload's instances → the servers of one of its routes, or the problem why there are none.

The rule, in order: the network that the route names; the settings' network; shared networks by name, with the
engine's default bridge last, and on a network IPv4 before IPv6, unless the proxy has only IPv6 there; the host's own
network; a published port. What is not running has no server; instances behind one published port of a swarm are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gen.build.names import identifier
from gen.build.reach import Asker, Reach, is_network
from gen.build.unreachable import unreachable
from gen.errors import BadValue, Problem
from gen.model import Known, Server, ServerState
from gen.state import Address, Instance, Port, Vantage, Workload
from gen.values import DnsName

_READINESS: Final = {"ready": 0, "drain": 1, "down": 2}
_COMPOSE_SERVICE: Final = "com.docker.compose.service"

_MOST_SHOWN = 16
_NEVER_HTTP = (22, 25)
"""Ports that a message does not propose: shells and mail."""


def servers(workload: Workload, route: Asker, reach: Reach) -> tuple[tuple[Server, ...], list[Problem]]:
    """The servers of a route that this workload brings."""
    reach = reach.on(workload.engine)
    found: list[Server] = []
    problems: list[Problem] = []
    for instance in workload.instances:
        if not instance.running:
            continue
        port, problem = _port(workload, instance, route)
        problem = problem or _misnamed(workload, instance, route, reach)
        place = _place(instance, port, route, reach) if port else None
        if place is not None and port is not None and problem is None:
            server = replace(_server(instance, route, place, port), placed=_placed(instance, reach))
            found.append(replace(server, known=_known(workload, instance, route, reach)) if reach.by_name else server)
        else:
            problems.append(problem or unreachable(workload, instance, route, reach, port=port))
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
        weight=options.weight,
        backup=options.backup,
        max_conns=options.max_conns,
        state=state(instance),
    )


def _placed(instance: Instance, reach: Reach) -> str:
    """For people: whose it is, where its address does not tell them."""
    if reach.away:
        return f"{instance.name} (as of {reach.away}: {reach.vantage.name} is away)"
    if instance.node:
        return f"{instance.name} on {instance.node}"
    return instance.name if reach.vantage.kind == "remote" and "/" in instance.name else ""


def state(instance: Instance) -> ServerState:
    """New requests go to healthy instances, and to those that say nothing of their health."""
    if instance.stopping:
        return "drain"
    return "ready" if instance.running and instance.health in ("none", "healthy") else "down"


def _listed(exposed: list[tuple[int, int]]) -> str:
    """The first ports and ranges, for a message."""
    shown = [f"{number}-{last}" if last else str(number) for number, last in exposed[:_MOST_SHOWN]]
    return ", ".join(shown) + (f" and {len(exposed) - _MOST_SHOWN} more" if len(exposed) > _MOST_SHOWN else "")


def _port(workload: Workload, instance: Instance, route: Asker) -> tuple[int | None, Problem | None]:
    """The workload's own port: as the label says, or the only one that it exposes."""
    exposed = sorted({(port.number, port.last) for port in instance.ports if port.protocol == route.transport})
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
    if len(exposed) == 1 and not exposed[0][1]:
        return exposed[0][0], None
    if not exposed:
        what = f"exposes no {route.transport.upper()} port"
        if workload.kind == "service":
            what = f"publishes no {route.transport.upper()} port, and a swarm does not tell what its image exposes"
        message = f"{instance.name} {what}, so nobody knows where it listens"
        hint = f"write for example {route.port_key}=8080"
    else:
        message = f"{instance.name} exposes several ports: {_listed(exposed)}"
        example = next((number for number, _ in exposed if number not in _NEVER_HTTP), exposed[0][0])
        hint = f"write for example {route.port_key}={example}"
    return None, Problem(severity="error", origin=route.origin("host"), message=message, hint=hint)


def _place(instance: Instance, port: int, route: Asker, reach: Reach) -> tuple[str, int, bool] | None:
    """(host, port, is a name) at which the proxy reaches it."""
    address = _address(instance, route, reach)
    if address is not None:
        return address.host, port, address.is_name
    if route.options.network:
        return None
    if instance.host_network:
        at = reach.vantage.host_at
        return (at, port, not _is_ip(at)) if at else None
    for published in _published(instance.ports, port, route.transport):
        if own := _published_at(published, reach.vantage, of_swarm=bool(instance.node)):
            return own, published.host_port, not _is_ip(own)
    return None


def _misnamed(workload: Workload, instance: Instance, route: Asker, reach: Reach) -> Problem | None:
    """The problem of a workload whose own name would lead to another machine, or to the proxy itself. The operator's
    files may name any machine."""
    address = _address(instance, route, reach)
    if workload.kind == "file" or address is None:
        return None
    why = DnsName.refusal(address.host) if address.is_name or not _is_ip(address.host) else ""
    if not why:
        return None
    message = f"requests for it would go to {address.host!r}: {why}; the route has no server"
    hint = "rename it: letters, digits, '-' and '_' alone, for example api"
    return Problem(severity="error", origin=route.origin("host"), message=message, hint=hint)


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


def _published_at(port: Port, vantage: Vantage, *, of_swarm: bool) -> str:
    """The address at which the proxy reaches a published port; empty: none. On another machine only what is published
    on all addresses counts, or on the one that we know it by: its other ones, its loopback first, are somebody else's
    here. Of a swarm's node the manager says the address."""
    if not vantage.published_at or vantage.kind == "container":
        return ""
    if port.host_ip in ("", "0.0.0.0", "::", vantage.published_at):
        return vantage.published_at
    is_known = of_swarm or vantage.kind != "remote" or _is_loopback(vantage.published_at)
    return port.host_ip if is_known else ""


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _is_ip(text: str) -> bool:
    return ":" in text or text.replace(".", "").isdigit()


def _published(ports: tuple[Port, ...], number: int, protocol: str) -> list[Port]:
    """How a port is published; on all addresses rather than on one."""
    found = [port for port in ports if port.number == number and port.protocol == protocol and port.host_port]
    return sorted(found, key=lambda port: (port.host_ip not in ("0.0.0.0", ""), port.host_ip, port.host_port))


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
