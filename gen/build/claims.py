"""Claims: what one workload's declaration lays claim to, and the servers that it brings. Pure per workload.

A Declaration goes in; its claims come out, with the problems of its ports and addresses. This is the part of build
that depends on one workload only, so an update computes it for the changed ones alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from gen.build.addresses import Reach, servers
from gen.dialects import Declaration, RouteDeclaration
from gen.errors import Problem
from gen.model import Match, Server
from gen.values import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One route of one workload. One of a workload that has ended, or that is withheld, keeps its place: nobody else
    answers there. It has no say beside others, and brings no servers.
    `age`: (created, name): the smallest wins a disagreement. `match` is without hosts:
    those are apart, as claims are compared host by host; none means every host."""

    age: tuple[float, str]
    route: RouteDeclaration
    hosts: tuple[Host, ...]
    match: Match
    servers: tuple[Server, ...]
    is_present: bool = True

    @property
    def turn(self) -> tuple[bool, float, str, str]:
        """The order in which claims speak: what runs before what has ended, then the oldest, then by name."""
        return (not self.is_present, *self.age, self.route.name)

    @property
    def who(self) -> str:
        """How problems call it."""
        return self.age[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All claims of a workload, and its problems."""

    claims: tuple[Claim, ...]
    problems: tuple[Problem, ...]


def claims(declaration: Declaration, reach: Reach) -> Claims:
    """The claims of a declaration, seen from where the proxy stands."""
    workload = declaration.workload
    found: list[Claim] = []
    problems: list[Problem] = list(declaration.problems)
    for route in declaration.routes:
        own, trouble = servers(workload, route, reach)
        problems.extend(problem for problem in trouble if problem not in problems)
        options = route.options
        hosts = tuple(sorted(set(options.host)))
        match = Match(
            path=options.path,
            methods=tuple(sorted(set(options.methods))),
            headers=tuple(sorted(options.headers, key=str)),
            query=tuple(sorted(options.query, key=str)),
            clients=tuple(sorted(set(options.client_ip))),
        )
        if route.withheld:
            message = f"withheld: no requests for it, and 503 where nobody shares the route: {route.withheld}"
            problems.append(Problem(severity="error", origin=route.origin("host"), message=message))
        age = (workload.created, workload.name)
        present = any(instance.running for instance in workload.instances)
        found.append(Claim(age=age, route=route, hosts=hosts, match=match, servers=own, is_present=present))
    return Claims(claims=tuple(found), problems=tuple(problems))
