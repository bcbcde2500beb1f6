"""Joins: the world and what workloads ask for → the networks that the proxy's container is to be connected to, or to
leave. Decides; `control` does it.

Only networks that the operator's patterns match are joined, and only those are left that Fairway joined itself: the
mark at the engine says which (`Vantage.joined`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from gen.build.reach import Asker, is_network
from gen.dialects import Declaration
from gen.state import Instance, Network, State

_NEVER = ("host", "null")
"""Drivers of networks that nobody can be connected to beside others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """Networks by name: to connect the container `to` to, and to disconnect it from."""

    to: str = ""
    connect: tuple[Network, ...] = ()
    disconnect: tuple[str, ...] = ()

    def expected(self, state: State) -> State:
        """The world as the proxy will see it."""
        if not self.connect and not self.disconnect:
            return state
        networks = {*(state.vantage.networks or ()), *(network.name for network in self.connect)}
        seen = tuple(sorted(networks.difference(self.disconnect)))
        return replace(state, vantage=replace(state.vantage, networks=seen))


def joins(
    state: State, declarations: Iterable[Declaration], patterns: tuple[str, ...], refused: Collection[str] = ()
) -> Joins:
    """What has to change. `refused`: ids of networks that the engine does not let the container onto."""
    vantage = state.vantage
    if vantage.kind != "container" or vantage.networks is None or not (patterns or vantage.joined):
        return Joins()
    possible = {
        network.name: network
        for network in state.networks
        if not network.engine
        and network.driver not in _NEVER
        and network.id not in refused
        and any(fnmatchcase(network.name, pattern) for pattern in patterns)
    }
    own = frozenset(vantage.networks).difference(vantage.joined)
    offer = _Offer(own=own, joined=vantage.joined, possible=frozenset(possible))
    needed = {name for one in declarations for name in _needed(one, offer)}
    return Joins(
        to=vantage.name,
        connect=tuple(possible[name] for name in sorted(needed.difference(vantage.networks))),
        disconnect=tuple(sorted(set(vantage.joined) - needed)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """Networks by name: the container's own, those that were joined, and all that may be."""

    own: frozenset[str]
    joined: tuple[str, ...]
    possible: frozenset[str]


def _needed(asked: Declaration, offer: _Offer) -> Iterator[str]:
    """The network by which each running instance is reached, where it shares none with the proxy."""
    routes: tuple[Asker, ...] = (*asked.routes, *asked.streams)
    wanted = {route.options.network or "" for route in routes}
    for instance in asked.workload.instances:
        if instance.running:
            yield from (found for network in wanted if (found := _way_to(instance, network, offer)))


def _way_to(instance: Instance, wanted: str, offer: _Offer) -> str:
    """One that was joined stays the one; else the first by name, the engine's default bridge last."""
    names = [one.network for one in instance.addresses if not wanted or is_network(one.network, wanted)]
    if offer.own.intersection(names):
        return ""
    ways = offer.possible.intersection(names)
    return min(ways, key=lambda name: (name not in offer.joined, name == "bridge", name), default="")
