"""Shadowed: all routes → a problem for each one that never answers on a host, because another route comes before it
there and takes every request that it could match.

Only an unconditional route can do so. Among the routes of one owner a prefix path comes before every regex path of its
hosts, and a route with a higher priority before all others. Between owners only the operator's priority decides in
every case: for all else the owner with the more specific route at a place comes first, with all of its routes. A route
whose guard never applies for this reason is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gen.errors import Problem
from gen.model import Match, Route
from gen.precedence import OPERATOR
from gen.values import Host

Spot = tuple[str, str, str, str]
"""Owner, listener, host and path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cover:
    """An unconditional route, by one of its hosts."""

    host: Host | None
    route: Route


def shadowed(routes: Sequence[Route]) -> tuple[Problem, ...]:
    """The problems, by route. Costs nothing but a look at each route where no regex and no priority is used."""
    highest: dict[str, int] = {OPERATOR: 0}
    for route in routes:
        if not route.match.is_conditional and route.priority > highest.get(route.owner, route.priority - 1):
            highest[route.owner] = route.priority
    suspects = [route for route in routes if _may_lose(route, highest)]
    if not suspects:
        return ()
    listeners = {listener for route in suspects for listener in route.listeners}
    covers = {spot: cover for route in routes for spot, cover in _covers(route, listeners)}
    return tuple(problem for route in suspects for problem in _problems(route, covers))


def _may_lose(route: Route, highest: Mapping[str, int]) -> bool:
    if route.withheld or route.is_everywhere:
        return False
    is_below = route.priority < highest.get(route.owner, route.priority)
    return route.match.path.kind == "regex" or is_below or (route.owner != OPERATOR and highest[OPERATOR] > 0)


def _covers(route: Route, listeners: set[str]) -> Iterator[tuple[Spot, _Cover]]:
    if route.match.is_conditional or route.match.path.kind == "regex" or route.is_everywhere:
        return
    path = _spelled(route.match)
    for listener in route.listeners:
        if listener in listeners:
            for host in route.match.hosts or (None,):
                yield (route.owner, listener, str(host or ""), path), _Cover(host=host, route=route)


def _spelled(match: Match) -> str:
    return ("=" if match.path.kind == "exact" else "") + match.path.text


def _problems(route: Route, covers: Mapping[Spot, _Cover]) -> Iterator[Problem]:
    """One for each route that comes before this one somewhere."""
    lost: dict[str, tuple[Route, list[str]]] = {}
    for host in route.match.hosts or (None,):
        found = [_cover(route, host, listener, covers) for listener in route.listeners]
        for cover in found:
            if cover is not None:
                lost.setdefault(cover.id, (cover, []))[1].append(str(host or "every host"))
    for winner, hosts in lost.values():
        yield _problem(route, winner, tuple(dict.fromkeys(hosts)))


def _cover(route: Route, host: Host | None, listener: str, covers: Mapping[Spot, _Cover]) -> Route | None:
    """The first route before this one that takes all its requests for a host on a listener."""
    spots = [(route.owner, listener, name, path) for name in _wider_hosts(host) for path in _wider_paths(route.match)]
    if route.owner != OPERATOR:
        spots += [(OPERATOR, listener, str(host or ""), path) for path in _wider_paths(route.match)]
    found = (cover for spot in spots if (cover := covers.get(spot)) and cover.route is not route)
    before = [cover for cover in found if _is_before(cover, route, host)]
    first = min(before, key=lambda one: (one.route.owner == route.owner, one.route.rank(one.host)), default=None)
    return first.route if first else None


def _is_before(cover: _Cover, route: Route, host: Host | None) -> bool:
    """Whether a cover is tried before a route; that of another owner is the operator's."""
    if cover.route.owner == route.owner:
        return cover.route.rank(cover.host) < route.rank(host)
    return cover.route.priority > 0


def _wider_hosts(host: Host | None) -> Iterable[str]:
    """The hosts of routes that take every name of this one."""
    yield ""
    if host is None:
        return
    yield str(host)
    if host.kind == "regex":
        return
    if host.kind != "subtree":
        yield f".{host.text}"
    domain = host.text
    while domain := domain.partition(".")[2]:
        yield from (f"*.{domain}", f".{domain}")


def _wider_paths(match: Match) -> Iterable[str]:
    """The paths of routes that take every path of this one."""
    yield ""
    path = match.path.text
    if match.path.kind == "regex":
        return
    if match.path.kind == "exact":
        yield f"={path}"
    while path:
        yield path
        path = path.rpartition("/")[0]


def _problem(route: Route, winner: Route, hosts: tuple[str, ...]) -> Problem:
    path, first = route.match.path, winner.match.path
    guards = [policy.name for policy in route.policies if policy.guards and policy not in winner.policies]
    who = winner.origins[0].workload if winner.origins else winner.id
    why = f"has priority {winner.priority}, this route {route.priority}"
    hint = f"give this route the priority {winner.priority + 1}, or a prefix path that is longer than {first}"
    if winner.owner != route.owner:
        why, hint = f"has priority {winner.priority} of the {OPERATOR}", "use another host, or a path outside of it"
    elif winner.priority == route.priority:
        why = "is a prefix path, which comes before every regex path"
    guarded = f"; its {', '.join(guards)} protects nothing" if guards else ""
    return Problem(
        severity="error" if guards else "warning",
        origin=route.origins[0],
        message=f"the path {path} never answers on {', '.join(hosts)}: {first} of {who} comes first and takes all its"
        f" requests: it {why}{guarded}",
        hint=hint,
    )
