"""Links: State + Model → over which network each server is reached, who is on which, who is not reached and why.

The model says where a server is, the state who has that address; both are needed to name the network between them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from gen.build import Joins
from gen.build.names import identifier
from gen.model import Model, Route, Server, StreamRoute
from gen.state import Address, Instance, Network, State, Workload

HOST, PUBLISHED, OUTSIDE = "(host)", "(published port)", "(outside)"
"""Ways that are no network's; no engine lets a network have such a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A route's way to an instance. `network`: a network's name, HOST, PUBLISHED, or OUTSIDE for what is no container;
    empty where nobody knows. `owner`: of the route."""

    route: str
    instance: str
    network: str
    server: str
    state: str
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An instance on a network. `host`: its address or name there, empty where it has none."""

    instance: str
    workload: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One network. `driver` is empty for one that an instance names and the source does not describe. `joins`: it
    is not reached yet, and the proxy's container is going to be connected to it."""

    name: str
    driver: str
    internal: bool
    gateway: str
    reachable: bool
    joins: bool
    members: tuple[Member, ...]
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """A running instance without a server though its workload asks for a route: each problem with its hint."""

    instance: str
    workload: str
    networks: tuple[str, ...]
    reason: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """All of it: `segments` by name, `links` by (route, server), `unreached` by (instance, reason). `away`: engines
    that do not answer, since when; what they said last stands here."""

    proxy: str
    away: tuple[tuple[str, str], ...]
    segments: tuple[Segment, ...]
    links: tuple[Link, ...]
    unreached: tuple[Unreached, ...]


def networks(state: State, model: Model, joins: Joins | None = None) -> Networks:
    """The networks of the state, and what the model does over them once the proxy's container joined its networks."""
    joins = joins or Joins()
    found = links(joins.expected(state), model)
    known = {network.name: network for network in state.networks}
    members = _members(state)
    names = sorted({*known, *members, *(link.network for link in found if link.network in (HOST, PUBLISHED))})
    return Networks(
        proxy=state.vantage.name or f"the proxy ({state.vantage.kind})",
        away=tuple((engine.name, engine.away) for engine in state.engines if engine.away),
        segments=tuple(
            _segment(
                known.get(name, Network(id="", name=name, driver="")), members.get(name, []), found, (state, joins)
            )
            for name in names
        ),
        links=found,
        unreached=_unreached(state, model, {link.instance for link in found}),
    )


def _members(state: State) -> dict[str, list[Member]]:
    found: dict[str, list[Member]] = defaultdict(list)
    for workload in state.workloads:
        for instance in workload.instances:
            for address in instance.addresses:
                member = Member(instance=instance.name, workload=workload.name, host=address.host)
                found[address.network or OUTSIDE].append(member)
    return found


def _segment(network: Network, members: list[Member], found: tuple[Link, ...], seen: tuple[State, Joins]) -> Segment:
    state, joins = seen
    name, reached = network.name, _Reached(state.vantage.networks, frozenset([network.name] * bool(network.engine)))
    return Segment(
        name=name,
        driver=network.driver,
        internal=network.internal,
        gateway=network.gateway,
        reachable=name in (HOST, PUBLISHED, OUTSIDE) or reached.has(name),
        joins=any(one.name == name for one in joins.connect),
        members=tuple(sorted(members, key=lambda one: (one.instance, one.workload, one.host))),
        routes=tuple(sorted({link.route for link in found if link.network == name})),
    )


def links(state: State, model: Model) -> tuple[Link, ...]:
    """Each server of each route, with the network between."""
    by_host: dict[str, list[Instance]] = defaultdict(list)
    by_id: dict[str, Instance] = {}
    seen = {"": state.vantage, **{engine.name: engine.vantage for engine in state.engines}}
    for workload, instance in ((one, each) for one in state.workloads for each in one.instances):
        for address in instance.addresses:
            by_host[address.host].append(instance)
            for name in _names(address):
                by_host[name].append(instance)
        for port in instance.ports:
            by_id[_id(instance, port.number)] = instance
        if instance.host_network:
            by_host[seen.get(workload.engine, state.vantage).host_at].append(instance)
    pools = {upstream.id: upstream.servers for upstream in model.upstreams}
    every: tuple[Route | StreamRoute, ...] = (*model.routes, *model.streams)
    theirs = frozenset(network.name for network in state.networks if network.engine)
    reached = _Reached(state.vantage.networks, theirs)
    found = (
        replace(_link(route_name(route), server, instance, reached), owner=route.owner)
        for route in every
        for server in pools[route.upstream]
        for instance in _owners(server, by_host, by_id)
    )
    return tuple(sorted(found, key=lambda link: (link.route, link.server, link.instance, link.network)))


@dataclass(frozen=True, slots=True)
class _Reached:
    """The networks within reach, None for every one but `theirs`, which are other engines'."""

    names: tuple[str, ...] | None
    theirs: frozenset[str]

    def has(self, network: str) -> bool:
        """Whether an address on a network is; one that is on none is no container's."""
        return not network or (network not in self.theirs if self.names is None else network in self.names)


def _names(address: Address) -> set[str]:
    """The names as they are asked for on this network."""
    return {f"{name.lower()}.{address.network}" for name in address.names}


def _id(instance: Instance, port: int) -> str:
    return identifier(instance.id, str(port), shown=instance.name)


def _owners(
    server: Server, by_host: dict[str, list[Instance]], by_id: dict[str, Instance]
) -> tuple[Instance | None, ...]:
    """Whose server it is: its id is made of the instance's, with the instance's own port. A name that is asked for on a
    network is that of all who run and have it there."""
    at_hand = by_host.get(server.host, [])
    owner = by_id.get(server.id) or next((one for one in at_hand if _id(one, server.port) == server.id), None)
    if owner is None and server.is_name and any(one.running for one in at_hand):
        return tuple(one for one in at_hand if one.running)
    return (owner,)


def _link(route: str, server: Server, owner: Instance | None, reached: _Reached) -> Link:
    host = f"[{server.host}]" if ":" in server.host else server.host
    return Link(
        route=route,
        instance=owner.name if owner else "",
        network=_network(server, owner, reached) if owner else "",
        server=f"{host}:{server.port}",
        state=server.state,
    )


def _network(server: Server, owner: Instance, reached: _Reached) -> str:
    shared = [
        address.network or OUTSIDE
        for address in owner.addresses
        if server.host in (address.host, *_names(address)) and reached.has(address.network)
    ]
    if shared:
        return min(shared, key=lambda name: (name == "bridge", name))
    return HOST if owner.host_network else PUBLISHED


def route_name(route: Route | StreamRoute) -> str:
    """What people call it: its hosts with the path, or how connections come."""
    if isinstance(route, Route):
        return f"{host_names(route)}{route.match.path}"
    return f"{route.protocol} {host_names(route)} on {', '.join(route.listeners)}"


def host_names(route: Route | StreamRoute) -> str:
    """Its hosts; `*` for every host."""
    return ", ".join(map(str, route.match.hosts if isinstance(route, Route) else route.hosts)) or "*"


def _unreached(state: State, model: Model, served: set[str]) -> tuple[Unreached, ...]:
    found = {
        one
        for workload in state.workloads
        for instance in workload.instances
        if instance.running and instance.name not in served
        for one in _reasons(workload, instance, model)
    }
    return tuple(sorted(found, key=lambda one: (one.instance, one.workload, one.reason, one.hint)))


def _reasons(workload: Workload, instance: Instance, model: Model) -> list[Unreached]:
    return [
        Unreached(
            instance=instance.name,
            workload=workload.name,
            networks=tuple(sorted(address.network or OUTSIDE for address in instance.addresses)),
            reason=_told(problem.message, workload, instance),
            hint=problem.hint,
        )
        for problem in model.problems
        if problem.severity == "error" and problem.origin.workload == workload.name
    ]


def _told(message: str, workload: Workload, instance: Instance) -> str:
    """Build reports the first of a workload's instances only: what it says of another is not said of this one."""
    others = (one.name for one in workload.instances if one.name != instance.name)
    about_another = not message.startswith(f"{instance.name} ") and any(message.startswith(f"{one} ") for one in others)
    return f"reported for its workload: {message}" if about_another else message
