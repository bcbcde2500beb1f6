"""Decided: two claims → the words that say which one prevails, and why; a label as messages name it."""

from __future__ import annotations

from typing import Protocol

from gen.errors import Origin
from gen.precedence import OPERATOR


class _Route(Protocol):
    @property
    def options(self) -> object: ...
    def origin(self, name: str) -> Origin: ...


class Rival(Protocol):
    """A claim of any kind. `age`: its workload's creation in UTC seconds since 1970, 0 where unknown, and its name."""

    @property
    def age(self) -> tuple[float, str]: ...
    @property
    def is_present(self) -> bool: ...
    @property
    def owner(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def route(self) -> _Route: ...


def decided_by(winner: Rival, loser: Rival) -> str:
    """Why one claim prevails over another. In a file nothing has an age, so nothing is called older."""
    if OPERATOR == winner.owner != loser.owner:
        return "the operator's routes prevail"
    if winner.is_present and not loser.is_present:
        return f"{winner.who} prevails, as {loser.who} does not run"
    if winner.age[0] == loser.age[0]:
        unknown = "; on an engine the older one prevails" if not winner.age[0] else ""
        return f"{winner.who} prevails, as it comes first by name{unknown}"
    if winner.age[0] < loser.age[0] and winner.age[0]:
        return f"{winner.who} is older and prevails"
    return f"{winner.who} prevails, as owner {winner.owner} had the route first"


def named(claim: Rival, option: str) -> str:
    """A workload with the label of an option."""
    return f"{claim.who} ({claim.route.origin(option).key or option})"
