"""Claims: what one workload's declaration lays claim to, and the servers that it brings. Pure per workload.

A Declaration goes in; its claims come out, with the problems of its ports and addresses. This is the part of build
that depends on one workload only, so an update computes it for the changed ones alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from gen.build.addresses import servers
from gen.build.host_claims import host_refusal, listener_refusal
from gen.build.ownership import owner_of
from gen.build.reach import Asker, Reach
from gen.dialects import Declaration, RouteDeclaration, StreamDeclaration
from gen.errors import Origin, Problem
from gen.model import Match, Policy, Server
from gen.settings import Settings
from gen.state import Workload
from gen.values import Host
from gen.values.owner import covers


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One route of one workload. One of a workload that has ended, or that is withheld, keeps its place: nobody else
    answers there. It has no say beside others, and brings no servers.
    `age`: (created, name): the smallest wins a disagreement. `match` is without hosts:
    those are apart, as claims are compared host by host; none means every host. `name` tells it from all others;
    `spots` are texts, one for each host, that are equal where host, match and owner are. `listeners`: those that it
    asks for; `shared`: its hosts on which owners share their pools; `pool`: the owner of the named upstream.
    `is_held`: the workload has gone. `since`: when its route began, where a daemon knows an earlier moment.
    `breadth`: `w` where it concerns more than its own hosts, `r` more than its own path."""

    age: tuple[float, str]
    route: RouteDeclaration
    hosts: tuple[Host, ...]
    match: Match
    servers: tuple[Server, ...]
    is_present: bool = True
    owner: str = ""
    listeners: tuple[str, ...] = ()
    shared: tuple[Host | None, ...] = ()
    pool: str = ""
    is_held: bool = False
    since: float | None = None
    breadth: str = ""
    name: str = ""
    spots: tuple[str, ...] = ()

    @property
    def turn(self) -> tuple[bool, float, str, str]:
        """The order in which claims speak: what runs before what has ended, then the oldest, then by name."""
        return (not self.is_present, *self.age, self.route.name)

    @property
    def who(self) -> str:
        """How problems call it."""
        return self.age[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamClaim:
    """One TCP or UDP route of one workload; as a Claim, but it asks for listeners and names alone."""

    age: tuple[float, str]
    route: StreamDeclaration
    servers: tuple[Server, ...]
    is_present: bool = True
    owner: str = ""
    shared: tuple[Host | None, ...] = ()
    pool: str = ""

    @property
    def turn(self) -> tuple[bool, float, str, str]:
        """The order in which claims speak, as for a Claim."""
        return (not self.is_present, *self.age, self.route.name)

    @property
    def who(self) -> str:
        """How problems call it."""
        return self.age[1]


class _Asking(Protocol):
    @property
    def options(self) -> Any: ...
    @property
    def policies(self) -> tuple[Policy, ...]: ...
    def origin(self, name: str) -> Origin: ...


class Voice(Protocol):
    """What claims of any kind have a say with, where they share something."""

    @property
    def route(self) -> _Asking: ...
    @property
    def age(self) -> tuple[float, str]: ...
    @property
    def is_present(self) -> bool: ...
    @property
    def owner(self) -> str: ...
    @property
    def who(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All claims of a workload, and its problems."""

    claims: tuple[Claim, ...]
    streams: tuple[StreamClaim, ...]
    problems: tuple[Problem, ...]


def claims(declaration: Declaration, reach: Reach, settings: Settings) -> Claims:
    """The claims of a declaration, seen from where the proxy stands."""
    workload = declaration.workload
    problems: list[Problem] = list(declaration.problems)
    found = [_claim(workload, route, (reach, settings), problems) for route in declaration.routes]
    streams = [_stream(workload, route, (reach, settings), problems) for route in declaration.streams]
    own = tuple(claim for claim in found if claim is not None)
    return Claims(
        claims=tuple(replace(claim, is_held=True) for claim in own) if declaration.is_held else own,
        streams=tuple(claim for claim in streams if claim is not None),
        problems=() if declaration.is_held else tuple(problems),
    )


def _claim(
    workload: Workload, route: RouteDeclaration, facts: tuple[Reach, Settings], problems: list[Problem]
) -> Claim | None:
    """The claim of one route; None where its owner may have none of its hosts."""
    reach, settings = facts
    own, trouble = servers(workload, route, reach)
    problems.extend(problem for problem in trouble if problem not in problems)
    if route.withheld:
        message = f"withheld: no requests for it, and 503 where nobody shares the route: {route.withheld}"
        problems.append(Problem(severity="error", origin=route.origin("host"), message=message))
    owner, match = owner_of(workload, route, reach, settings.owner), _match(route)
    asked = tuple(sorted(set(route.options.host))) or (None,)
    admitted = [host for host in asked if _is_admitted(route, host_refusal(owner, host, settings), problems)]
    if not admitted:
        return None
    hosts = tuple(host for host in admitted if host is not None)
    shared = shared_among(hosts or (None,), settings)
    return Claim(
        age=(workload.created, workload.name),
        route=route,
        hosts=hosts,
        match=match,
        servers=own,
        is_present=_is_present(workload),
        owner=owner,
        listeners=route.options.listeners or settings.default_listeners,
        shared=shared,
        pool="" if route.options.upstream in settings.shared_upstreams else owner,
        breadth=_breadth(hosts, match),
        name=f"{workload.id}\0{route.name}",
        spots=spots_of(hosts, match, owner, shared),
    )


def _stream(
    workload: Workload, route: StreamDeclaration, facts: tuple[Reach, Settings], problems: list[Problem]
) -> StreamClaim | None:
    """The claim of one TCP or UDP route; None where its owner may not have it."""
    reach, settings = facts
    own, trouble = servers(workload, route, reach)
    problems.extend(problem for problem in trouble if problem not in problems)
    if route.withheld:
        message = f"withheld: nobody is let in, unless others share the route: {route.withheld}"
        problems.append(Problem(severity="error", origin=route.origin("host"), message=message))
    owner = owner_of(workload, route, reach, settings.owner)
    hosts: tuple[Host, ...] = getattr(route.options, "host", ())
    wrong = next(filter(None, (host_refusal(owner, host, settings) for host in hosts)), "")
    for listener in route.options.listeners or (route.name,):
        wrong = wrong or listener_refusal(owner, listener, settings, has_hosts=bool(hosts))
    if wrong:
        problems.append(_not_admitted(route, wrong))
        return None
    return StreamClaim(
        age=(workload.created, workload.name),
        route=route,
        servers=own,
        is_present=_is_present(workload),
        owner=owner,
        shared=shared_among([name for host in hosts for name in host.names] or (None,), settings),
        pool="" if route.options.upstream in settings.shared_upstreams else owner,
    )


def _breadth(hosts: tuple[Host, ...], match: Match) -> str:
    is_wide = not hosts or any(host.kind != "exact" for host in hosts)
    return "w" * is_wide + "r" * (match.path.regex is not None or match.is_conditional)


def _is_present(workload: Workload) -> bool:
    return any(instance.running for instance in workload.instances)


def _is_admitted(route: RouteDeclaration, wrong: str, problems: list[Problem]) -> bool:
    if wrong:
        problems.append(_not_admitted(route, wrong))
    return not wrong


def _not_admitted(route: Asker, wrong: str) -> Problem:
    hint = "use another host, or let the operator add an entry to the setting claims"
    message = f"this claim is refused: {wrong}"
    return Problem(severity="error", origin=route.origin("host"), message=message, hint=hint)


def shared_among(hosts: Iterable[Host | None], settings: Settings) -> tuple[Host | None, ...]:
    """The hosts on which owners share their pools. None is every host."""
    if not settings.shared_hosts:
        return ()
    patterns = tuple(pattern.text for pattern in settings.shared_hosts)
    return tuple(host for host in hosts if any(covers(pattern, str(host or "*")) for pattern in patterns))


def _match(route: RouteDeclaration) -> Match:
    """What a route asks for beside hosts."""
    options = route.options
    return Match(
        path=options.path,
        methods=tuple(sorted(set(options.methods))),
        headers=tuple(sorted(options.headers, key=str)),
        query=tuple(sorted(options.query, key=str)),
        clients=tuple(sorted(set(options.client_ip))),
    )


def spots_of(
    hosts: Iterable[Host | None], match: Match, owner: str, shared: tuple[Host | None, ...] = ()
) -> tuple[str, ...]:
    """For each host a text that is equal where host, match and owner are; on shared hosts the owner has no part."""
    asked = repr(match) if match.is_conditional else str(match.path)
    return tuple(
        f"{host or ''}\0{asked}\0{'' if (host or None) in shared else owner}" for host in tuple(hosts) or (None,)
    )
