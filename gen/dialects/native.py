"""The native dialect: `fairway.*` labels → Declaration.

`fairway.<option>` speaks of the default route, `fairway.routes.<name>.<option>` of a named one. A named route takes
from the default one what says where the workload is served (host, listeners, tls, certificate) and how it is reached
(port, protocol, network…) where it says nothing itself; path, conditions, priority and policies are its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from gen.dialects import Declaration, RouteDeclaration, RouteOptions
from gen.dialects import astray as strays
from gen.dialects.asked import Asked, Entries, Kind
from gen.dialects.streams import STREAMS, TAKEN, declared
from gen.errors import BadValue, Problem
from gen.options import Entry, refused
from gen.state import Label, Workload, is_from_variable, label_origin
from gen.values import Name, boolean

PREFIX = "fairway."
PROXY_LABEL = "fairway.proxy"
DEFAULT = "default"
MOST_ROUTES = 100
"""Routes of one workload: the proxy's memory is everybody's."""
MOST_WRITTEN = 32_000
"""Bytes of headers and query parameters that one route asks for, over all of its hosts: they are written at each."""
_OWN = ("path", "methods", "headers", "query", "client_ip", "priority", "upstream")
_CONDITIONS = ("host", "path", "methods", "headers", "query", "client_ip")
_KIND = Kind(options=RouteOptions, deciding=(*_CONDITIONS, "listeners"))


def read(workload: Workload, source: str) -> Declaration | None:
    """What the workload's labels ask for; None without any `fairway.` label, or for the proxy's own container."""
    labels = sorted((label for label in workload.labels if label.key.startswith(PREFIX)), key=lambda label: label.key)
    astray = strays.astray(workload.labels)
    if not (labels or astray) or any(label.key == PROXY_LABEL for label in labels):
        return None
    found = _asked(workload, labels, source) if labels else Declaration(workload=workload)
    return strays.told(found, astray, workload, source)


def _asked(workload: Workload, labels: list[Label], source: str) -> Declaration:
    """What the labels ask for that begin as ours do."""
    problems: list[Problem] = []
    groups = _by_route(workload, labels, source, problems)
    enable = groups[DEFAULT].pop("enable", None)
    if not _is_enabled(enable, problems):
        return Declaration(workload=workload, problems=tuple(problems))
    connections = {name: groups.pop(name) for name in list(groups) if name.startswith(STREAMS)}
    default = Asked.of(_KIND, groups.pop(DEFAULT), problems)
    named = {name: Asked.of(_KIND, entries, problems) for name, entries in sorted(groups.items())}
    asked = list(named.items())
    said = set(default.values).difference(TAKEN) if connections else default.values or enable is not None
    if _is_a_route(default) or (not named and said):
        asked.insert(0, (DEFAULT, default))
    routes = tuple(route for name, own in asked if (route := _route(name, own, default, problems)) is not None)
    return Declaration(
        workload=workload,
        routes=_with_origins(routes, labels, workload, source),
        streams=declared(connections, default.values, problems),
        problems=tuple(problems),
    )


def _with_origins(
    routes: tuple[RouteDeclaration, ...], labels: list[Label], workload: Workload, source: str
) -> tuple[RouteDeclaration, ...]:
    """Every route has at least one origin: the workload's first label where the route took all from elsewhere."""
    first = label_origin(source, workload, labels[0])
    return tuple(route if route.origins else replace(route, origins=(("", first),)) for route in routes)


def _by_route(
    workload: Workload, labels: Iterable[Label], source: str, problems: list[Problem]
) -> defaultdict[str, Entries]:
    """The labels' entries by route, keyed by what stands behind the route's name. A route without HTTP is called by
    its kind and its name, `tcp.db`: no name of another one has a dot there."""
    groups: defaultdict[str, Entries] = defaultdict(dict)
    groups[DEFAULT] = {}
    for label in labels:
        rest = label.key.removeprefix(PREFIX)
        entry = Entry(
            text=label.value,
            origin=label_origin(source, workload, label),
            is_hidden=is_from_variable(label),
            hollow=label.hollow,
        )
        head, _, behind = rest.partition(".")
        if not rest.startswith(("routes.", *STREAMS)):
            groups[DEFAULT][rest] = entry
            continue
        name, _, suffix = behind.partition(".")
        try:
            route = Name.parse(name) if head == "routes" else f"{head}.{Name.parse(name)}"
            if route not in groups and len(groups) > MOST_ROUTES:
                raise BadValue(name, f"among the first {MOST_ROUTES} routes", "fewer of them")
            groups[route][suffix] = entry
        except BadValue as error:
            message = f"the route's name: {error}"
            problems.append(Problem(severity="error", origin=entry.origin, message=message))
    return groups


def _is_enabled(entry: Entry | None, problems: list[Problem]) -> bool:
    """Whether the workload takes part. A value that cannot be read keeps it out: nobody is exposed by a typo."""
    try:
        return entry is None or boolean(entry.text.strip(" \t"))
    except BadValue as error:
        assert entry is not None
        problems.append(refused(entry, error))
        return False


def _is_a_route(asked: Asked) -> bool:
    """Whether the default route says where or how it is served, and not only what named ones take from it."""
    return bool(asked.policies or asked.withheld) or any(name in asked.values for name in _CONDITIONS)


def _route(name: str, asked: Asked, default: Asked, problems: list[Problem]) -> RouteDeclaration | None:
    """The route with what it takes from the default one; None where its conditions are not known or too large."""
    taken = {key: value for key, value in default.values.items() if key not in _OWN}
    if asked.lost or (default.lost - set(asked.values)).difference(_OWN):
        return None
    origins = {key: origin for key, origin in default.origins.items() if key in taken} | asked.origins
    options = RouteOptions(**(taken | dict(asked.values)))
    if (written := _written(options)) > MOST_WRITTEN:
        which = "headers" if options.headers else "query"
        hosts = f" at each of {len(options.host)} hosts" if len(options.host) > 1 else ""
        message = f"its conditions are {written} bytes, as they are written{hosts}; at most {MOST_WRITTEN} are allowed"
        hint = "use shorter conditions or fewer hosts, for example a wildcard; the route is left out"
        problems.append(Problem(severity="error", origin=asked.origins[which], message=message, hint=hint))
        return None
    return RouteDeclaration(
        name=name,
        options=options,
        policies=asked.policies,
        withheld=asked.withheld,
        origins=tuple(sorted(origins.items())),
    )


def _written(options: RouteOptions) -> int:
    conditions = (*options.headers, *options.query)
    own = sum(len(name) + len(condition.shown(name).encode()) for name, condition in conditions)
    return own * max(len(options.host), 1)
