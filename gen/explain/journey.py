"""Journey: one workload → each step from its labels to its servers, with the first thing that is wrong. Pure.

What only the world knows (a container that is not there, what the running proxy serves) the doctor adds.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final
from urllib.parse import quote

from gen import table
from gen.build.reach import Asker
from gen.dialects import Declaration, RouteDeclaration
from gen.dialects.native import PREFIX, PROXY_LABEL
from gen.errors import Problem
from gen.explain.basis import Basis
from gen.explain.finding import Finding
from gen.explain.share import Place, Share, reach_of, share, shares, shown, to_start
from gen.model import Route, StreamRoute
from gen.state import Instance, Workload, source_of

_OTHERS: Final = (
    ("traefik.", "Traefik's"),
    ("caddy", "caddy-docker-proxy's"),
    ("easyhaproxy.", "EasyHAProxy's"),
    ("com.github.jrcs.letsencrypt_nginx_proxy_companion", "nginx-proxy's"),
    ("com.github.nginx-proxy", "nginx-proxy's"),
)
_MOST: Final = 20
"""So many labels of one kind are shown."""


def journey(workload: Workload, basis: Basis) -> Iterator[Finding]:
    """The steps in order; those that cannot be taken any more are left out."""
    yield from _running(workload)
    declaration = next((one for one in basis.declarations if one.workload.id == workload.id), None)
    yield from _labels(workload)
    if declaration is None:
        return
    yield from _decoded(declaration)
    every: tuple[Asker, ...] = (*declaration.routes, *declaration.streams)
    for asked in every:
        yield from _route(declaration, asked, basis)
    yield from _others(declaration, basis)


def _running(workload: Workload) -> Iterator[Finding]:
    for one in workload.instances:
        yield _state(workload, one)
    if not workload.instances:
        yield Finding(level="fail", about="running", found=f"{workload.name} has no instance", hint="start one")


def _state(workload: Workload, one: Instance) -> Finding:
    about = f"running {one.name}"
    if not one.running:
        return Finding(level="fail", about=about, found="it does not run", hint=to_start(workload, one))
    if one.stopping:
        return Finding(level="warn", about=about, found="it was told to stop, and gets no new requests")
    if one.health == "unhealthy":
        hint = f"docker inspect --format '{{{{json .State.Health}}}}' {shlex.quote(one.name)}"
        return Finding(level="fail", about=about, found="its health check fails, so it gets no requests", hint=hint)
    if one.health == "starting":
        return Finding(level="warn", about=about, found="its health check has not passed yet; it gets requests then")
    said = "healthy" if one.health == "healthy" else "it has no health check, and counts as healthy"
    return Finding(level="ok", about=about, found=f"it runs; {said}")


def _labels(workload: Workload) -> Iterator[Finding]:
    """Whether there are labels of ours, and those that were meant to be."""
    own = [label for label in workload.labels if label.key.startswith(PREFIX)]
    meant = [label for label in workload.labels if not label.key.startswith(PREFIX) and _is_meant(label.key)]
    for label in meant[:_MOST]:
        hint = f"labels are written in lower case and begin with {PREFIX}: {_right(label.key)}={shown(label)}"
        yield Finding(level="fail", about="labels", found=f"{label.key} is not read", hint=hint)
    if any(label.key == PROXY_LABEL for label in own):
        found = f"{PROXY_LABEL} marks it as the proxy's own container, which asks for no route"
        yield Finding(level="warn", about="labels", found=found, hint="take that label away if it is not")
    elif own:
        said = ", ".join(f"{label.key}={shown(label)}" for label in own[:_MOST])
        yield Finding(level="ok", about="labels", found=said + f" and {len(own) - _MOST} more" * (len(own) > _MOST))
    elif not meant:
        yield Finding(level="fail", about="labels", found=_none(workload), hint=f"add {PREFIX}host=shop.example.com")


def _is_meant(key: str) -> bool:
    """Whether a label was meant to be ours: another spelling of the prefix."""
    head = key.partition(".")[0]
    return "." in key and bool(get_close_matches(head.lower(), ["fairway"], cutoff=0.75))


def _right(key: str) -> str:
    return f"{PREFIX}{key.partition('.')[2].lower()}"


def _none(workload: Workload) -> str:
    """That there is no label of ours, and whose there are instead."""
    theirs = sorted({who for label in workload.labels for start, who in _OTHERS if label.key.startswith(start)})
    if theirs:
        return f"no label begins with {PREFIX}; there are {', '.join(theirs)}, which Fairway does not read"
    return f"no label begins with {PREFIX}" + ("" if workload.labels else ", there is none at all")


def _decoded(declaration: Declaration) -> Iterator[Finding]:
    for problem in declaration.problems:
        yield _of(problem, "declaration")
    if not declaration.routes and not declaration.streams:
        yield _nothing(declaration)
    elif not declaration.problems:
        names = [one.name for one in declaration.routes]
        names += [f"{one.transport} {one.name}" for one in declaration.streams]
        yield Finding(level="ok", about="declaration", found=f"it asks for the routes {', '.join(names) or '(none)'}")


def _nothing(declaration: Declaration) -> Finding:
    """That it asks for no route, and what would."""
    about = "declaration"
    if any(label.key == f"{PREFIX}enable" for label in declaration.workload.labels) and not declaration.problems:
        hint = f"take it away, or write {PREFIX}enable=yes"
        return Finding(level="fail", about=about, found=f"{PREFIX}enable keeps it out", hint=hint)
    found = "its labels ask for no route that can be had"
    return Finding(level="fail", about=about, found=found, hint=f"say where: {PREFIX}host=shop.example.com")


def _of(problem: Problem, about: str) -> Finding:
    key = f"{problem.origin.key}: " if problem.origin.key else ""
    level = "fail" if problem.severity == "error" else "warn"
    return Finding(level=level, about=about, found=f"{key}{problem.message}", hint=problem.hint)  # type: ignore[arg-type]


def _route(declaration: Declaration, asked: Asker, basis: Basis) -> Iterator[Finding]:
    """One of its routes: claimed, reached, ready, and under which URL."""
    about = f"route {asked.name}"
    source = source_of(basis.state.source, declaration.workload)
    own = share(declaration.workload, asked, reach_of(basis.state, basis.model.settings), source)
    routes = tuple(_claimed(declaration, asked, basis))
    if not routes:
        found = "nobody is served by it: see the problems"
        yield Finding(level="fail", about=about, found=found)
    for route in routes:
        yield _standing(route, declaration, about, basis)
    if own.withheld:
        found = f"its claim is withheld: {own.withheld}"
        yield Finding(level="fail", about=about, found=found, hint="correct the label that is named there")
    for place in own.places:
        yield _reached(place, about)
    for route in routes:
        yield from _pool(route, own, about, basis)
        yield from _urls(route, about, basis)


def claimed(workload: Workload, basis: Basis) -> tuple[Route | StreamRoute, ...]:
    """The routes of the model that are a workload's too."""
    found: dict[str, Route | StreamRoute] = {}
    for declaration in basis.declarations:
        if declaration.workload.id == workload.id:
            every: tuple[Asker, ...] = (*declaration.routes, *declaration.streams)
            for asked in every:
                found |= {route.id: route for route in _claimed(declaration, asked, basis)}
    return tuple(found.values())


def _claimed(declaration: Declaration, asked: Asker, basis: Basis) -> Iterator[Route | StreamRoute]:
    """The routes of the model that this one became part of."""
    every: tuple[Route | StreamRoute, ...] = (*basis.model.routes, *basis.model.streams)
    wanted = asked.origin("host")
    for route in every:
        if wanted in route.origins and _is_like(route, asked):
            parts = shares(route, (declaration,), basis.state, basis.model.settings)
            if any(part.name == asked.name for part in parts):
                yield route


def _is_like(route: Route | StreamRoute, asked: Asker) -> bool:
    """Whether both are of one kind, and not the path of challenges beside a redirect."""
    if isinstance(route, StreamRoute) or not isinstance(asked, RouteDeclaration):
        return isinstance(route, StreamRoute) and not isinstance(asked, RouteDeclaration)
    return route.match.path == asked.options.path


def _standing(route: Route | StreamRoute, declaration: Declaration, about: str, basis: Basis) -> Finding:
    """How the route stands: withheld, shared, or its own."""
    parts = shares(route, basis.declarations, basis.state, basis.model.settings)
    others = sorted({part.workload for part in parts} - {declaration.workload.name})
    named = rule(route) + (f", owner {route.owner}," if table.has_several_owners(basis.model) else "")
    if route.withheld:
        found = f"{named} answers 503: {route.withheld}"
        return Finding(level="fail", about=about, found=found, hint="a guard has to be had, or nobody is let in")
    if others:
        found = f"{named} is shared with {', '.join(others)}; the oldest, {parts[0].workload}, says its options"
        return Finding(level="ok", about=about, found=found)
    return Finding(level="ok", about=about, found=f"{named} is its own")


def rule(route: Route | StreamRoute) -> str:
    """A route by its hosts, path and listeners."""
    on = f" on {', '.join(route.listeners)}"
    if isinstance(route, StreamRoute):
        return f"{route.protocol} {', '.join(map(str, route.hosts)) or '*'}{on}"
    asked = table.conditions(route)
    hosts = ", ".join(f"{host}{route.match.path}" for host in route.match.hosts or ("*",))
    return hosts + (f" [{'; '.join(asked)}]" if asked else "") + on


def _reached(place: Place, about: str) -> Finding:
    """Where an instance is reached, at which port, and whether it gets requests."""
    if not place.address:
        hint = place.hint
        return Finding(level="fail", about=about, found=f"no server: {place.reason}", hint=hint)
    over = f" over {place.network}" if place.network else ""
    found = f"{place.instance} is reached at {place.address}{over}"
    if place.is_ready:
        return Finding(level="ok", about=about, found=found)
    return Finding(level="warn", about=about, found=f"{found}, and gets nothing new: {place.reason}")


def _pool(route: Route | StreamRoute, own: Share, about: str, basis: Basis) -> Iterator[Finding]:
    """Whether its own servers stand in the pool."""
    upstream = next(one for one in basis.model.upstreams if one.id == route.upstream)
    if not upstream.ready:
        found = "no server is ready, so that it answers 503"
        yield Finding(level="fail", about=about, found=found)
    elif any(place.is_ready for place in own.places) and any(one.is_name for one in upstream.servers):
        names = ", ".join(sorted({one.host for one in upstream.servers if one.is_name}))
        yield Finding(level="ok", about=about, found=f"its pool stands by name: {names}")


def _urls(route: Route | StreamRoute, about: str, basis: Basis) -> Iterator[Finding]:
    """Under which URL it should answer, to go on with `explain`."""
    found = tuple(urls(route, basis))
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield Finding(level="ok", about=about, found=f"fairway explain {found[0]}{more}")


def urls(route: Route | StreamRoute, basis: Basis) -> Iterator[str]:
    """URLs of a route by listener and host, safe to be copied into a shell. A pattern is no URL."""
    for listener in basis.model.listeners:
        if listener.name not in route.listeners:
            continue
        if isinstance(route, StreamRoute):
            scheme = "udp" if route.protocol == "udp" else "tls" if route.tls != "off" else "tcp"
            yield from (f"{scheme}://{host.text}:{listener.port}" for host in route.hosts if host.kind != "regex")
            if not route.hosts:
                yield f"{scheme}://localhost:{listener.port}"
            continue
        scheme, usual = ("https", 443) if listener.tls else ("http", 80)
        port = "" if listener.port == usual else f":{listener.port}"
        path = "/" if route.match.path.kind == "regex" else quote(route.match.path.text or "/")
        for host in route.match.hosts:
            if host.kind != "regex":
                name = f"any.{host.text}" if host.kind == "wildcard" else host.text
                yield f"{scheme}://{name}{port}{path}"
        if not route.match.hosts:
            yield f"{scheme}://localhost{port}{path}"


def _others(declaration: Declaration, basis: Basis) -> Iterator[Finding]:
    """What later stages say of it that no step has said."""
    told = {(problem.origin, problem.message) for problem in declaration.problems}
    for problem in basis.model.problems:
        if problem.origin.workload == declaration.workload.name and (problem.origin, problem.message) not in told:
            yield _of(problem, "problems")
