"""Where a child's standard output goes: a descriptor of ours, or a pipe to it.

nginx opens /dev/stdout by its name for the access log, which the kernel refuses for a socket (ENXIO), and a socket is
what systemd gives to a service. Then the child gets a pipe, and a thread passes on what comes out of it.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 65536


@contextmanager
def openable(target: int) -> Iterator[int]:
    """A descriptor for a child that is started inside the block; what it writes arrives at `target`."""
    if not stat.S_ISSOCK(os.fstat(target).st_mode):
        yield target
        return
    source, sink = os.pipe()
    try:
        yield sink
    finally:
        os.close(sink)
        threading.Thread(target=_pass_on, args=(source, target), name="output", daemon=True).start()


def _pass_on(source: int, target: int) -> None:
    """Until nobody has the other end any more. What the target does not take is lost: the child must not wait."""
    try:
        while piece := os.read(source, _PIECE):
            with suppress(OSError):
                os.write(target, piece)
    finally:
        os.close(source)
