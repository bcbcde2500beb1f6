"""Missed: what is known and what a list shows → what is gone, and what may be.

An engine that is only just starting, or that fails, answers with a list that lacks containers which run. A loss that no
event reported is held back until lists have shown it for some seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from gen.errors import Origin, Problem


class Missed:
    """`seconds` for which a loss is held back; `clock` is monotonic seconds."""

    def __init__(self, seconds: float, *, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since: dict[str, float] = {}

    def gone(self, known: Iterable[str], listed: Collection[str], reported: Collection[str]) -> list[str]:
        """Those of the known that are gone: the list lacks them, and an event reported them or the time is over."""
        now = self._clock()
        missing = [identity for identity in known if identity not in listed]
        self._since = {identity: self._since.get(identity, now) for identity in missing if identity not in reported}
        found = [one for one in missing if one not in self._since or now - self._since[one] >= self._seconds]
        for identity in found:
            self._since.pop(identity, None)
        return found

    @property
    def wait(self) -> float:
        """Seconds until the next one that is held back may be gone; 0 where none is."""
        if not self._since:
            return 0.0
        return max(0.0, min(self._since.values()) + self._seconds - self._clock())

    def problems(self, source: str) -> tuple[Problem, ...]:
        """A warning while something is held back. `source`: how problems call the source."""
        if not self._since:
            return ()
        count = "1 container is" if len(self._since) == 1 else f"{len(self._since)} containers are"
        return (
            Problem(
                severity="warning",
                origin=Origin(source=source),
                message=f"{count} missing from the engine's list, and no event reported an end",
                hint=f"what is still missing after {self._seconds:g} s (the setting doubt) is believed to be gone",
            ),
        )

    def __len__(self) -> int:
        return len(self._since)
