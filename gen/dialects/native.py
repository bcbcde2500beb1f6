"""The native dialect: `fairway.*` labels → Declaration.

`fairway.<option>` speaks of the default route, `fairway.routes.<name>.<option>` of a named one. A named route takes
from the default one what says where the workload is served (host, listeners, tls, certificate) and how it is reached
(port, protocol, network…) where it says nothing itself; path, conditions, priority and policies are its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from gen.dialects import Declaration, RouteDeclaration, RouteOptions
from gen.errors import BadValue, Origin, Problem
from gen.model import Policy
from gen.options import Entry, decode, find, options_of, split_list, unknown
from gen.policies import BY_NAME, POLICIES, UNKNOWN_GUARDS
from gen.state import Label, Workload, label_origin
from gen.values import Host, Name, boolean

PREFIX = "fairway."
PROXY_LABEL = "fairway.proxy"
DEFAULT = "default"
MOST_ROUTES = 100
"""Routes of one workload: the proxy's memory is everybody's."""
MOST_HOSTS = 200
"""Hosts of one route."""
MOST_CONDITIONS = 50
"""Headers and query parameters that one route asks for."""
_OWN = ("path", "methods", "headers", "query", "client_ip", "priority", "upstream")
_CONDITIONS = ("host", "path", "methods", "headers", "query", "client_ip")
_DECIDING = (*_CONDITIONS, "listeners")
_CORE = tuple(option.name for option in options_of(RouteOptions))

Entries = dict[str, Entry]


def read(workload: Workload, source: str) -> Declaration | None:
    """What the workload's labels ask for; None without any `fairway.` label, or for the proxy's own container."""
    labels = sorted((label for label in workload.labels if label.key.startswith(PREFIX)), key=lambda label: label.key)
    if not labels or any(label.key == PROXY_LABEL for label in labels):
        return None
    problems: list[Problem] = []
    groups = _by_route(workload, labels, source, problems)
    enable = groups[DEFAULT].pop("enable", None)
    if not _is_enabled(enable, problems):
        return Declaration(workload=workload, problems=tuple(problems))
    default = _Asked.of(groups.pop(DEFAULT), problems)
    named = {name: _Asked.of(entries, problems) for name, entries in sorted(groups.items())}
    asked = list(named.items())
    if default.is_a_route or (not named and (enable is not None or default.values)):
        asked.insert(0, (DEFAULT, default))
    routes = tuple(route for name, own in asked if (route := own.route(name, default)) is not None)
    return Declaration(
        workload=workload, routes=_with_origins(routes, labels, workload, source), problems=tuple(problems)
    )


def _with_origins(
    routes: tuple[RouteDeclaration, ...], labels: list[Label], workload: Workload, source: str
) -> tuple[RouteDeclaration, ...]:
    """Every route has at least one origin: the workload's first label where the route took all from elsewhere."""
    first = label_origin(source, workload, labels[0])
    return tuple(route if route.origins else replace(route, origins=(("", first),)) for route in routes)


def _by_route(
    workload: Workload, labels: list[Label], source: str, problems: list[Problem]
) -> defaultdict[str, Entries]:
    """The labels' entries by route, keyed by what stands behind the route's name."""
    groups: defaultdict[str, Entries] = defaultdict(dict)
    groups[DEFAULT] = {}
    for label in labels:
        rest = label.key.removeprefix(PREFIX)
        entry = Entry(text=label.value, origin=label_origin(source, workload, label))
        if rest.startswith(("tcp.", "udp.")):
            message = "TCP and UDP routes are not served by this version"
            problems.append(Problem(severity="error", origin=entry.origin, message=message))
        elif not rest.startswith("routes."):
            groups[DEFAULT][rest] = entry
        else:
            _, name, suffix = (*rest.split(".", 2), "", "")[:3]
            try:
                if Name.parse(name) not in groups and len(groups) > MOST_ROUTES:
                    raise BadValue(name, f"among the first {MOST_ROUTES} routes", "fewer of them")
                groups[name][suffix] = entry
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
        problems.append(Problem(severity="error", origin=entry.origin, message=str(error)))
        return False


class _Asked:
    """What the labels of one route came to: core values, policies, and why it must be withheld or dropped."""

    def __init__(self) -> None:
        self.values: Mapping[str, Any] = {}
        self.policies: tuple[Policy, ...] = ()
        self.origins: dict[str, Origin] = {}
        self.withheld = ""
        self.lost: set[str] = set()

    @classmethod
    def of(cls, entries: Entries, problems: list[Problem]) -> _Asked:
        asked = cls()
        core: Entries = {}
        policies: defaultdict[str, Entries] = defaultdict(dict)
        for suffix, entry in entries.items():
            head, _, rest = suffix.partition(".")
            if head in BY_NAME and not suffix.endswith("."):
                policies[head][rest] = entry
            elif find(RouteOptions, suffix) is not None:
                core[suffix] = entry
            else:
                asked._unknown(suffix, entry, problems)
            asked.origins.setdefault(head, entry.origin)
        asked._core(core, problems)
        asked.policies = tuple(
            policy for kind in POLICIES if kind.name in policies and (policy := asked._policy(kind, policies, problems))
        )
        return asked

    def _core(self, entries: Entries, problems: list[Problem]) -> None:
        """Core options. What decides who reaches the route drops it where it cannot be read: it would be wider."""
        readable = self._hosts(entries, problems)
        decoded = decode(RouteOptions, readable)
        found = [*decoded.problems, *_empty(readable, decoded.values), *_too_many(readable)]
        problems.extend(found)
        self.values = decoded.values
        broken = {problem.origin.key for problem in found}
        heads = {suffix.partition(".")[0] for suffix, entry in readable.items() if entry.origin.key in broken}
        self.lost |= heads.intersection(_DECIDING)
        if "tls" in heads:
            self.withheld = self.withheld or "tls cannot be read, so it might be served without"

    def _hosts(self, entries: Entries, problems: list[Problem]) -> Entries:
        """A bad host of a list costs itself, not its neighbours of the list."""
        entry = entries.get("host")
        if entry is None:
            return entries
        option = find(RouteOptions, "host")
        assert option is not None
        try:
            if len(option[0].parse(entry.text)) > MOST_HOSTS:
                problems.append(Problem(severity="error", origin=entry.origin, message=f"more than {MOST_HOSTS} hosts"))
                self.lost.add("host")
        except BadValue:
            good, bad = _sift(entry)
            if good:
                problems.extend(bad)
                return {**entries, "host": replace(entry, text=good)}
        return entries

    def _policy(self, kind: type[Policy], policies: Mapping[str, Entries], problems: list[Problem]) -> Policy | None:
        """One policy, or None with a problem: half a policy is another one. A guard withholds the route with it."""
        decoded = decode(kind, policies[kind.name])
        found = list(decoded.problems)
        missing = [o.name for o in options_of(kind) if o.is_required and o.field not in decoded.values]
        origin = next(iter(policies[kind.name].values())).origin
        policy = None if found or missing else kind(**decoded.values)
        if policy is not None and (wrong := policy.check()):
            found.append(Problem(severity="error", origin=origin, message=wrong))
        elif missing and not found:
            found.append(Problem(severity="error", origin=origin, message=f"{kind.name} needs {', '.join(missing)}"))
        problems.extend(found)
        if found and kind.guards:
            self.withheld = self.withheld or f"{kind.name} cannot be kept: {found[0].message}"
        return None if found else policy

    def _unknown(self, suffix: str, entry: Entry, problems: list[Problem]) -> None:
        """A key that nothing knows. Where it may have meant a guard, the route is withheld; where it may have meant
        what decides who reaches it, the route is dropped, as it would be wider without."""
        head = suffix.partition(".")[0]
        if head in UNKNOWN_GUARDS:
            message = f"{head} is not known to this version; the route is withheld, as it would be unprotected"
            problems.append(Problem(severity="error", origin=entry.origin, message=message))
            self.withheld = self.withheld or message
            return
        others = (*BY_NAME, *(f"{kind.name}.{o.name}" for kind in POLICIES for o in options_of(kind)), "enable")
        problem = unknown(RouteOptions, suffix, entry.origin, others=others)
        self.lost.update(get_close_matches(head, _DECIDING, n=1, cutoff=0.7))
        guards = [kind.name for kind in POLICIES if kind.guards] + list(UNKNOWN_GUARDS)
        if get_close_matches(head, guards, n=1, cutoff=0.75) and head not in _CORE:
            self.withheld = self.withheld or f"{suffix} may have been meant to protect it"
        problems.append(problem)

    @property
    def is_a_route(self) -> bool:
        """Whether the default route says where or how it is served, and not only what named ones take from it."""
        return bool(self.policies or self.withheld) or any(name in self.values for name in _CONDITIONS)

    def route(self, name: str, default: _Asked) -> RouteDeclaration | None:
        """The route with what it takes from the default one; None where its conditions cannot be known."""
        taken = {key: value for key, value in default.values.items() if key not in _OWN}
        if self.lost or (default.lost - set(self.values)).difference(_OWN):
            return None
        origins = {key: origin for key, origin in default.origins.items() if key in taken} | self.origins
        return RouteDeclaration(
            name=name,
            options=RouteOptions(**(taken | dict(self.values))),
            policies=self.policies,
            withheld=self.withheld,
            origins=tuple(sorted(origins.items())),
        )


def _empty(entries: Entries, values: Mapping[str, Any]) -> list[Problem]:
    """Conditions written without a value, as a variable that is not set leaves them: they would match everything."""
    found: list[Problem] = []
    for suffix, entry in entries.items():
        if suffix in _DECIDING and values.get(suffix) == ():
            message = f"{entry.text!r} names nothing, so the route would be open to everything"
            hint = "leave the label out if that is meant"
            found.append(Problem(severity="error", origin=entry.origin, message=message, hint=hint))
    return found


def _too_many(entries: Entries) -> list[Problem]:
    """The conditions above what one route may ask for."""
    asked = [entry for suffix, entry in entries.items() if suffix.startswith(("headers.", "query."))]
    message = f"more than {MOST_CONDITIONS} headers and query parameters"
    return [Problem(severity="error", origin=entry.origin, message=message) for entry in asked[MOST_CONDITIONS:][:1]]


def _sift(entry: Entry) -> tuple[str, list[Problem]]:
    """The hosts of a list that can be read, as a list again, and the problems of the others."""
    good: list[str] = []
    bad: list[Problem] = []
    try:
        items = split_list(entry.text)
    except BadValue:
        return "", []
    for item in items:
        try:
            Host.parse(item)
            good.append('"' + item.replace('"', '""') + '"')
        except BadValue as error:
            bad.append(Problem(severity="error", origin=entry.origin, message=str(error)))
    return ",".join(good), bad
