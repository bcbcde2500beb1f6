"""Asked: the labels of one route → core values and policies, with why it must be withheld or dropped.

Every kind of route reads its labels here: entries by what stands behind the route's name go in, `Asked` comes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from gen.errors import BadValue, Origin, Problem
from gen.model import Policy, Transport
from gen.options import Entry, Option, decode, find, options_of, split_list, unknown
from gen.policies import BY_NAME, POLICIES, UNKNOWN_GUARDS

MOST_HOSTS = 200
"""Hosts of one route."""
MOST_CONDITIONS = 50
"""Headers and query parameters that one route asks for."""

Entries = dict[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of route: its core options, those that decide who reaches it, and what it is without HTTP."""

    options: type[Any]
    deciding: tuple[str, ...]
    transport: Transport | None = None

    def takes(self, policy: str) -> bool:
        """Whether a route of this kind may have a policy."""
        return self.transport is None or self.transport in BY_NAME[policy].transports

    @property
    def policies(self) -> tuple[type[Policy], ...]:
        return tuple(policy for policy in POLICIES if self.takes(policy.name))


class Asked:
    """What the labels of one route came to: core values, policies, and why it must be withheld or dropped."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.values: Mapping[str, Any] = {}
        self.policies: tuple[Policy, ...] = ()
        self.origins: dict[str, Origin] = {}
        self.withheld = ""
        self.lost: set[str] = set()

    @classmethod
    def of(cls, kind: Kind, entries: Entries, problems: list[Problem]) -> Asked:
        asked = cls(kind)
        core: Entries = {}
        policies: defaultdict[str, Entries] = defaultdict(dict)
        for suffix, entry in entries.items():
            head, _, rest = suffix.partition(".")
            if head in BY_NAME and not suffix.endswith("."):
                if kind.takes(head):
                    policies[head][rest] = entry
                else:
                    asked._misplaced(head, entry, problems)
            elif find(kind.options, suffix) is not None:
                core[suffix] = entry
            else:
                asked._unknown(suffix, entry, problems)
            asked.origins.setdefault(head, entry.origin)
        asked._core(core, problems)
        asked.policies = tuple(
            policy for each in POLICIES if each.name in policies and (policy := asked._policy(each, policies, problems))
        )
        return asked

    def _core(self, entries: Entries, problems: list[Problem]) -> None:
        """Core options. What decides who reaches the route drops it where it cannot be read: it would be wider."""
        readable = self._hosts(entries, problems)
        decoded = decode(self.kind.options, readable)
        self.values = decoded.values
        found = [*decoded.problems, *self._empty(readable), *_too_many(readable)]
        problems.extend(found)
        broken = {problem.origin.key for problem in found}
        heads = {suffix.partition(".")[0] for suffix, entry in readable.items() if entry.origin.key in broken}
        self.lost |= heads.intersection(self.kind.deciding)
        if "tls" in heads - self.lost:
            self.withheld = self.withheld or "tls cannot be read, so it might be served without"

    def _hosts(self, entries: Entries, problems: list[Problem]) -> Entries:
        """A bad host of a list costs itself, not its neighbours of the list."""
        entry = entries.get("host")
        if entry is None:
            return entries
        option = next((option for option in options_of(self.kind.options) if option.name == "host"), None)
        if option is None:
            return entries
        try:
            if len(option.parse(entry.text)) > MOST_HOSTS:
                problems.append(Problem(severity="error", origin=entry.origin, message=f"more than {MOST_HOSTS} hosts"))
                self.lost.add("host")
        except BadValue:
            good, bad = _sift(entry, option)
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
        known = self.kind.policies
        others = [kind.name for kind in known] + [f"{kind.name}.{o.name}" for kind in known for o in options_of(kind)]
        others += ["enable"] * (self.kind.transport is None)
        problem = unknown(self.kind.options, suffix, entry.origin, others=tuple(others))
        self.lost.update(get_close_matches(head, self.kind.deciding, n=1, cutoff=0.7))
        guards = [kind.name for kind in POLICIES if kind.guards] + list(UNKNOWN_GUARDS)
        core = [option.name for option in options_of(self.kind.options)]
        if get_close_matches(head, guards, n=1, cutoff=0.75) and head not in core:
            self.withheld = self.withheld or f"{suffix} may have been meant to protect it"
        problems.append(problem)

    def _misplaced(self, policy: str, entry: Entry, problems: list[Problem]) -> None:
        """A policy that speaks of requests, on a route that knows only connections."""
        transport = str(self.kind.transport).upper()
        message = f"a {transport} route cannot have {policy}"
        if BY_NAME[policy].guards:
            message += "; it is withheld, as it would be unprotected"
            self.withheld = self.withheld or message
        hint = f"there is {', '.join(kind.name for kind in self.kind.policies)}"
        problem = Problem(severity="error", origin=entry.origin, message=message, hint=hint)
        if problem not in problems:
            problems.append(problem)

    def _empty(self, entries: Entries) -> list[Problem]:
        """Conditions without a value, as a variable that is not set leaves them: they would match everything."""
        found: list[Problem] = []
        for suffix, entry in entries.items():
            if suffix in self.kind.deciding and self.values.get(suffix) == ():
                message = f"{entry.shown} names nothing, so the route would be open to everything"
                hint = "leave the label out if that is meant"
                found.append(Problem(severity="error", origin=entry.origin, message=message, hint=hint))
        return found


def _too_many(entries: Entries) -> list[Problem]:
    """The conditions above what one route may ask for."""
    asked = [entry for suffix, entry in entries.items() if suffix.startswith(("headers.", "query."))]
    message = f"more than {MOST_CONDITIONS} headers and query parameters"
    return [Problem(severity="error", origin=entry.origin, message=message) for entry in asked[MOST_CONDITIONS:][:1]]


def _sift(entry: Entry, option: Option) -> tuple[str, list[Problem]]:
    """The hosts of a list that can be read, as a list again, and the problems of the others."""
    good: list[str] = []
    bad: list[Problem] = []
    try:
        items = split_list(entry.text)
    except BadValue:
        return "", []
    for item in items:
        try:
            option.parse(item)
            good.append('"' + item.replace('"', '""') + '"')
        except BadValue as error:
            bad.append(Problem(severity="error", origin=entry.origin, message=str(error)))
    return ",".join(good), bad
