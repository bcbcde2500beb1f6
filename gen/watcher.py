"""Watcher: what the daemon tells of itself, to those who show, count or pass it on."""

from __future__ import annotations

from dataclasses import dataclass

from gen.apply import Outcome
from gen.errors import FairwayError
from gen.pipeline import Made
from gen.telling import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass made and came to. `seconds` it took, `waited` since the first hint of it arrived."""

    made: Made
    outcome: Outcome
    told: Told
    seconds: float
    waited: float
    why: str


class Watcher:
    """Who wants to know what the daemon does; its calls come from the daemon's own thread, and have to be quick."""

    def passed(self, one: Pass) -> None:
        """A pass came to its end."""

    def failed(self, error: FairwayError) -> None:
        """A pass could not go on."""

    def turned(self) -> None:
        """The loop is about to wait."""

    def resyncing(self) -> None:
        """Everything is read again by an order from outside."""

    def ended(self, why: str) -> None:
        """The proxy ended by itself or does not answer, and is brought back."""

    def resumed(self, digest: str) -> None:
        """The proxy was started with the release of an earlier run, since the source has not answered yet."""

    def stopping(self) -> None:
        """The daemon ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What one pass came to. `retry_in`: seconds after which it is worth another try, 0 when it is not."""

    outcome: Outcome | None
    retry_in: float = 0.0
