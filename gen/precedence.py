"""Precedence: which owners' rules concern a host, and in which order rules are tried. `decide` and the proxies read it.

A rule is a route at one of its hosts. Within one owner the rank of the vocabulary decides, priority first. Between
owners priorities are not compared: at each place (a host with a path) the owner whose rule there is the most specific
comes first with all of its rules, then the next owner. The operator's priorities are compared with everything.

A host that owners declare by name, exactly or by the longest wildcard, belongs to these owners: no wider wildcard,
regex or host-less rule of another owner concerns it. A name that only regexes match belongs to the owners of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from gen.model import Route
from gen.values import Host

OPERATOR: Final = "operator"
"""The owner of routes from the operator's own files."""

Rank = tuple[object, ...]
Owners = frozenset[str]


class Rule(Protocol):
    """A route at one of its hosts; None is every host. `rank` is that of the route there."""

    @property
    def rank(self) -> Rank: ...
    @property
    def host(self) -> Host | None: ...
    @property
    def route(self) -> Route: ...


R = TypeVar("R", bound=Rule)


def in_order(candidates: Sequence[R], others: Sequence[R] = ()) -> list[R]:
    """Rules in the order in which they are tried. `candidates`: those whose host and path may match; `others` have no
    part in the order of owners."""
    rules = [*candidates, *others]
    if len({rule.route.owner for rule in rules}) <= 1:
        return sorted(rules, key=lambda rule: (not rule.route.is_everywhere, rule.rank))
    best: dict[tuple[str, int], Rank] = {}
    for rule in candidates:
        block, own = _block(rule.route), rule.route.specificity(rule.host)
        best[block] = min(best.get(block, own), own)

    def order(rule: R) -> tuple[object, ...]:
        block = _block(rule.route)
        own = best.get(block)
        first = (not rule.route.is_everywhere, -block[1])
        return (*first, own is None, own or rule.route.specificity(rule.host), rule.rank)

    return sorted(rules, key=order)


def _block(route: Route) -> tuple[str, int]:
    """What is tried together: the rules of an owner, and of the operator those of one priority."""
    return route.owner, route.priority if route.owner == OPERATOR else 0


def names_of(host: Host | None) -> tuple[Host, ...]:
    """The hosts that a pattern declares: itself, or for `.x` the exact and the wildcard one."""
    if host is None:
        return ()
    return (Host("wildcard", host.text), Host("exact", host.text)) if host.kind == "subtree" else (host,)


def declared(rules: Iterable[tuple[Host | None, Route]]) -> Mapping[Host, Owners]:
    """The owners of each host that is declared."""
    found: dict[Host, Owners] = {}
    for host, route in rules:
        for name in names_of(host):
            found[name] = found.get(name, frozenset()) | {route.owner}
    return found


def regex_turn(host: Host, route: Route) -> tuple[object, ...]:
    """The order in which regex hosts are tried: the operator's first, then the oldest."""
    pattern = host.regex.pcre if host.regex else ""
    return (route.owner != OPERATOR, route.since, pattern)


def belongs(name: str, listener: str, rules: Iterable[tuple[Host | None, Route]]) -> Host | None:
    """The declared host that a name belongs to on a listener; None where only host-less rules concern it."""
    pairs = tuple(rules)
    hosts = declared(pairs)
    exact = Host("exact", name)
    if exact in hosts:
        return exact
    labels = name.split(".")
    for start in range(1, len(labels)):
        wildcard = Host("wildcard", ".".join(labels[start:]))
        if wildcard in hosts:
            return wildcard
    turns: dict[Host, tuple[object, ...]] = {}
    for host, route in pairs:
        if host is not None and host.regex is not None:
            turns[host] = min(turns.get(host, regex_turn(host, route)), regex_turn(host, route))
    here = {host for host, route in pairs if listener in route.listeners}
    matching = [host for host in turns if host in here and host.matches(name)]
    return min(matching, key=turns.__getitem__, default=None)
