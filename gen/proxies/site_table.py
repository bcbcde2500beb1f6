"""Site table: the rules of one listener, found by the hosts that they may concern, with the owners of each host.

Routes go in, for each host that needs a site the rules around it come out; `routing` makes nodes of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from gen.model import Route
from gen.precedence import Owners, names_of, regex_turn
from gen.values import Host


@dataclass(frozen=True, slots=True)
class SiteRule:
    rank: tuple[object, ...]
    host: Host | None
    route: Route
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A host that has a site. `order`: by the vocabulary's default order, which tells it from all others too."""

    order: tuple[int, int, str]
    host: Host


def rules_of(route: Route) -> tuple[SiteRule, ...]:
    """A route by its hosts, with the sites that it makes necessary."""
    hosts = route.match.hosts or (None,)
    places = (tuple(Place(name.rank, name) for name in names_of(host)) for host in hosts)
    return tuple(SiteRule(route.rank(host), host, route, own) for host, own in zip(hosts, places, strict=True))


class Table:
    """The rules of one listener, found by the hosts that they may concern. `rules` are those of all listeners: a host
    that is declared on another one has its owners here too."""

    def __init__(self, rules: Iterable[SiteRule], listener: str) -> None:
        self.by_host: defaultdict[str, list[SiteRule]] = defaultdict(list)
        self.by_suffix: defaultdict[str, list[SiteRule]] = defaultdict(list)
        self.by_regex: defaultdict[Host, list[SiteRule]] = defaultdict(list)
        self.wide: defaultdict[str, list[SiteRule]] = defaultdict(list)
        self.everywhere: list[SiteRule] = []
        self.common: list[SiteRule] = []
        self.places: dict[tuple[int, int, str], Place] = {}
        self.owners: dict[tuple[int, int, str], Owners] = {}
        self.turns: dict[Host, tuple[object, ...]] = {}
        elsewhere: dict[tuple[int, int, str], Place] = {}
        alone: dict[str, Owners] = {}
        for rule in rules:
            owner = rule.route.owner
            mine = alone.setdefault(owner, frozenset((owner,)))
            is_here = listener in rule.route.listeners
            for place in rule.places:
                known = self.owners.setdefault(place.order, mine)
                if known is not mine:
                    self.owners[place.order] = known | mine
                (self.places if is_here else elsewhere)[place.order] = place
            if is_here or rule.host is None or rule.host.kind == "regex":
                self._add(rule, is_here=is_here)
        self._guard(elsewhere)

    def _add(self, rule: SiteRule, *, is_here: bool) -> None:
        host = rule.host
        if host is not None and host.kind == "regex":
            turn = regex_turn(host, rule.route)
            self.turns[host] = min(self.turns.get(host, turn), turn)
        if not is_here:
            return
        if rule.route.is_everywhere:
            self.common.append(rule)
        elif host is None:
            self.everywhere.append(rule)
            self.wide[rule.route.owner].append(rule)
        elif host.kind == "regex":
            self.by_regex[host].append(rule)
            self.wide[rule.route.owner].append(rule)
        else:
            (self.by_host if host.kind == "exact" else self.by_suffix)[host.text].append(rule)

    def _guard(self, elsewhere: dict[tuple[int, int, str], Place]) -> None:
        """A host that is declared on other listeners alone has a site here where another owner would take it."""
        if not (self.wide or self.by_suffix):
            return
        for order, place in elsewhere.items():
            if order not in self.places and place.host.kind != "regex":
                owners = self.owners[order]
                wider = {rule.route.owner for rule in self._wider(place.host)}
                if not owners.issuperset(self.wide) or not owners.issuperset(wider):
                    self.places[order] = place

    def _wider(self, site: Host) -> Iterable[SiteRule]:
        """The wildcards that cover a site."""
        found = (rule for suffix in _suffixes(site) for rule in self.by_suffix.get(suffix, ()))
        return (rule for rule in found if _covers(rule.host, site))

    def around(self, site: Host | None) -> tuple[SiteRule, ...]:
        """What concerns a site's hosts: the rules for just them, and wider ones of their owners."""
        return (*self._owned(site), *self.common)

    def _owned(self, site: Host | None) -> tuple[SiteRule, ...]:
        if site is None:
            return tuple(self.everywhere)
        owners = self.owners[site.rank]
        wide = tuple(chain.from_iterable(self.wide.get(owner, ()) for owner in sorted(owners))) if self.wide else ()
        if site.kind == "regex":
            own = self.by_regex[site]
            return (*own, *(rule for rule in wide if rule.host != site))
        own = self.by_host.get(site.text, []) if site.kind == "exact" else []
        if not self.by_suffix:
            return (*own, *wide)
        wider = (rule for rule in self._wider(site) if _is_at(rule, site) or rule.route.owner in owners)
        return (*own, *wider, *wide)


def _is_at(rule: SiteRule, site: Host) -> bool:
    """Whether a wildcard that covers a site is for just its names."""
    return rule.host is not None and rule.host.text == site.text


def _suffixes(site: Host) -> Iterable[str]:
    """The domains that a site's names lie in, itself included."""
    labels = site.text.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))


def _covers(pattern: Host | None, site: Host) -> bool:
    """Whether a wildcard covers all names of a site whose domain lies in its own."""
    assert pattern is not None
    return site.text != pattern.text or site.kind != "exact" or pattern.kind == "subtree"
