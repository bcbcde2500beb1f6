"""Maps: the routing table as HAProxy looks things up in it. Model → tables of texts, and the switches beside them.

`hosts.map` knows the site of `<listener>:<host>`; `exact.map` and `prefix.map` know what answers at `<site>#<path>`:
a backend, or `backend|switch` where conditions are asked first. Exact and prefix look-ups are trees, so ten thousand
routes cost little more than ten. A switch is what several nodes share: conditions in order, each with its backend;
where none holds, the node's own backend answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from urllib.parse import quote

from gen.build.names import identifier
from gen.memo import Memo
from gen.model import Model
from gen.proxies.haproxy.conditions import Test, tests
from gen.proxies.haproxy.literal import Expression, Word
from gen.proxies.routing import Choice, Site, sites
from gen.values import Host

HOSTS, EXACT, PREFIX = "maps/hosts.map", "maps/exact.map", "maps/prefix.map"
NOBODY, REFUSED = Word("-"), Word("400")
_FIRST = ". -"
"""The first line of every map: one that is empty when HAProxy starts cannot be changed while it runs. No key of ours
begins with a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One condition of a switch: all tests hold → the backend."""

    tests: tuple[Test, ...]
    backend: Word

    @property
    def doubtful(self) -> tuple[tuple[Test, bool], ...]:
        """The tests that hold (or, with False, do not hold) where all of the row do or may: the request is refused.
        Empty where there is no doubt."""
        found = tuple((test.absent or test, test.absent is None) for test in self.tests)
        return found if not all(holds for _, holds in found) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Rows in the order in which they are printed: the last one that holds wins, so the first choice comes last."""

    name: Word
    rows: tuple[Row, ...]


def tests_of(switches: Iterable[Switch]) -> tuple[Test, ...]:
    """The tests of switches, each once, by name."""
    every = [test for switch in switches for row in switch.rows for test in row.tests]
    every += [test.absent for test in every if test.absent]
    return tuple(test for _, test in sorted({test.name: test for test in every}.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A host by regex: where the name is not known and `pattern` is found in it, this is its site."""

    name: Word
    site: Word
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLines:
    """What one site comes to: its lines of the three maps, and what its frontend asks. `depth`: the labels of its
    wildcard."""

    name: str
    hosts: str
    exact: str
    prefix: str
    switches: tuple[Switch, ...]
    open: Open | None
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the sites of one listener ask beside the maps. `depths` are the numbers of labels that wildcards have."""

    switches: tuple[Switch, ...]
    open: tuple[Open, ...]
    depths: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What all listeners come to: the files' contents by name, and what is asked by listener."""

    files: tuple[tuple[str, bytes], ...]
    asked: tuple[tuple[str, Asked], ...]


def tables(model: Model, memo: Memo, backends: tuple[Word, ...], *_routing: object) -> Tables:
    """The tables of a model's routing, which is all of it but servers and problems; `backends` by route, in order."""
    by_route = dict(zip(map(_ID, model.routes), backends, strict=True))
    found: dict[str, tuple[SiteLines, ...]] = {}
    for listener in model.http_listeners:
        those = sites(model, listener.name, memo)
        targets = (tuple(map(by_route.__getitem__, site.nodes.routes)) for site in those)
        found[listener.name] = memo.each(("lines", listener.name), lines, those, targets, key=_NAME)
    ordered = memo.ordered("lines", chain.from_iterable(found.values()), key=_NAME)
    files = tuple((name, _content(map(part, ordered))) for name, part in _PARTS.items())
    return Tables(files=files, asked=tuple((name, _asked(those)) for name, those in found.items()))


_ID, _NAME = attrgetter("id"), attrgetter("name")
_PARTS = {EXACT: attrgetter("exact"), HOSTS: attrgetter("hosts"), PREFIX: attrgetter("prefix")}


def _asked(those: tuple[SiteLines, ...]) -> Asked:
    switches = {switch.name: switch for site in those for switch in site.switches}
    return Asked(
        switches=tuple(switches[name] for name in sorted(switches)),
        open=tuple(site.open for site in those if site.open),
        depths=frozenset(site.depth for site in those if site.depth),
    )


def lines(site: Site, backends: tuple[Word, ...]) -> SiteLines:
    """A site in the maps. Its keys begin with its name and `#`, which comes before all that names are made of, so
    that the lines of sites in order are in order."""
    by_route = dict(zip(site.nodes.routes, backends, strict=True))
    switches: dict[str, Switch] = {}
    entries: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    name, place = _named(site)
    for node in site.nodes:
        key = f"{name}#{encoded(node.path)}{'' if node.exact else '/'}"
        entries[node.exact].append((key, _target(switches, node.choices, by_route)))
    host = site.host
    return SiteLines(
        name=name,
        hosts=f"{name} {name}\n" if host is not None and place is None else "",
        exact=_text(entries[True]),
        prefix=_text(entries[False]),
        switches=tuple(switches.values()),
        open=place,
        depth=_labels(host) if host is not None and host.kind == "wildcard" else 0,
    )


def _named(site: Site) -> tuple[str, Open | None]:
    """A site's name, and how its hosts are known where they are not looked up."""
    host = site.host
    if host is None:
        return default_site(site.listener), None
    if host.regex is not None:
        known = identifier(host.regex.pcre, shown="host")
        name = f"{site.listener}:~{known}"
        return name, Open(name=Word(known), site=Word(name), pattern=host.pattern)
    return f"{site.listener}:{'*.' if host.kind == 'wildcard' else ''}{host.text}", None


def default_site(listener: str) -> str:
    """The site of every host that no other site has."""
    return f"{listener}:"


def _labels(host: Host) -> int:
    return host.text.count(".") + 1


def encoded(path: str) -> str:
    """A decoded path as maps have it: everything but letters, digits and `/ . _ ~ -` percent-encoded."""
    return quote(path, safe="/")


def _target(switches: dict[str, Switch], choices: tuple[Choice, ...], backends: Mapping[str, Word]) -> str:
    """The value of a map: the unconditional choice's backend, and before it the switch of the conditional ones."""
    last = choices[-1] if choices and not choices[-1].is_conditional else None
    own = backends[last.route] if last else NOBODY
    asked = choices[:-1] if last else choices
    if not asked:
        return own
    rows = tuple(Row(tests=tests(choice.asks), backend=backends[choice.route]) for choice in reversed(asked))
    name = Word(identifier(*(repr(row) for row in rows), shown="sw"))
    switches[name] = Switch(name=name, rows=rows)
    return f"{own}|{name}"


def text(entries: Iterable[tuple[str, str]]) -> bytes:
    """A map file, sorted by key."""
    return _content((_text(entries),))


def _text(entries: Iterable[tuple[str, str]]) -> str:
    return "".join([f"{key} {value}\n" for key, value in sorted(entries)])


def _content(parts: Iterable[str]) -> bytes:
    return "".join([f"{_FIRST}\n", *parts]).encode()


def deepest(depths: Iterable[int]) -> tuple[tuple[Expression, Expression], ...]:
    """For each number of labels, longest first: a host's last labels, and what is before them."""
    return tuple(
        (Expression(f"var(txn.host),field(-1,.,{depth})"), Expression(f"var(txn.host),field(-{depth + 1},.)"))
        for depth in sorted(depths, reverse=True)
    )
