"""What a proxy serves, and what became of its processes."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Callable
from pathlib import Path


def page(port: int) -> str:
    """What the proxy answers now, empty when nobody does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    except OSError:
        return ""
    finally:
        connection.close()


def until(claim: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    """Whether it came true before the deadline."""
    deadline = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_gone(pid: int) -> bool:
    """Whether a process ended; one that nobody reaped yet has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def children(pid: int) -> tuple[int, ...]:
    return tuple(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def end(pid: int, number: int) -> None:
    os.kill(pid, number)
