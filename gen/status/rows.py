"""Made + a word → the routes that a page shows: those in trouble first, each with its servers, bounded; their picture.

A word is looked for in names, upstreams, addresses and in who asked for a route.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from gen import table
from gen.model import Model, Route, Server, StreamRoute, Upstream
from gen.picture.chart import Chart, Mood, address, of_routes
from gen.picture.links import Link, links, route_name
from gen.pipeline import Made

MOST: Final = 200
MOST_DRAWN: Final = 40
MOST_ALONE: Final = 500
_MOST_SERVERS: Final = 12
_MOOD: Final[Mapping[str, Mood]] = {"ready": "good", "drain": "warn", "down": "bad"}
_WORST: Final = ("bad", "warn", "plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """A server: where, how it is (a word, and its mood), who, and over which network."""

    at: str
    state: str
    mood: Mood
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A route as a page shows it. `id` is ours; `is_empty`: no server takes requests; `more`: servers not shown."""

    id: str
    name: str
    mood: Mood
    conditions: tuple[str, ...]
    said: str
    withheld: str
    owner: str
    is_empty: bool
    servers: tuple[ServerRow, ...]
    more: int
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`rows` are the first of `count`, among `every`; `chart` draws the first of these, `drawn` of them. `names_owner`:
    there are several owners."""

    rows: tuple[Row, ...]
    count: int
    every: int
    chart: Chart
    drawn: int
    names_owner: bool


def picture(made: Made, word: str) -> Chart:
    """Of those in which the word occurs, as many as a picture of its own holds."""
    return of_routes(made.state, _part(made.model, _matching(made.model, word)[:MOST_ALONE]))


def _matching(model: Model, word: str) -> list[Route | StreamRoute]:
    """Those in trouble before the others, then by domain."""
    wanted, pools = word.lower(), {upstream.id: upstream for upstream in model.upstreams}
    every: tuple[Route | StreamRoute, ...] = (*model.routes, *model.streams)
    matching = [one for one in every if not wanted or wanted in _haystack(one, pools[one.upstream])]
    return sorted(matching, key=lambda one: (_WORST.index(_mood(one, pools[one.upstream])), _by_domain(one), one.id))


def find(made: Made, word: str) -> Found:
    """What there is in which the word occurs."""
    model, matching = made.model, _matching(made.model, word)
    pools = {upstream.id: upstream for upstream in model.upstreams}
    shown, drawn = matching[:MOST], matching[:MOST_DRAWN]
    over: defaultdict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links(made.state, _part(model, shown)):
        over[link.route, link.server].append(link)
    health = {one.name: one.health for workload in made.state.workloads for one in workload.instances}
    return Found(
        rows=tuple(_row(route, pools[route.upstream], over, health) for route in shown),
        names_owner=table.has_several_owners(model),
        count=len(matching),
        every=len(model.routes) + len(model.streams),
        chart=of_routes(made.state, _part(model, drawn)),
        drawn=len(drawn),
    )


def _haystack(route: Route | StreamRoute, pool: Upstream) -> str:
    words = [
        route_name(route),
        route.owner,
        pool.id,
        *(address(one) for one in pool.servers),
        *(one.placed for one in pool.servers),
    ]
    words += [origin.workload for origin in (*route.origins, *pool.origins)]
    return "\n".join(words).lower()


def _by_domain(route: Route | StreamRoute) -> tuple[list[str], str]:
    name = route_name(route)
    host, _, path = name.partition("/")
    return host.split(", ")[0].split(".")[::-1], path


def _mood(route: Route | StreamRoute, pool: Upstream) -> Mood:
    if route.withheld or not pool.ready:
        return "bad"
    return "plain" if len(pool.ready) == len(pool.servers) else "warn"


def _part(model: Model, shown: list[Route | StreamRoute]) -> Model:
    """Those routes alone, with what they use."""
    ids, used = {route.id for route in shown}, {route.upstream for route in shown}
    return replace(
        model,
        routes=tuple(route for route in model.routes if route.id in ids),
        streams=tuple(route for route in model.streams if route.id in ids),
        upstreams=tuple(upstream for upstream in model.upstreams if upstream.id in used),
    )


def _row(
    route: Route | StreamRoute, pool: Upstream, over: Mapping[tuple[str, str], list[Link]], health: Mapping[str, str]
) -> Row:
    name = route_name(route)
    asked = dict.fromkeys(table.origin(one) for one in route.origins)
    return Row(
        id=route.id,
        name=name,
        mood=_mood(route, pool),
        conditions=table.conditions(route) if isinstance(route, Route) else (),
        said=f"{pool.protocol}, {pool.balance}; on {', '.join(route.listeners)}; by {', '.join(asked)}",
        withheld=route.withheld,
        owner=route.owner,
        is_empty=not pool.ready,
        servers=tuple(_server(one, over.get((name, address(one)), []), health) for one in _first(pool)),
        more=max(0, len(pool.servers) - _MOST_SERVERS),
        policies=tuple(table.policy(one) for one in (*route.policies, *pool.policies)),
    )


def _first(pool: Upstream) -> list[Server]:
    """Those that are not ready before the others."""
    return sorted(pool.servers, key=lambda one: one.state == "ready")[:_MOST_SERVERS]


def _server(server: Server, ways: list[Link], health: Mapping[str, str]) -> ServerRow:
    names = sorted({way.instance for way in ways if way.instance})
    known = dict.fromkeys(health[name] for name in names if health.get(name, "none") != "none")
    networks = dict.fromkeys(way.network for way in ways if way.network)
    words = [", ".join(names), server.placed if not names else "", f"over {', '.join(networks)}" if networks else ""]
    words += ["backup"] * server.backup + [f"weight {server.weight}"] * (server.weight != 1)
    return ServerRow(
        at=address(server),
        state=", ".join([server.state, *known]),
        mood=_MOOD[server.state],
        who=" ".join(filter(None, words)),
    )
