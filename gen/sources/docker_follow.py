"""Observe, beside the reading: the engine's event stream → calls of a listener, for as long as it takes.

A thread of its own reads the stream, so that a timer and `close` need not wait for an event.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from gen.errors import SourceError
from gen.sources.docker_engine import BROKEN, Engine, Stream, end_stream
from gen.sources.docker_events import LONGEST_DELAY, Hint, hint, since


class Listener(Protocol):
    """Who is told; every call comes from the following thread."""

    def connected(self) -> None:
        """The stream is open: from now on no event is missed. What happened before is not known."""

    def happened(self, found: Hint) -> None:
        """One event that may change a State."""

    def disconnected(self, why: str) -> None:
        """Events may be missed from now on. Called at each failed attempt too."""


class Follower:
    """Follows one engine; `delays` gives the seconds to wait after each failure in a row."""

    def __init__(self, engine: Engine, listener: Listener, delays: Callable[[], Iterator[float]]) -> None:
        self._engine = engine
        self._listener = listener
        self._delays = delays
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._last = 0
        self._thread = threading.Thread(target=self._run, name="docker-events", daemon=True)

    def start(self) -> None:
        """Begins to follow; once."""
        if not self._closed.is_set() and self._thread.ident is None:
            self._thread.start()

    def interrupt(self) -> None:
        """Ends the present stream, which is then opened anew."""
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            end_stream(stream)

    def close(self) -> None:
        """Ends following. A thread that still waits for the engine to answer a connect is left behind."""
        self._closed.set()
        self.interrupt()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        waits = self._delays()
        while not self._closed.is_set():
            began, last = time.monotonic(), self._last
            try:
                self._follow()
                why = f"{self._engine.endpoint}: the event stream ended"
            except SourceError as error:
                why = str(error)
            if self._closed.is_set():
                return
            self._listener.disconnected(why)
            self._engine.drop()
            if self._last != last or time.monotonic() - began > LONGEST_DELAY:
                waits = self._delays()
            self._closed.wait(next(waits))

    def _follow(self) -> None:
        stream = self._engine.events(since(self._last))
        with self._lock:
            self._stream = stream
        if self._closed.is_set():
            self.interrupt()
            return
        self._listener.connected()
        try:
            for event in stream:
                found = hint(event) if isinstance(event, dict) else None
                if found is not None:
                    self._last = max(self._last, found.at)
                    self._listener.happened(found)
        except BROKEN:
            # However it broke, it is opened anew.
            return
        finally:
            self.interrupt()
