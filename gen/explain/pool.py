"""Pool: a route's servers as they stand in the configuration → who answers behind each, and over which network."""

from __future__ import annotations

from dataclasses import dataclass

from gen import table
from gen.explain.basis import Basis
from gen.model import Model, Route, StreamRoute, Upstream
from gen.picture.links import links


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A server as it stands in the configuration. `instances`: who answers there, where that is known."""

    address: str
    state: str
    instances: tuple[str, ...]
    network: str


def pooled(route: Route | StreamRoute, upstream: Upstream, basis: Basis) -> tuple[Pooled, ...]:
    """The pool with whoever answers behind each address; a model of this route alone says it."""
    is_stream = isinstance(route, StreamRoute)
    alone = Model(
        settings=basis.model.settings,
        listeners=basis.model.listeners,
        routes=() if isinstance(route, StreamRoute) else (route,),
        streams=(route,) if isinstance(route, StreamRoute) else (),
        certificates=basis.model.certificates if is_stream else (),
        upstreams=(upstream,),
    )
    ways = links(basis.state, alone)
    found: list[Pooled] = []
    for one in upstream.servers:
        address, _, rest = table.server(one).partition(" ")
        here = [way for way in ways if way.server == address]
        found.append(
            Pooled(
                address=address,
                state=rest or "ready",
                instances=tuple(sorted({way.instance for way in here if way.instance})),
                network=next((way.network for way in here), ""),
            )
        )
    return tuple(found)
