"""Observe, beside the engines: the last State of one of them ⇄ a file, so that a start while it is away loses nothing.

The file has everything that labels say, passwords' hashes too: it is for its owner's eyes alone.
"""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from gen.errors import InputError
from gen.sources.snapshot_format import load, whole
from gen.state import State

_EVERY: Final = 30.0
"""Seconds between two writes: a world that never rests is not written all the time."""


class Remembered:
    """`directory` is made where it is not there; the file is named after `name` and the URL `of` which it is: at
    another one somebody else answers."""

    def __init__(self, directory: Path, name: str, *, of: str) -> None:
        self._path = directory / f"{name}-{hashlib.sha256(of.encode()).hexdigest()[:12]}.json"
        self._kept: State | None = None
        self._due = 0.0

    def recall(self) -> tuple[State, str] | None:
        """What was kept, and since when it is so old; None where nothing was, or it cannot be read."""
        try:
            written = self._path.stat().st_mtime
            found = load(self._path.read_text(encoding="utf-8"), name=str(self._path))
        except (OSError, UnicodeError, InputError):
            return None
        self._kept = found
        return found, moment(written)

    def keep(self, state: State, *, now: bool = False) -> None:
        """Writes it where it is another and the last one is old, or at once. Whoever cannot write goes on without."""
        if not now and time.monotonic() < self._due:
            return
        if state is self._kept:
            self._touch(now)
            return
        draft = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(whole(state))
            draft.replace(self._path)
        except OSError:
            return
        self._kept, self._due = state, time.monotonic() + _EVERY

    def _touch(self, is_away: bool) -> None:
        """That nothing changed is news too, as long as it was heard."""
        if not is_away:
            self._due = time.monotonic() + _EVERY
            with suppress(OSError):
                os.utime(self._path)


def moment(at: float) -> str:
    """A moment as people read it: `2026-05-01 13:05 UTC`. `at`: UTC seconds since 1970."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(at))
