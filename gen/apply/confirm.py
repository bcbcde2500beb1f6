"""Ask the running proxy what it serves, until it says what we want or has said that it will not.

Each question is a connection of its own: after a reload the old workers go on with the connections they have.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gen.control.sockets import ask
from gen.proxies.commands import Commands, Fault, Layout, Verdict

_PAUSE = 0.002
_LOOK_AT_LOG_EVERY = 10
_OVERLAP = 0.3
"""Seconds in which old and new workers both take connections after a reload; 0.1 was measured."""
_GRACE = 0.3
"""Seconds of asking on after a fatal message: it may be about something else."""


class ErrorLog:
    """What the proxy adds to its log of fatal messages from now on. `said`: what else it says, from a time on."""

    def __init__(self, path: Path, said: Callable[[float], str] = lambda since: "") -> None:
        self._path = path
        self._said = said
        self._begin = time.time()
        self._offset = self._size()

    def added(self) -> str:
        """All of it; the log from its beginning when somebody truncated it. Empty where it cannot be read."""
        return self._logged() + self._said(self._begin)

    def _logged(self) -> str:
        size = self._size()
        if size == self._offset:
            return ""
        try:
            with self._path.open("rb") as log:
                log.seek(self._offset if size > self._offset else 0)
                return log.read().decode(errors="replace")
        except OSError:
            return ""

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Whether the digest was confirmed, after how many seconds, and what was logged meanwhile. `was_refused`: the
    proxy said by itself that it will not serve it."""

    confirmed: bool
    seconds: float
    faults: tuple[Fault, ...] = ()
    was_refused: bool = False


def serving(commands: Commands, layout: Layout) -> str | None:
    """The digest that the running proxy serves; None when nobody answers, or not with a digest."""
    question = commands.question(layout)
    reply = ask(Path(question.socket), question.send)
    return (commands.answer(reply) or None) if reply else None


def settle(expected: str | None, commands: Commands, layout: Layout) -> str | None:
    """The digest being served, given a moment to become `expected` if somebody answers at all."""
    deadline = time.monotonic() + _OVERLAP
    while (found := serving(commands, layout)) not in (None, expected) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return found


def await_digest(digest: str, commands: Commands, layout: Layout, *, log: ErrorLog, timeout: float) -> Confirmation:
    """Ask until `digest` is the answer, at most `timeout` seconds; less when the proxy logs that it gave up."""
    begin = time.monotonic()
    deadline = begin + timeout
    faults: tuple[Fault, ...] = ()
    count = 0
    while True:
        if serving(commands, layout) == digest:
            return Confirmation(confirmed=True, seconds=time.monotonic() - begin)
        now = time.monotonic()
        if now >= deadline:
            logged = faults or commands.faults(log.added())
            return Confirmation(confirmed=False, seconds=now - begin, faults=logged)
        if not faults and count % _LOOK_AT_LOG_EVERY == 0:
            logged = commands.faults(log.added())
            if any(commands.is_fatal(fault) for fault in logged):
                faults, deadline = logged, min(deadline, now + _GRACE)
        count += 1
        time.sleep(_PAUSE)


def refusal(verdict: Verdict, commands: Commands, log: ErrorLog) -> tuple[Fault, ...]:
    """Why it was refused: what the proxy answered, or else logged, which may take a moment to arrive."""
    deadline = time.monotonic() + _GRACE
    found = verdict.faults
    while not any(commands.is_fatal(fault) for fault in found) and time.monotonic() < deadline:
        found = verdict.faults + commands.faults(log.added())
        time.sleep(_PAUSE)
    return found
