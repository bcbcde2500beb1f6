"""The routing table as proxies pick by it: sites (by host) and nodes (by path), sound for any table.

Both proxies look up the host and then the path before anything else is asked, in an order of their own. So each site
gets every route that may concern its hosts, each node every route that may concern its paths, in the model's order:
the first unconditional one ends the list. There are only exact and prefix nodes; what a regex or a condition decides
is asked at the node, choice by choice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from operator import attrgetter

from gen.memo import Memo
from gen.model import Match, Model, Route
from gen.values import Host, Path, Regex


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One candidate of a node: the route, if the host's and the path's regex and the other conditions of `asks`
    hold. `asks` has no hosts but a regex that the site does not settle, and no path but a regex."""

    asks: Match
    route: str

    @property
    def is_conditional(self) -> bool:
        return self.asks != ALWAYS

    @property
    def host(self) -> Regex | None:
        return self.asks.hosts[0].regex if self.asks.hosts else None


ALWAYS = Match()
"""What asks nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One place: `path` and all below it, or with `exact` the path alone. The root prefix is empty.

    `choices` in order; the last one is unconditional or nobody answers what falls through.
    """

    path: str
    exact: bool
    choices: tuple[Choice, ...]


class Nodes(tuple[Node, ...]):
    """The nodes of a site. Whole sites are compared by them, so their hash is calculated once."""

    _hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = super().__hash__()
        return self._hash

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """All routes that may answer here, by id."""
        return tuple(sorted({choice.route for node in self for choice in node.choices}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Some hosts (none: every host that no other site has) on one listener. `name`: the host as text, or empty."""

    listener: str
    host: Host | None
    nodes: Nodes
    name: str


@dataclass(frozen=True, slots=True)
class _Rule:
    rank: tuple[object, ...]
    host: Host | None
    route: Route
    places: tuple[_Place, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A host that has a site. `order`: by the vocabulary's default order, which tells it from all others too."""

    order: tuple[int, int, str]
    host: Host


def _rules(route: Route) -> tuple[_Rule, ...]:
    """A route by its hosts, with the sites that it makes necessary."""
    hosts = route.match.hosts or (None,)
    return tuple(_Rule(route.rank(host), host, route, tuple(_places(host))) for host in hosts)


def _places(host: Host | None) -> Iterable[_Place]:
    if host is None:
        return
    exact = [Host("exact", host.text)] if host.kind == "subtree" else []
    own = Host("wildcard", host.text) if host.kind == "subtree" else host
    for one in (own, *exact):
        yield _Place(one.rank, one)


class _Table:
    """The rules of one listener, found by the hosts that they may concern."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self.by_host: defaultdict[str, list[_Rule]] = defaultdict(list)
        self.by_suffix: defaultdict[str, list[_Rule]] = defaultdict(list)
        self.by_regex: list[_Rule] = []
        self.everywhere: list[_Rule] = []
        self.places: dict[tuple[int, int, str], _Place] = {}
        for rule in rules:
            self._add(rule)
        self.by_regex.sort(key=_RANK)

    def _add(self, rule: _Rule) -> None:
        host = rule.host
        if host is None:
            self.everywhere.append(rule)
            return
        if host.kind == "regex":
            self.by_regex.append(rule)
        else:
            (self.by_host if host.kind == "exact" else self.by_suffix)[host.text].append(rule)
        for place in rule.places:
            self.places[place.order] = place

    def around(self, site: Host | None) -> tuple[_Rule, ...]:
        """What may concern a site's hosts and not all others."""
        if site is None or site.kind == "regex":
            return ()
        own = self.by_host.get(site.text, ()) if site.kind == "exact" else ()
        if not self.by_suffix:
            return tuple(own)
        wider = (rule for suffix in _suffixes(site) for rule in self.by_suffix.get(suffix, ()))
        return (*own, *(rule for rule in wider if _covers(rule.host, site)))


_RANK, _ORDER, _ID = attrgetter("rank"), attrgetter("order"), attrgetter("id")


def _concerning(
    site: Host | None, own: Sequence[_Rule], everywhere: Sequence[_Rule], by_regex: Sequence[_Rule]
) -> list[_Rule]:
    """What may concern a site's hosts, in order, up to the first rule that takes everything."""
    found = sorted((*own, *everywhere, *(by_regex if site is not None else ())), key=_RANK)
    for position, rule in enumerate(found):
        if _takes_all(rule, site):
            return found[: position + 1]
    return found


def _suffixes(site: Host) -> Iterable[str]:
    """The domains that a site's names lie in, itself included."""
    labels = site.text.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))


def _covers(pattern: Host | None, site: Host) -> bool:
    """Whether a wildcard covers all names of a site whose domain lies in its own."""
    assert pattern is not None
    return site.text != pattern.text or site.kind != "exact" or pattern.kind == "subtree"


def _takes_all(rule: _Rule, site: Host | None) -> bool:
    route = rule.route
    return not route.match.is_conditional and route.match.path == Path("prefix", "") and not _open_host(rule, site)


def _open_host(rule: _Rule, site: Host | None) -> Host | None:
    """The rule's host where the site does not settle it: a regex, but in its own site."""
    host = rule.host
    return host if host is not None and host.kind == "regex" and host != site else None


def sites(model: Model, listener: str, memo: Memo | None = None) -> tuple[Site, ...]:
    """All sites of a listener in the order in which nginx has to see them; the last one is for all other hosts."""
    memo = memo or Memo()
    return memo.nested(("sites", listener), partial(_sites, listener), model.routes)


def _sites(listener: str, memo: Memo, routes: Sequence[Route]) -> tuple[Site, ...]:
    served = (route for route in routes if listener in route.listeners)
    table = _Table(chain.from_iterable(memo.each("rules", _rules, served, key=_ID)))
    places = memo.ordered("places", table.places.values(), key=_ORDER)
    regexes = dict.fromkeys(rule.host for rule in table.by_regex)
    hosts = (*(place.host for place in places if place.host.kind != "regex"), *regexes, None)
    around = tuple(map(table.around, hosts))
    wide = (listener, (tuple(table.everywhere), tuple(table.by_regex)))
    return memo.each("site", _site, hosts, around, key=str, shared=wide)


def _site(
    host: Host | None, own: Sequence[_Rule], listener: str, wide: tuple[tuple[_Rule, ...], tuple[_Rule, ...]]
) -> Site:
    everywhere, by_regex = wide
    found = nodes(_concerning(host, own, everywhere, by_regex), host)
    return Site(listener=listener, host=host, nodes=Nodes(found), name=str(host or ""))


def nodes(found: Sequence[_Rule], site: Host | None) -> tuple[Node, ...]:
    """The nodes of a site, by path; one that decides like the one around it is left out."""
    prefixes: defaultdict[str, list[_Rule]] = defaultdict(list)
    exacts: defaultdict[str, list[_Rule]] = defaultdict(list)
    regexes: list[_Rule] = []
    for rule in found:
        path = rule.route.match.path
        if path.kind == "regex":
            regexes.append(rule)
        else:
            (prefixes if path.kind == "prefix" else exacts)[path.text].append(rule)
    paths = {"", *prefixes}
    written: dict[str, tuple[Choice, ...]] = {}
    result: list[Node] = []
    for place in sorted(paths, key=len):
        own = [rule for wider in outer(place) for rule in prefixes.get(wider, ())]
        choices = _choices([*own, *regexes], site)
        written[place] = choices
        if not place or choices != around(place, written):
            result.append(Node(path=place, exact=False, choices=choices))
    for place in sorted({*exacts, *paths} - {""}, key=len):
        own = [rule for wider in outer(place) for rule in prefixes.get(wider, ())]
        choices = _choices([*own, *exacts.get(place, ()), *regexes], site)
        if choices != around(place, written):
            result.append(Node(path=place, exact=True, choices=choices))
    return tuple(sorted(result, key=lambda node: (node.path, node.exact)))


def outer(path: str) -> Iterable[str]:
    """A path and all prefixes around it by whole segments, the empty root included."""
    at = len(path)
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)
    yield ""


def around(path: str, written: dict[str, tuple[Choice, ...]]) -> tuple[Choice, ...]:
    """What the nearest prefix around a path decides."""
    for wider in list(outer(path))[1:]:
        if wider in written:
            return written[wider]
    return ()


def _choices(found: Sequence[_Rule], site: Host | None) -> tuple[Choice, ...]:
    """Candidates in order, up to the first unconditional one."""
    result: list[Choice] = []
    for rule in sorted(found, key=lambda rule: rule.rank):
        choice = Choice(asks=_asks(rule, site), route=rule.route.id)
        result.append(choice)
        if not choice.is_conditional:
            break
    return tuple(result)


def _asks(rule: _Rule, site: Host | None) -> Match:
    """What has to hold beside the node's place."""
    match, host = rule.route.match, _open_host(rule, site)
    if host is None and match.path.regex is None and not match.is_conditional:
        return ALWAYS
    path = match.path if match.path.regex is not None else Path("prefix", "")
    return replace(match, hosts=(host,) if host else (), path=path)
