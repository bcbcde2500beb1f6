"""Charts: links → boxes in columns with lines between them, which every format of a picture is spelled from.

A box's texts are foreign; its id is a column's letter and a number of ours, so that no format has to trust a name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from gen.model import Model, Route, Server, StreamRoute
from gen.picture.links import Link, Networks, host_names, links, route_name
from gen.state import Network, State
from gen.table import policy

Mood = Literal["plain", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """`key` is ours and safe everywhere; `title` and `note` may hold anything."""

    key: str
    title: str
    note: str = ""
    mood: Mood = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`columns` from left to right; `lines` from box to box by key."""

    title: str
    columns: tuple[Column, ...]
    lines: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Draft:
    """Boxes as they come: the first to name one says what stands in it."""

    names: tuple[str, ...]
    boxes: dict[tuple[int, str], Box] = field(default_factory=dict)
    lines: dict[tuple[str, str], None] = field(default_factory=dict)
    counts: Counter[int] = field(default_factory=Counter)

    def box(self, column: int, name: str, *, title: str = "", note: str = "", mood: Mood = "plain") -> str:
        made = self.boxes.get((column, name))
        if made is None:
            self.counts[column] += 1
            key = f"{'abcdefgh'[column]}{self.counts[column]}"
            made = self.boxes[column, name] = Box(key=key, title=title or name, note=note, mood=mood)
        return made.key

    def line(self, *keys: str) -> None:
        for pair in pairwise(keys):
            self.lines[pair] = None

    def chart(self, title: str) -> Chart:
        found = (
            Column(name=name, boxes=tuple(box for (column, _), box in self.boxes.items() if column == at))
            for at, name in enumerate(self.names)
        )
        return Chart(title=title, columns=tuple(found), lines=tuple(self.lines))


def of_networks(found: Networks, *, more: int = 0) -> Chart:
    """Proxy → networks → instances → routes; `more` instances are not in it."""
    draft = _Draft(("proxy", "networks", "instances", "routes"))
    away = [f"engine {name} is away since {since}" for name, since in found.away]
    note = "; ".join([*away, *[f"{more:,} more instances are not drawn"] * bool(more)])
    proxy = draft.box(0, found.proxy, note=note, mood="warn" if away else "plain")
    reasons: dict[str, str] = {}
    for one in found.unreached:
        before = reasons.get(one.instance, "")
        reasons[one.instance] = "; ".join(filter(None, (before, one.reason, one.hint)))
    for segment in found.segments:
        words = [segment.driver, "internal" * segment.internal, segment.gateway]
        is_reached = segment.reachable or segment.joins
        words.append("(to be joined)" if segment.joins else "" if is_reached else "(not reached)")
        note = " ".join(filter(None, words))
        mood: Mood = "good" if segment.routes else "plain" if is_reached else "warn"
        here = draft.box(1, segment.name, note=note, mood=mood)
        if is_reached:
            draft.line(proxy, here)
        for member in segment.members:
            why = reasons.get(member.instance, "")
            draft.line(here, draft.box(2, member.instance, note=why or member.host, mood="bad" if why else "plain"))
    for instance, why in reasons.items():
        draft.box(2, instance, note=why, mood="bad")
    for link in found.links:
        name = link.instance or link.server
        instance = draft.box(2, name, note=link.server)
        if link.network.startswith("("):
            draft.line(draft.box(1, link.network), instance)
        draft.line(instance, draft.box(3, link.route, note=f"over {link.network or 'a way that is not known'}"))
    return draft.chart("Networks")


def of_routes(state: State, model: Model) -> Chart:
    """Host → route → upstream → server → network."""
    draft = _Draft(("hosts", "routes", "upstreams", "servers", "networks"))
    pools = {upstream.id: upstream for upstream in model.upstreams}
    over: defaultdict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links(state, model):
        over[link.route, link.server].append(link)
    tls = {listener.name for listener in model.listeners if listener.tls}
    known = {network.name: network for network in state.networks}
    every: tuple[Route | StreamRoute, ...] = (*model.routes, *model.streams)
    for route in sorted(every, key=lambda one: (route_name(one), one.id)):
        name, pool = route_name(route), pools[route.upstream]
        words = [f"withheld: {route.withheld}"] if route.withheld else []
        words += ["TLS"] * any(one in tls for one in route.listeners)
        words += [policy(one) for one in (*route.policies, *pool.policies)]
        mood: Mood = "bad" if route.withheld or not pool.servers else "plain"
        middle = draft.box(1, route.id, title=name, note="; ".join(words), mood=mood)
        draft.line(draft.box(0, host_names(route)), middle)
        note = f"{pool.protocol}, {pool.balance}" if pool.servers else "no server: answers 503"
        right = draft.box(2, pool.id, note=note, mood="plain" if pool.servers else "bad")
        draft.line(middle, right)
        for server in pool.servers:
            draft.line(right, *_served(draft, server, over[name, address(server)], known))
    return draft.chart("Routes")


def _served(draft: _Draft, server: Server, ways: list[Link], known: dict[str, Network]) -> tuple[str, str]:
    """A server's box, and that of the network over which it is reached."""
    at = address(server)
    who = ", ".join(sorted({way.instance for way in ways if way.instance})) or server.id
    mood: dict[str, Mood] = {"ready": "good", "drain": "warn", "down": "bad"}
    title = f"{who} ({server.state})"
    end = draft.box(3, f"{server.id} {at}", title=title, note=at, mood=mood[server.state])
    network = known.get(name := ways[0].network if ways else "")
    words = [network.driver, "internal" * network.internal, network.gateway] if network else []
    return end, draft.box(4, name, title=name or "(not known)", note=" ".join(filter(None, words)))


def address(server: Server) -> str:
    """Where it is, as a link says it."""
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"
