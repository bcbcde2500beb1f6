"""Hints: reasons to look again, from any thread and from signal handlers → what the daemon's loop takes at once.

The end of a proxy is a hint too. One that comes during a pass is dropped: the pass has brought the proxy up, or tells
that it could not.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from contextlib import suppress


class Hints:
    """`clock` is monotonic seconds. `since`: when the first hint arrived that was not taken yet, 0 without one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._queue: queue.SimpleQueue[tuple[str, float, bool, bool]] = queue.SimpleQueue()  # safe in signal handlers
        self._reasons: list[str] = []
        self._ends: list[str] = []
        self._are_events = True
        self._taken_at = 0.0
        self.since = 0.0

    def put(self, reason: str, *, is_event: bool = False) -> None:
        """Something may have changed. `is_event`: as in `Change`."""
        self._queue.put((reason, self._clock(), is_event, False))

    def ended(self, why: str) -> None:
        """The proxy ended by itself."""
        self._queue.put((why, self._clock(), True, True))

    def wait(self, seconds: float) -> bool:
        """Wait for a hint at most so long, and collect all that are there. Whether there is a reason to look again."""
        with suppress(queue.Empty):
            self._collect(*self._queue.get(timeout=seconds))
            while True:
                self._collect(*self._queue.get_nowait())
        return bool(self._reasons)

    def take(self) -> tuple[list[str], bool]:
        """The reasons since the last call, and whether there are some and all of them are events."""
        found = self._reasons, bool(self._reasons) and self._are_events
        self._reasons, self._are_events = [], True
        return found

    def take_ends(self) -> list[str]:
        """Why proxies ended since the last call."""
        ends, self._ends = self._ends, []
        return ends

    def passed(self) -> None:
        """A pass came to its end."""
        self.since, self._taken_at = 0.0, self._clock()

    def _collect(self, reason: str, at: float, is_event: bool, is_end: bool) -> None:
        if is_end and at < self._taken_at:
            return
        if is_end:
            self._ends.append(reason)
        self._are_events &= is_event
        self._reasons.append(f"the proxy ended: {reason}" if is_end else reason)
        self.since = self.since or at
