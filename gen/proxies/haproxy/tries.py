"""Tries: how often HAProxy sends a request to another server when one refuses. An Upstream in, a class of retries out.

HAProxy counts retries in the configuration, not by servers. There are few classes, each a section of defaults, so that
servers come and go without a reload. It may choose a server again that refused before the last one, so a class has more
retries than servers. A connection that is refused takes no time; one that gets no answer takes the connect timeout.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final

from gen.model import Upstream
from gen.proxies.haproxy.literal import Word

MOST_NAMES: Final = 10
"""So many addresses of a server known by name are used, where nobody knows how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """The class for up to `most` addresses: how the names of its defaults end, and its retries."""

    most: float
    suffix: str
    retries: int

    @property
    def http(self) -> Word:
        return Word(f"fairway_up{self.suffix}")

    @property
    def stream(self) -> Word:
        return Word(f"fairway_stream{self.suffix}")


TRIES: Final = (
    Tries(most=4, suffix="", retries=3),
    Tries(most=16, suffix="_many", retries=20),
    Tries(most=inf, suffix="_lots", retries=100),
)
MORE_TRIES: Final = tuple(tries for tries in TRIES if tries.suffix)


def count(upstream: Upstream | None) -> int:
    """The number of addresses an upstream has, as far as it is known: behind a name there may be one alone, and HAProxy
    waits a second before it tries the only server again."""
    shown = [server for server in upstream.servers if server.state != "down"] if upstream else []
    return sum(max(1, server.room) if server.is_name else 1 for server in shown)


def tries_of(upstream: Upstream | None) -> Tries:
    """The class of an upstream."""
    number = count(upstream)
    return next(tries for tries in TRIES if number <= tries.most)
