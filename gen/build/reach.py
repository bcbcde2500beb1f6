"""Reach: where the proxy stands, for one engine or another: what decides an address beside the instance itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gen.dialects import RouteDeclaration, StreamDeclaration
from gen.state import Engine, Network, Vantage

Asker = RouteDeclaration | StreamDeclaration
"""A route as asked for, of any kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where the proxy stands: what decides an address beside the instance itself. `by_name`: somebody wants servers by
    name, so that it has to be known what they are called. `away`: since when the engine does not answer."""

    vantage: Vantage
    networks: tuple[Network, ...]
    preferred: str = ""
    by_name: bool = False
    away: str = ""
    engines: tuple[Engine, ...] = ()

    def on(self, name: str) -> Reach:
        """The reach on one of several engines; the main one's is without a name. What nobody described is out of it."""
        if not name:
            return self
        found = next((one for one in self.engines if one.name == name), None)
        if found is None:
            return replace(self, vantage=Vantage(kind="remote", name=name, networks=()))
        return replace(self, vantage=found.vantage, away=found.away)


def is_network(name: str, wanted: str) -> bool:
    """A network by its name, or by the name that a compose file knows it by (without the project in front)."""
    return bool(wanted) and (name == wanted or name.endswith("_" + wanted))
