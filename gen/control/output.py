"""Where a child's standard output and error go: a descriptor of ours, or a pipe to it.

A proxy may open /dev/stdout by its name for the access log, which the kernel refuses for a socket (ENXIO), and a socket
is what systemd gives to a service. Then the child gets a pipe, and a thread passes on what comes out of it. The same
is done for a child that says what is wrong nowhere but on its standard error: a copy is kept, for us to read.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PIECE = 65536
_LONGEST_COPY = 1 << 20
"""Bytes after which a copy begins anew: nobody rotates it."""


@contextmanager
def openable(target: int) -> Iterator[int]:
    """A descriptor for a child that is started inside the block; what it writes arrives at `target`."""
    if not stat.S_ISSOCK(os.fstat(target).st_mode):
        yield target
        return
    with _piped(target, None) as sink:
        yield sink


@contextmanager
def copied(target: int, copy: Path) -> Iterator[int]:
    """A descriptor for a child that is started inside the block; what it writes arrives at `target` and in `copy`."""
    with _piped(target, copy) as sink:
        yield sink


@contextmanager
def _piped(target: int, copy: Path | None) -> Iterator[int]:
    source, sink = os.pipe()
    try:
        yield sink
    finally:
        os.close(sink)
        threading.Thread(target=_pass_on, args=(source, target, copy), name="output", daemon=True).start()


def _pass_on(source: int, target: int, copy: Path | None) -> None:
    """Until nobody has the other end any more. What the target does not take is lost: the child must not wait."""
    try:
        while piece := os.read(source, _PIECE):
            if copy is not None:
                with suppress(OSError):
                    _keep(copy, piece)
            with suppress(OSError):
                os.write(target, piece)
    finally:
        os.close(source)


def _keep(copy: Path, piece: bytes) -> None:
    with copy.open("ab") as file:
        if file.tell() > _LONGEST_COPY:
            file.truncate(0)
        file.write(piece)
