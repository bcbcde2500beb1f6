"""Observe: the world → State. A source reads, and says when to look again; it decides nothing.

Events are hints, state is truth: `changes` yields whenever another `read` may give another answer,
and whoever consumes it calls `read`. Both may be called from different threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from gen.state import State

LABELS = ("fairway.", "Fairway.", "FAIRWAY.", "fairway_", "fairway-", "fairway:", "fairway/")
"""How labels begin for which an engine's container is looked at: ours, and what somebody may have meant for ours."""

RESYNC = "resync"
"""The reason of a hint that everything is to be looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A hint to look again; `reason` is for the log: `container shop-web-1 die`. `is_event`: the source reported what
    happened, so that what is gone now is gone; else only a list may show that something is missing."""

    reason: str
    is_event: bool = False


class Source(Protocol):
    """One place to read the world from."""

    @property
    def name(self) -> str:
        """How problems and logs call this source, such as `docker` or `compose`."""

    def read(self) -> State:
        """The world now. Raises SourceError when it cannot be read at all."""

    def changes(self) -> Iterator[Change]:
        """Blocks between hints; ends after `close`. Survives lost connections by itself."""

    def resync(self) -> None:
        """Forget what is remembered: the next `read` reads everything again."""

    def close(self) -> None:
        """Ends `changes` from another thread and frees what is held."""
