"""A steady client: one request after another, each on a connection of its own, while something else happens."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.http import Reply


@dataclass(slots=True, kw_only=True)
class Traffic:
    """What came back so far: answers by instance, and everything that was not a 200."""

    served: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.served.total() + len(self.failed)

    def take(self, reply: Reply) -> None:
        if reply.status == 200:
            self.served[reply.json()["instance"]] += 1
        else:
            self.failed.append(f"{self.total}: {reply.status} {reply.body[:80]!r}")


@contextmanager
def steady(ask: Callable[[], Reply]) -> Iterator[Traffic]:
    """Asks all the time until the end of the block."""
    traffic, over = Traffic(), threading.Event()

    def run() -> None:
        while not over.wait(0.002):
            try:
                traffic.take(ask())
            except OSError as trouble:
                traffic.failed.append(f"{traffic.total}: {trouble!r}")

    client = threading.Thread(target=run)
    client.start()
    try:
        yield traffic
    finally:
        over.set()
        client.join()
