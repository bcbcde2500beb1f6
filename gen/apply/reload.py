"""Tell a running proxy to load what is current: on its socket where it takes orders there, else by a signal.

A proxy that is reloading, or only just starting, may hear neither: its socket refuses until it is done or answers that
it is busy, and what was on the way is lost. So it is asked first how often it reloaded, which it answers when it can
hear us, and again after an order that it did not answer; one that was lost is given anew. Fairway itself gives one
order at a time: `DirectoryLock` sees to that, and each is waited for.
"""

from __future__ import annotations

import time
from pathlib import Path

from gen.control.protocol import Control
from gen.control.sockets import ask
from gen.proxies.commands import Commands, Layout, Loads, Question, Reload, Verdict

_PAUSE = 0.005
_REACHABLE = 5.0
"""Seconds of waiting for somebody to take orders. A reload in which a port is found busy takes two and a half."""


def reload(commands: Commands, control: Control, layout: Layout, *, timeout: float) -> Verdict:
    """What the proxy says, within `timeout` seconds. Raises ProxyError when there is nobody to signal."""
    deadline = time.monotonic() + timeout
    way = commands.reload(layout)
    before = _count(commands, way, min(deadline, time.monotonic() + _REACHABLE)) if way else None
    if way is None or before is None:
        control.signal(commands.reload_signal)
        return Verdict()
    while (left := deadline - time.monotonic()) > 0:
        verdict = commands.verdict(_ask(way.order, left) or b"")
        if verdict.accepted is not None:
            return verdict
        after = _count(commands, way, deadline)
        if after is None or after.reloads != before.reloads:
            return Verdict(accepted=after.failed <= before.failed if after else None)
        time.sleep(_PAUSE)
    return Verdict()


def _count(commands: Commands, way: Reload, deadline: float) -> Loads | None:
    """How often it reloaded, as soon as it says so; None when there is no socket, or no answer in time."""
    while (left := deadline - time.monotonic()) > 0 and Path(way.count.socket).exists():
        if (counted := commands.loads(_ask(way.count, left) or b"")) is not None:
            return counted
        time.sleep(_PAUSE)
    return None


def _ask(question: Question, patience: float) -> bytes | None:
    return ask(Path(question.socket), question.send, patience=patience)
