"""Observe, what every source of an engine does: hints of its event stream and a timer → changes, and reads in between.

The part without any knowledge of what is read. A source says what to look at after a hint, and looks; whatever breaks
on the way is told once, asked for again, and the last State stays with whoever has it.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from gen.errors import SourceError
from gen.sources import RESYNC, Change, docker_events
from gen.sources.docker_engine import Engine
from gen.sources.docker_events import Hint
from gen.sources.docker_follow import Follower
from gen.state import State

W = TypeVar("W")


class Asked(Protocol[W]):
    """What the next read has to look at. While nobody follows, that is everything."""

    def take(self) -> W:
        """What is asked for, which is then asked for no more."""

    def give_back(self, work: W) -> None:
        """A read failed: all of it is asked for again, and everything else with it."""

    def everything(self) -> None:
        """Look at everything."""

    def follow(self) -> None:
        """Look at everything once more; from here on events are complete."""

    def unfollow(self) -> None:
        """Events are missed from here on."""


def spread_delays() -> Iterator[float]:
    """Seconds to wait after failures in a row."""
    return docker_events.delays(random.random)


class FollowedSource(ABC, Generic[W]):
    """Follows one engine. `resync`: seconds between two full looks; `poll`: seconds between two questions for what no
    event tells, 0 for none."""

    def __init__(
        self,
        engine: Engine,
        asked: Asked[W],
        *,
        resync: float,
        poll: float = 0.0,
        delays: Callable[[], Iterator[float]] = spread_delays,
    ) -> None:
        self._engine = engine
        self._asked = asked
        self._every = resync
        self._poll_every = poll or float("inf")
        self._reading = threading.Lock()
        self._changes: queue.SimpleQueue[Change | None] = queue.SimpleQueue()
        self._is_lost = True  # what never was here needs no telling: the first read says so
        self._follower = Follower(engine, self, delays)

    @property
    @abstractmethod
    def name(self) -> str:
        """How problems and logs call this source."""

    @abstractmethod
    def _look(self, work: W) -> State:
        """Looks at what is asked for. Raises SourceError."""

    @abstractmethod
    def _note(self, hint: Hint) -> bool:
        """Notes where to look after an event; False where it cannot matter to a State."""

    def _poll(self) -> str:
        """Asks for what no event tells; why to look again, empty when nothing changed. Raises SourceError."""
        return ""

    @property
    def calls(self) -> Counter[str]:
        """API calls made so far, by kind."""
        return self._engine.calls

    def read(self) -> State:
        """The world now. Raises SourceError that names the endpoint when the engine does not answer."""
        with self._reading:
            work = self._asked.take()
            try:
                return self._look(work)
            except SourceError:
                self._asked.give_back(work)
                # An engine that fails us may have left a stream behind that will never speak again.
                self._follower.interrupt()
                raise

    def changes(self) -> Iterator[Change]:
        """Hints to read again, until `close`: an event, what a poll found, a connection lost or made, the time for a
        resync."""
        self._follower.start()
        now = time.monotonic()
        due, poll_due = now + self._every, now + self._poll_every
        while True:
            try:
                change = self._changes.get(timeout=max(0.0, min(due, poll_due) - time.monotonic()))
            except queue.Empty:
                if time.monotonic() >= due:
                    due = time.monotonic() + self._every
                    self._asked.everything()
                    yield Change(reason=RESYNC)
                elif why := self._polled():
                    yield Change(reason=why)
                poll_due = time.monotonic() + self._poll_every
                continue
            if change is None:
                return
            yield change

    def _polled(self) -> str:
        try:
            return self._poll()
        except SourceError:
            # The follower finds out whether the engine is away, tells so, and connects again.
            self._follower.interrupt()
            return ""

    def resync(self) -> None:
        """The next read looks at everything."""
        self._asked.everything()

    def again(self, seconds: float, why: str) -> None:
        """Everything is looked at once more, after so many seconds."""

        def ask() -> None:
            self._asked.everything()
            self._changes.put(Change(reason=why))

        timer = threading.Timer(seconds, ask)
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """Ends `changes` and the connections."""
        self._changes.put(None)
        self._follower.close()
        self._engine.drop()

    def connected(self) -> None:
        """The follower's call: read everything once, from then on follow events."""
        self._is_lost = False
        self._asked.follow()
        self._changes.put(Change(reason=f"connected to {self._engine.endpoint}"))

    def disconnected(self, why: str) -> None:
        """The follower's call: until it is connected again every read asks for everything. Told once."""
        self._asked.unfollow()
        if not self._is_lost:
            self._is_lost = True
            self._changes.put(Change(reason=why))

    def happened(self, found: Hint) -> None:
        """The follower's call: notes where to look, if it can matter to a State."""
        if self._note(found):
            self._changes.put(Change(reason=found.reason, is_event=True))
