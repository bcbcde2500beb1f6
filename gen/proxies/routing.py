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
from gen.precedence import in_order
from gen.proxies.site_table import SiteRule, Table, rules_of
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
    """Some hosts (none: every host that no other site has) on one listener. `name`: the host as text, or empty. `turn`:
    the place of a regex among the regexes."""

    listener: str
    host: Host | None
    nodes: Nodes
    name: str
    turn: tuple[object, ...] = ()


_RANK, _ORDER, _ID = attrgetter("rank"), attrgetter("order"), attrgetter("id")


def _concerning(site: Host | None, found: Sequence[SiteRule]) -> Sequence[SiteRule]:
    """What may concern a site's hosts; of one owner in order, up to the first rule that takes everything."""
    if len({rule.route.owner for rule in found}) > 1 or any(rule.route.is_everywhere for rule in found):
        return found
    ordered = sorted(found, key=_RANK)
    for position, rule in enumerate(ordered):
        if _takes_all(rule, site):
            return ordered[: position + 1]
    return ordered


def _takes_all(rule: SiteRule, site: Host | None) -> bool:
    route = rule.route
    return not route.match.is_conditional and route.match.path == Path("prefix", "") and not _open_host(rule, site)


def _open_host(rule: SiteRule, site: Host | None) -> Host | None:
    """The rule's host where the site does not settle it: a regex, but in its own site."""
    host = rule.host
    return host if host is not None and host.kind == "regex" and host != site else None


def sites(model: Model, listener: str, memo: Memo | None = None) -> tuple[Site, ...]:
    """All sites of a listener in the order in which nginx has to see them; the last one is for all other hosts."""
    memo = memo or Memo()
    return memo.nested(("sites", listener), partial(_sites, listener), model.routes)


def _sites(listener: str, memo: Memo, routes: Sequence[Route]) -> tuple[Site, ...]:
    table = Table(chain.from_iterable(memo.each("rules", rules_of, routes, key=_ID)), listener)
    places = memo.ordered("places", table.places.values(), key=_ORDER)
    regexes = sorted(table.by_regex, key=table.turns.__getitem__)
    hosts = (*(place.host for place in places if place.host.kind != "regex"), *regexes, None)
    around = tuple(map(table.around, hosts))
    turns = tuple(table.turns.get(host, ()) if host else () for host in hosts)
    return memo.each("site", _site, hosts, around, turns, key=str, shared=(listener,))


def _site(host: Host | None, around: Sequence[SiteRule], turn: tuple[object, ...], listener: str) -> Site:
    found = nodes(_concerning(host, around), host)
    return Site(listener=listener, host=host, nodes=Nodes(found), name=str(host or ""), turn=turn)


def nodes(found: Sequence[SiteRule], site: Host | None) -> tuple[Node, ...]:
    """The nodes of a site, by path; one that decides like the one around it is left out."""
    prefixes: defaultdict[str, list[SiteRule]] = defaultdict(list)
    exacts: defaultdict[str, list[SiteRule]] = defaultdict(list)
    regexes: list[SiteRule] = []
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


def _choices(found: Sequence[SiteRule], site: Host | None) -> tuple[Choice, ...]:
    """Candidates in order, up to the first unconditional one."""
    result: list[Choice] = []
    for rule in in_order(found):
        choice = Choice(asks=_asks(rule, site), route=rule.route.id)
        result.append(choice)
        if not choice.is_conditional:
            break
    return tuple(result)


def _asks(rule: SiteRule, site: Host | None) -> Match:
    """What has to hold beside the node's place."""
    match, host = rule.route.match, _open_host(rule, site)
    if host is None and match.path.regex is None and not match.is_conditional:
        return ALWAYS
    path = match.path if match.path.regex is not None else Path("prefix", "")
    return replace(match, hosts=(host,) if host else (), path=path)
