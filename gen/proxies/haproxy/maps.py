"""Maps: the routing table as HAProxy looks things up in it. Model → tables of texts, and the switches beside them.

`hosts.map` knows the site of `<listener>:<host>`; `exact.map` and `prefix.map` know what answers at `<site>#<path>`:
a backend, or `backend|switch` where conditions are asked first. Exact and prefix look-ups are trees, so ten thousand
routes cost little more than ten. A switch is what several nodes share: conditions in order, each with its backend;
where none holds, the node's own backend answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from gen.build.names import identifier
from gen.model import Model
from gen.proxies.haproxy.conditions import Test, tests
from gen.proxies.haproxy.literal import Expression, Word
from gen.proxies.routing import Choice, Node, Site, sites
from gen.values import Host

HOSTS, EXACT, PREFIX = "maps/hosts.map", "maps/exact.map", "maps/prefix.map"
NOBODY = Word("-")
_FIRST = ". -"
"""The first line of every map: one that is empty when HAProxy starts cannot be changed while it runs. No key of ours
begins with a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One condition of a switch: all tests hold → the backend."""

    tests: tuple[Test, ...]
    backend: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Rows in the order in which they are printed: the last one that holds wins, so the first choice comes last."""

    name: Word
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A host by regex: where the name is not known and `pattern` is found in it, this is its site."""

    name: Word
    site: Word
    pattern: str


@dataclass(slots=True)
class Tables:
    """What all listeners come to. `depths` are the numbers of labels that wildcards have, the longest first."""

    hosts: dict[str, str] = field(default_factory=dict)
    exact: dict[str, str] = field(default_factory=dict)
    prefix: dict[str, str] = field(default_factory=dict)
    switches: dict[str, dict[str, Switch]] = field(default_factory=dict)
    open: dict[str, list[Open]] = field(default_factory=dict)
    depths: dict[str, set[int]] = field(default_factory=dict)


def tables(model: Model, backends: Mapping[str, Word]) -> Tables:
    """The tables of a model; `backends` by route."""
    found = Tables()
    for listener in model.http_listeners:
        found.switches[listener.name], found.open[listener.name], found.depths[listener.name] = {}, [], set()
        for site in sites(model, listener.name):
            name = _name_site(found, site)
            for node in site.nodes:
                _place(found, node, name, _target(found.switches[site.listener], node.choices, backends))
    return found


def _name_site(found: Tables, site: Site) -> str:
    """A site's name, put down where its hosts are looked up."""
    host = site.host
    if host is None:
        return default_site(site.listener)
    if host.regex is not None:
        known = identifier(host.regex.pcre, shown="host")
        name = f"{site.listener}:~{known}"
        found.open[site.listener].append(Open(name=Word(known), site=Word(name), pattern=host.regex.pcre))
        return name
    name = f"{site.listener}:{'*.' if host.kind == 'wildcard' else ''}{host.text}"
    if host.kind == "wildcard":
        found.depths[site.listener].add(_labels(host))
    found.hosts[name] = name
    return name


def default_site(listener: str) -> str:
    """The site of every host that no other site has."""
    return f"{listener}:"


def _labels(host: Host) -> int:
    return host.text.count(".") + 1


def _place(found: Tables, node: Node, site: str, target: str) -> None:
    """Puts a node where its path is looked up."""
    if node.exact:
        found.exact[f"{site}#{encoded(node.path)}"] = target
    else:
        found.prefix[f"{site}#{encoded(node.path)}/"] = target


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
    lines = [f"{key} {value}\n" for key, value in sorted(entries)]
    return "".join([f"{_FIRST}\n", *lines]).encode()


def deepest(depths: Iterable[int]) -> tuple[tuple[Expression, Expression], ...]:
    """For each number of labels, longest first: a host's last labels, and what is before them."""
    return tuple(
        (Expression(f"var(txn.host),field(-1,.,{depth})"), Expression(f"var(txn.host),field(-{depth + 1},.)"))
        for depth in sorted(depths, reverse=True)
    )
