"""Rules before and after → request places that are alike in both worlds, each with the rules there in order of trial.

A place is a host name, or all names that no longer pattern distinguishes, with a path. The owners of the host and the
order between owners are those of `precedence`, as `decide` and the proxies apply them. A regex that may or may not
match is part of a place like a condition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from gen.access import Access
from gen.model import Route
from gen.plan.rules import Rule, route_of, rules_of
from gen.precedence import Owners, Rank, declared, in_order, names_of, regex_turn
from gen.proxies.routing import outer
from gen.values import Host, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A rule with what its place in the order depends on."""

    rule: Rule
    route: Route
    rank: Rank

    @property
    def host(self) -> Host | None:
        return self.rule.host


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Names that are alike. `named`: one name, or a wildcard for all of its names without a pattern of their own, or
    None for names that no name or wildcard declares. `before` and `after`: the host to which they belong."""

    listener: str
    named: Host | None
    before: Host | None
    after: Host | None

    def is_open(self, host: Host | None) -> bool:
        """Whether a host that may match these names need not match them: another regex."""
        if host is None or host.kind != "regex" or host in (self.before, self.after):
            return False
        return self.named is None or self.named.kind != "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The rules of one place in order, before and after, up to the first that takes every request there."""

    cell: Cell
    is_exact: bool
    before: tuple[Rule, ...]
    after: tuple[Rule, ...]

    def is_open_path(self, path: Path) -> bool:
        """Whether a path that may match here need not match."""
        return path.kind == "regex" and not self.is_exact


class Touched:
    """The hosts whose requests may go elsewhere when rules come or go."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        hosts = {rule.host for rule in rules if rule.access.kind == "http"}
        self.is_any = bool(hosts)
        self.is_wide = any(host is None or host.kind == "regex" for host in hosts)
        self._exact = {host.text for host in hosts if host is not None and host.kind == "exact"}
        self._domains = {host.text for host in hosts if host is not None and host.kind in ("wildcard", "subtree")}

    def includes(self, host: Host) -> bool:
        """Whether names of the host are among them."""
        if self.is_wide or (host.kind == "exact" and host.text in self._exact):
            return True
        return bool(self._domains) and any(text in self._domains for text in _domains(host.text))

    def concerns(self, access: Access) -> bool:
        """Whether a route can match them, or decides to whom they belong."""
        if access.kind != "http":
            return False
        return not access.hosts or any(host.kind != "exact" or self.includes(host) for host in access.hosts)


class Side:
    """The rules of one world that concern what is touched."""

    def __init__(self, accesses: Iterable[Access]) -> None:
        self._by_host: defaultdict[Host | None, list[Tried]] = defaultdict(list)
        self.turns: dict[Host, tuple[object, ...]] = {}
        pairs: list[tuple[Host | None, Route]] = []
        for access in accesses:
            route = route_of(access)
            for rule in rules_of((access,)):
                tried = Tried(rule=rule, route=route, rank=route.rank(rule.host))
                for name in names_of(rule.host) or (None,):
                    self._by_host[name].append(tried)
                pairs.append((rule.host, route))
        for host, route in pairs:
            if host is not None and host.kind == "regex":
                turn = regex_turn(host, route)
                self.turns[host] = min(self.turns.get(host, turn), turn)
        self.owners: dict[Host, Owners] = dict(declared(pairs))

    def regexes(self, listener: str) -> list[Host]:
        """The regexes of a listener."""
        return [host for host in self.turns if any(one.rule.listener == listener for one in self._by_host[host])]

    def belongs(self, named: Host, listener: str) -> tuple[Host | None, ...]:
        """The hosts to which a name, or some names below a wildcard, may belong."""
        for host in _covering(named):
            if host in self.owners:
                return (host,)
        regexes = self.regexes(listener)
        if named.kind != "exact":
            return (*regexes, None)
        matching = (host for host in regexes if host.matches(named.text))
        return (min(matching, key=self.turns.__getitem__, default=None),)

    def concerning(self, cell: Cell, place: Host | None) -> list[Tried]:
        """The rules that may match the names of a cell that belong to a host."""
        owners = self.owners[place] if place else frozenset()
        found = []
        for host in (*(_covering(cell.named) if cell.named else ()), *self.turns, None):
            if host is None or host.kind != "regex" or cell.is_open(host) or _is_matched(host, cell):
                found += [one for one in self._by_host.get(host, ()) if _is_of(one, cell, place, owners)]
        return found


def _is_of(one: Tried, cell: Cell, place: Host | None, owners: Owners) -> bool:
    if one.rule.listener != cell.listener:
        return False
    is_theirs = place is None or place in names_of(one.host) or one.route.owner in owners
    return is_theirs or one.route.is_everywhere


def _is_matched(regex: Host, cell: Cell) -> bool:
    if cell.named is not None and cell.named.kind == "exact":
        return regex.matches(cell.named.text)
    return regex in (cell.before, cell.after)


def _domains(text: str) -> Iterator[str]:
    labels = text.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))


def _covering(named: Host) -> Iterator[Host]:
    """A name or wildcard, and the wildcards that cover it, the longest first."""
    yield named
    inner = _domains(named.text)
    next(inner)
    yield from (Host("wildcard", text) for text in inner)


def cells(before: Side, after: Side, touched: Touched, listeners: Iterable[str]) -> Iterator[Cell]:
    """All names whose requests may go elsewhere, by how they belong to hosts before and after."""
    declared_hosts = sorted({host for host in (*before.owners, *after.owners) if host.kind != "regex"})
    named = [host for host in declared_hosts if touched.includes(host)]
    for listener in listeners:
        for host in named:
            for old, new in product(before.belongs(host, listener), after.belongs(host, listener)):
                yield Cell(listener=listener, named=host, before=old, after=new)
        if touched.is_wide:
            olds, news = (*before.regexes(listener), None), (*after.regexes(listener), None)
            for old, new in product(olds, news):
                if not (_precedes(new, old, before, olds) or _precedes(old, new, after, news)):
                    yield Cell(listener=listener, named=None, before=old, after=new)


def _precedes(one: Host | None, other: Host | None, side: Side, here: Sequence[Host | None]) -> bool:
    """Whether a name that two regexes match belongs to the first and not to the second."""
    if one is None or one == other or one not in here:
        return False
    return other is None or other not in side.turns or side.turns[one] < side.turns[other]


def trials(cell: Cell, before: Sequence[Tried], after: Sequence[Tried]) -> Iterator[Trial]:
    """The places of a cell, path by path, where the rules or their order differ."""
    paths = {one.rule.access.path for one in (*before, *after)}
    places = {("", False)} | {(path.text, path.kind == "exact") for path in paths if path.kind != "regex"}
    for unmatched in _unmatched(cell, (*before, *after)):
        old = [one for one in before if not (cell.is_open(one.host) and one.route.owner in unmatched)]
        new = [one for one in after if not (cell.is_open(one.host) and one.route.owner in unmatched)]
        for text, is_exact in sorted(places):
            path = Path("exact" if is_exact else "prefix", text)
            rules = _in_order(cell, old, path), _in_order(cell, new, path)
            yield Trial(cell=cell, is_exact=is_exact, before=rules[0], after=rules[1])


def _unmatched(cell: Cell, found: Sequence[Tried]) -> set[frozenset[str]]:
    """Owners whose open regexes do not match, in turns: which of them do decides the order between owners."""
    owners = {one.route.owner for one in found if cell.is_open(one.host)}
    if len({one.route.owner for one in found}) < 2:
        return {frozenset()}
    return {frozenset(), frozenset(owners), *(frozenset((owner,)) for owner in owners)}


def _in_order(cell: Cell, found: Sequence[Tried], place: Path) -> tuple[Rule, ...]:
    """The rules that may match at a path in order, up to the first that certainly matches."""
    outside, is_exact = set(outer(place.text)), place.kind == "exact"
    wire = place.text.encode().decode("latin-1")
    asked = [one for one in found if _is_at(one.rule.access.path, place, outside)]
    result: list[Rule] = []
    for one in in_order(asked):
        access = one.rule.access
        if is_exact and not access.path.matches(wire):
            continue
        result.append(one.rule)
        is_settled = is_exact or access.path.kind != "regex"
        if is_settled and not cell.is_open(one.host) and not (access.methods or access.asks or access.clients):
            break
    return tuple(result)


def _is_at(path: Path, place: Path, outside: set[str]) -> bool:
    """Whether a path has a part in the order of owners at a place."""
    if path.kind == "prefix":
        return path.text in outside
    return path.kind == "regex" or (place.kind == "exact" and path.text == place.text)
