"""Claims: what one workload's declaration lays claim to, and the servers that it brings. Pure per workload.

A Declaration goes in; its claims come out, with the problems of its ports and addresses. This is the part of build
that depends on one workload only, so an update computes it for the changed ones alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from gen.build.addresses import servers
from gen.build.ownership import owner_of
from gen.build.reach import Reach
from gen.dialects import Declaration, RouteDeclaration, StreamDeclaration
from gen.errors import Origin, Problem
from gen.model import Match, Policy, Server
from gen.values import Host, OwnerRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One route of one workload. One of a workload that has ended, or that is withheld, keeps its place: nobody else
    answers there. It has no say beside others, and brings no servers.
    `age`: (created, name): the smallest wins a disagreement. `match` is without hosts:
    those are apart, as claims are compared host by host; none means every host. `name` tells it from all others;
    `spots` are texts, one for each host, that are equal where host and match are."""

    age: tuple[float, str]
    route: RouteDeclaration
    hosts: tuple[Host, ...]
    match: Match
    servers: tuple[Server, ...]
    is_present: bool = True
    owner: str = ""
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
    def who(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All claims of a workload, and its problems."""

    claims: tuple[Claim, ...]
    streams: tuple[StreamClaim, ...]
    problems: tuple[Problem, ...]


def claims(declaration: Declaration, reach: Reach, rule: OwnerRule) -> Claims:
    """The claims of a declaration, seen from where the proxy stands."""
    workload = declaration.workload
    found: list[Claim] = []
    streams: list[StreamClaim] = []
    problems: list[Problem] = list(declaration.problems)
    age = (workload.created, workload.name)
    present = any(instance.running for instance in workload.instances)
    for route in declaration.routes:
        own, trouble = servers(workload, route, reach)
        problems.extend(problem for problem in trouble if problem not in problems)
        if route.withheld:
            message = f"withheld: no requests for it, and 503 where nobody shares the route: {route.withheld}"
            problems.append(Problem(severity="error", origin=route.origin("host"), message=message))
        hosts, match = tuple(sorted(set(route.options.host))), _match(route)
        found.append(
            Claim(
                age=age,
                route=route,
                hosts=hosts,
                match=match,
                servers=own,
                is_present=present,
                owner=owner_of(workload, route, reach, rule),
                name=f"{workload.id}\0{route.name}",
                spots=_spots(hosts, match),
            )
        )
    for stream in declaration.streams:
        own, trouble = servers(workload, stream, reach)
        problems.extend(problem for problem in trouble if problem not in problems)
        if stream.withheld:
            message = f"withheld: nobody is let in, unless others share the route: {stream.withheld}"
            problems.append(Problem(severity="error", origin=stream.origin("host"), message=message))
        owner = owner_of(workload, stream, reach, rule)
        streams.append(StreamClaim(age=age, route=stream, servers=own, is_present=present, owner=owner))
    return Claims(claims=tuple(found), streams=tuple(streams), problems=tuple(problems))


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


def _spots(hosts: tuple[Host, ...], match: Match) -> tuple[str, ...]:
    asked = repr(match) if match.is_conditional else str(match.path)
    return tuple(f"{host}\0{asked}" for host in hosts or ("",))
