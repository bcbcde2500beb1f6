"""A snapshot file → State: a world written down, for reports, cases and whoever brings their own source.

A source like the others: `read` gives the state, `changes` says when the file was written again.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from gen.errors import InputError
from gen.sources import Change
from gen.sources.redaction import redact
from gen.sources.snapshot_format import dump, json_schema, load
from gen.state import State

__all__ = ["SnapshotSource", "dump", "json_schema", "load", "redact"]

STDIN = "-"

Stamp = tuple[int, int, int]


@dataclass(slots=True)
class SnapshotSource:
    """Reads `path`, or standard input once where it is `-`. Looks for changes each `interval` seconds."""

    path: str
    interval: float = field(default=1.0, kw_only=True)
    stdin: TextIO | None = field(default=None, kw_only=True)
    _closed: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _seen: Stamp | None = field(default=None, init=False, repr=False)
    _from_stdin: State | None = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        return "snapshot"

    def read(self) -> State:
        """The state that the file describes now. Raises InputError."""
        if self.path == STDIN:
            if self._from_stdin is None:
                self._from_stdin = load(_read_stdin(self.stdin or sys.stdin), name="standard input")
            return self._from_stdin
        # Before reading: what is written meanwhile is seen as a change.
        self._seen = self._stamp()
        return load(_read_file(self.path), name=self.path)

    def changes(self) -> Iterator[Change]:
        """A hint whenever the file is not the one that was read last; ends soon after `close`."""
        seen = self._seen or self._stamp()
        while not self._closed.wait(self.interval):
            if self.path == STDIN:
                continue
            now = self._stamp()
            if now not in (seen, self._seen):
                yield Change(reason=f"{self.path} changed", is_event=True)
            seen = now

    def resync(self) -> None:
        """Nothing to do: every read reads everything."""

    def close(self) -> None:
        self._closed.set()

    def _stamp(self) -> Stamp | None:
        try:
            status = Path(self.path).stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino)


def _read_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from error


def _read_stdin(stream: TextIO) -> str:
    try:
        return stream.read().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(f"standard input: not UTF-8 at byte {error.start}") from error
