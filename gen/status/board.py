"""Board: what the daemon tells of each pass → what others read, at any time and from any thread.

The daemon's thread puts whole frozen values here and works out nothing: whoever asks pays for the answer.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gen.apply import Applied, Outcome, RolledBack
from gen.errors import FairwayError
from gen.pipeline import Made
from gen.plan import Change
from gen.status.metrics import Metrics
from gen.watch import Pass, Watcher

_RELEASES: Final = 20
_CHANGES: Final = 50
_LONGEST_TURN: Final = 120.0
"""Seconds: the loop waits ten at most, and a pass of the largest world takes less than the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What became of one release. `at`: UTC seconds since 1970; of its changes the first are kept."""

    at: float
    digest: str
    outcome: Outcome
    changes: tuple[Change, ...]
    more: int
    seconds: float
    waited: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands. `confirmed`: the digest that the proxy confirmed last, and when; `trouble`: why it does not serve
    what it should, empty where it does."""

    made: Made | None = None
    confirmed: str = ""
    confirmed_at: float = 0.0
    trouble: str = ""

    @property
    def in_sync(self) -> bool:
        """Whether the proxy serves what the world asks for."""
        return bool(self.confirmed) and not self.trouble


class Board(Watcher):
    """`clock`: UTC seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.metrics = Metrics()
        self.standing = Standing()
        self._releases: deque[Entry] = deque(maxlen=_RELEASES)
        self._clock = clock
        self._turned_at = clock()

    @property
    def is_alive(self) -> bool:
        """Whether the daemon's loop turned lately, or began a pass that is not too long yet."""
        return self._clock() - self._turned_at < _LONGEST_TURN

    @property
    def releases(self) -> tuple[Entry, ...]:
        """The last ones, the newest first."""
        return tuple(reversed(self._releases))

    def passed(self, one: Pass) -> None:
        """A pass: what it made is what counts from now on, or what went wrong is."""
        now, outcome = self._clock(), one.outcome
        self.metrics.passed(one)
        if not isinstance(outcome, Applied) and not hasattr(outcome, "reason"):
            self.standing = Standing(made=one.made, confirmed=outcome.digest, confirmed_at=now)
            return
        if isinstance(outcome, Applied):
            self.standing = Standing(made=one.made, confirmed=outcome.digest, confirmed_at=now)
        else:
            what = "rolled back" if isinstance(outcome, RolledBack) else "refused"
            self._stuck(f"{what}: {outcome.reason}", one.made)
        kept = one.changes[:_CHANGES]
        self._releases.append(
            Entry(
                at=now,
                digest=one.made.bundle.digest,
                outcome=outcome,
                changes=kept,
                more=len(one.changes) - len(kept),
                seconds=one.seconds,
                waited=one.waited,
                why=one.why,
            )
        )

    def turned(self) -> None:
        """The loop turns."""
        self._turned_at = self._clock()

    def failed(self, error: FairwayError) -> None:
        """A pass that could not go on: what is served stays."""
        self.metrics.failed()
        self._stuck(str(error), self.standing.made)

    def _stuck(self, trouble: str, made: Made | None) -> None:
        before = self.standing
        self.standing = Standing(
            made=made, confirmed=before.confirmed, confirmed_at=before.confirmed_at, trouble=trouble
        )
