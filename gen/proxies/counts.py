"""Counts: what a proxy says of its requests, of any kind of proxy. What one does not count is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Since its workers started: `requests` and `connections` of clients, `open` ones now, lookups and hits of
    caches."""

    requests: int | None = None
    connections: int | None = None
    open: int | None = None
    cache_lookups: int | None = None
    cache_hits: int | None = None
