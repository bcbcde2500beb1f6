"""Observe: a source that may be away → one that always answers at once, with what it said last.

While it is followed, a thread of its own listens and reads, so that one who hangs keeps nobody waiting. An error takes
nothing away: the last State stays, with a problem that says since when it is old.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from gen.errors import FairwayError, Origin, Problem, SourceError, in_order
from gen.sources import Change, Source
from gen.sources.remembered import Remembered, moment
from gen.state import State

PATIENCE: Final = 10.0
"""Seconds from the beginning on to wait for the very first answer: of all sources together, and once."""
_PAUSE: Final = 5.0
"""Seconds until a source whose hints broke off is listened to again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A State; `away`: since when it is old, empty where it is what there is now."""

    state: State
    away: str = ""


class KeptSource:
    """`label`: how messages call it. `memory` outlives us; `follows`: whether `changes` is going to be called;
    `required`: nothing can be told before it was read once."""

    def __init__(
        self,
        source: Source,
        label: str,
        *,
        memory: Remembered | None = None,
        follows: bool = False,
        required: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.label = label
        self._source = source
        self._memory = memory
        self._follows = follows
        self._required = required or not follows
        self._clock = clock
        self._now = _Known()
        self._looked = threading.Event()
        self._begun = time.monotonic()
        self._is_closed = threading.Event()
        self._looking = threading.Lock()
        self._hints: queue.SimpleQueue[Change | None] = queue.SimpleQueue()
        self._told: tuple[_Known, Told] | None = None

    @property
    def name(self) -> str:
        """As the source is called."""
        return self._source.name

    def read(self) -> Told:
        """What is known of it. Raises the source's error where nothing is and something has to be."""
        if not self._follows:
            self._look()
        elif not self._looked.wait(max(0.0, self._begun + PATIENCE - time.monotonic())):
            self._fail(SourceError(f"no answer within {PATIENCE:.0f} seconds"))
            self._looked.set()
        return self._answer()

    def changes(self) -> Iterator[Change]:
        """Each look that may have found another State, until `close`."""
        for work in (self._look_once, self._listen):
            threading.Thread(target=work, name=f"follow {self.label}", daemon=True).start()
        while (change := self._hints.get()) is not None:
            yield change

    def resync(self) -> None:
        """Looks at everything, soon."""
        self._source.resync()
        if self._follows:
            threading.Thread(target=self._look_once, name=f"resync {self.label}", daemon=True).start()

    def close(self) -> None:
        """Ends `changes`, and writes down what is known."""
        self._is_closed.set()
        self._source.close()
        self._hints.put(None)
        self._keep(now=True)

    def _listen(self) -> None:
        """The hints of the source, for as long as it takes; one whose stream of hints breaks is listened to again."""
        while not self._is_closed.is_set():
            try:
                for change in self._source.changes():
                    self._look()
                    self._hints.put(change)
                if self._is_closed.is_set():
                    return
                why: FairwayError = SourceError("it gives no more hints")
            except Exception as error:  # whatever it is, the others go on
                why = error if isinstance(error, FairwayError) else SourceError(f"unexpected: {error!r}")
            self._fail(why)
            self._hints.put(Change(reason=f"{self.label}: {why}"))
            self._is_closed.wait(_PAUSE)

    def _look_once(self) -> None:
        self._look()
        self._hints.put(Change(reason=self.label))

    def _look(self) -> None:
        with self._looking:
            try:
                found = self._source.read()
            except FairwayError as error:
                self._fail(error)
            except Exception as error:  # a thread must not end because of an answer that nobody thought of
                self._fail(SourceError(f"unexpected: {error!r}"))
            else:
                self._now = _Known(state=found)
                self._keep()
            self._looked.set()

    def _fail(self, error: FairwayError) -> None:
        """It is away; the first error is the one that is told, so that the same trouble is told once."""
        if self._now.error is None:
            self._now = replace(self._now, error=error, away=moment(self._clock()))
        if self._now.state is None and self._memory is not None and (known := self._memory.recall()):
            self._now = replace(self._now, state=known[0], away=known[1])
        self._keep(now=True)

    def _keep(self, *, now: bool = False) -> None:
        if self._memory is not None and self._now.state is not None and self._follows:
            self._memory.keep(self._now.state, now=now)

    def _answer(self) -> Told:
        """The very same object for the same knowledge, on which everything after us remembers."""
        now = self._now
        if self._told is None or self._told[0] is not now:
            self._told = now, self._of(now)
        return self._told[1]

    def _of(self, known: _Known) -> Told:
        state, error = known.state, known.error
        if error is None and state is not None:
            return Told(state=state)
        if state is None and self._required:
            raise self._named(error or SourceError("it was not read"))
        rest = "; what it said last counts" if state else ", and nothing is known of it"
        problem = Problem(
            severity="warning" if state else "error",
            origin=Origin(source=self.label),
            message=f"away since {known.away}{rest}: {error}",
            hint=error.hint if error else "",
        )
        found = state or State(source=self._source.name)
        return Told(state=replace(found, problems=in_order((*found.problems, problem))), away=known.away)

    def _named(self, error: FairwayError) -> FairwayError:
        """The main source's errors say themselves whose they are."""
        return error if self.label == self.name else type(error)(f"{self.label}: {error}", hint=error.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was read last, and why it is not what is there now."""

    state: State | None = None
    error: FairwayError | None = None
    away: str = ""
