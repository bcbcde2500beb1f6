"""Change: what a part of a comparison found: commands in phases, expectations, ways. A value to collect in.

The phases are one order for everything: what is new comes before anything points to it, what is gone goes after
nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from gen.proxies.live import Command, Expectation, Leftover, Way


class Phase(IntEnum):
    """When something is done, in order. Nothing of a phase is begun before all of the one before succeeded."""

    ADD_BACKENDS = 0
    ADD_SERVERS = 1
    """Also certificates: handshakes may ask for one as soon as its name is served."""
    CHANGE_SERVERS = 2
    """After those that are added: a backend whose servers are exchanged always has some."""
    ADD_TARGETS = 3
    """Map entries that name backends, before the entries that lead to them."""
    ADD_HOSTS = 4
    REMOVE_HOSTS = 5
    REMOVE_TARGETS = 6
    REMOVE_SERVERS = 7
    REMOVE_BACKENDS = 8
    """Also certificates."""


@dataclass(slots=True, kw_only=True)
class Change:
    """Filled by the parts of a comparison, in turn. `leftovers` by name: what the running proxy still has. `defaults`
    are read when they are asked for."""

    capabilities: frozenset[str]
    defaults: Callable[[], Mapping[str, tuple[str, ...]]]
    leftovers: dict[str, Leftover]
    commands: dict[Phase, list[Command]] = field(default_factory=lambda: {phase: [] for phase in Phase})
    expectations: list[Expectation] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    retakes: list[Leftover] = field(default_factory=list)
    leaves: list[Leftover] = field(default_factory=list)

    def do(self, phase: Phase, *commands: Command) -> None:
        self.commands[phase].extend(commands)

    def live(self, what: str) -> None:
        self.ways.append(Way(what=what, how="live"))

    def reload(self, what: str) -> None:
        """Only a reload can change this."""
        self.ways.append(Way(what=what, how="reload"))

    def retake(self, name: str) -> Leftover | None:
        """What is left of something that is to come back, if anything; it counts again."""
        found = self.leftovers.get(name)
        if found is not None:
            self.retakes.append(found)
        return found
