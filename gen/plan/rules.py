"""Access facts → single rules, one per listener and host, with indexes over them.

A rule is the unit that proxies try in order. `Rules` finds those that can match a request of a given rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gen.access import Access
from gen.model import Match, Route
from gen.plan.overlap import host_covers, hosts_meet, networks_meet, path_covers, paths_meet, uncovered
from gen.values import Condition, HeaderName, Host

Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One host of a route on one listener."""

    access: Access
    listener: str
    host: Host | None

    @property
    def identity(self) -> Identity:
        """What the rule matches. Two rules of one model never share it."""
        return (self.listener, *self.match)

    @property
    def match(self) -> Identity:
        """What the rule matches on any listener."""
        one = self.access
        return (one.kind, self.host, one.path, one.methods, one.asks, one.mark, one.clients)

    @property
    def place(self) -> Identity:
        """Listener, host and path, without conditions."""
        return (self.listener, self.access.kind, self.host, self.access.path)

    @property
    def key(self) -> str:
        """The name of the route in the table's rows."""
        return self.access.key(self.host)

    def is_before(self, other: Rule) -> bool:
        """Whether connections that match both go to this one. True where the kinds differ: TLS names come first."""
        if self.access.kind != other.access.kind:
            return True
        return _rank(self.host) < _rank(other.host)


def _rank(host: Host | None) -> tuple[object, ...]:
    return host.rank if host else (9,)


def route_of(one: Access) -> Route:
    """The HTTP route of access facts; where they were restored, one that has the same place in the order."""
    return one.route if isinstance(one.route, Route) else _rebuilt(one)


def _rebuilt(one: Access) -> Route:
    """Only the number of conditions has a part in the order."""
    header = (HeaderName("x"), Condition.parse("*"))
    match = Match(
        hosts=one.hosts,
        path=one.path,
        methods=one.methods,  # type: ignore[arg-type]
        headers=(header,) * len(one.asks),
        clients=one.clients,
    )
    return Route(
        id="",
        listeners=one.listeners,
        match=match,
        upstream="",
        priority=one.priority,
        rank_name=one.name,
        owner=one.owner,
        since=one.since,
        is_everywhere=one.is_everywhere,
    )


def meet(one: Rule, other: Rule) -> bool:
    """Whether a request can match both. True wherever that cannot be excluded."""
    first, second = one.access, other.access
    return (
        one.listener == other.listener
        and hosts_meet(one.host, other.host)
        and (first.kind != second.kind or paths_meet(first.path, second.path))
        and (not first.methods or not second.methods or bool(set(first.methods) & set(second.methods)))
        and (not first.clients or not second.clients or networks_meet(first.clients, second.clients))
    )


def covers(one: Rule, other: Rule) -> bool:
    """Whether `one` certainly matches all requests that `other` matches."""
    if one.access.kind != other.access.kind or one.listener != other.listener:
        return False
    places = host_covers(one.host, other.host) and path_covers(one.access.path, other.access.path)
    return places and asks_no_more(one.access, other.access)


def asks_no_more(one: Access, other: Access) -> bool:
    """Whether the conditions of `one` hold wherever those of `other` do."""
    methods = not one.methods or (bool(other.methods) and set(other.methods) <= set(one.methods))
    clients = not one.clients or (bool(other.clients) and not uncovered(other.clients, one.clients))
    return methods and clients and set(one.asks) <= set(other.asks) and one.mark in ("", other.mark)


def rules_of(accesses: Iterable[Access]) -> Iterator[Rule]:
    """Every host of every route on every listener."""
    for one in accesses:
        for listener in one.listeners:
            for host in one.hosts or (None,):
                yield Rule(access=one, listener=listener, host=host)


class Rules:
    """The rules of some routes. Indexes are built on first use."""

    def __init__(self, accesses: Iterable[Access]) -> None:
        self.every = tuple(rules_of(accesses))

    @cached_property
    def by_identity(self) -> dict[Identity, Rule]:
        return {rule.identity: rule for rule in self.every}

    @cached_property
    def _by_host(self) -> tuple[dict[tuple[str, str], list[Rule]], dict[str, list[Rule]], dict[str, list[Rule]]]:
        exact: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)
        wide: defaultdict[str, list[Rule]] = defaultdict(list)
        every: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in self.every:
            every[rule.listener].append(rule)
            if rule.host is not None and rule.host.kind == "exact":
                exact[rule.listener, rule.host.text].append(rule)
            else:
                wide[rule.listener].append(rule)
        return exact, wide, every

    @cached_property
    def streams(self) -> Rules:
        """Those of TCP and UDP."""
        return Rules(dict.fromkeys(rule.access for rule in self.every if rule.access.kind != "http"))

    def near(self, rule: Rule) -> tuple[Rule, ...]:
        """The rules that can match a request of `rule`, itself among them, and some that cannot."""
        exact, wide, every = self._by_host
        if rule.host is not None and rule.host.kind == "exact":
            return (*exact.get((rule.listener, rule.host.text), ()), *wide.get(rule.listener, ()))
        return tuple(every.get(rule.listener, ()))

    @cached_property
    def owners(self) -> dict[Host, set[str]]:
        """The owners of each host."""
        found: defaultdict[Host, set[str]] = defaultdict(set)
        for rule in self.every:
            if rule.host is not None:
                found[rule.host].add(rule.access.owner)
        return found

    @cached_property
    def listeners(self) -> dict[Identity, list[str]]:
        """The listeners on which each match is."""
        found: defaultdict[Identity, list[str]] = defaultdict(list)
        for rule in self.every:
            found[rule.match].append(rule.listener)
        return found
