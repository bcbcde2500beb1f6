"""Metrics: passes as they come, and the standing when it is asked for → Prometheus' text format 0.0.4.

Names and labels are ours alone: no label of a workload becomes one here, so that nobody makes series without end.
"""

from __future__ import annotations

from collections import Counter as Count
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

from gen.apply import Applied, Refused, RolledBack
from gen.model import Route, StreamRoute
from gen.pipeline import Made
from gen.proxies.counts import Counts
from gen.watcher import Pass

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
disable_created_metrics()  # type: ignore[no-untyped-call]
_STATES: Final = ("ready", "drain", "down")
_SEVERITIES: Final = ("error", "warning")


class Metrics:
    """One registry of its own."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._updates = Counter("fairway_updates", "Passes by what came of them.", ["outcome"], registry=own)
        for outcome in ("live", "reload", "start", "unchanged", "refused", "rolled_back", "failed"):
            self._updates.labels(outcome)
        self._repairs = Counter("fairway_repairs", "Live changes that a reload had to repair.", registry=own)
        ends = "How often the proxy ended by itself, or did not answer, by reason."
        self._ends = Counter("fairway_proxy_ends", ends, ["reason"], registry=own)
        self._waited = Histogram(
            "fairway_event_to_confirmed_seconds",
            "From the first hint of a change until the proxy confirmed the release.",
            buckets=_BUCKETS,
            registry=own,
        )
        self._own = Histogram("fairway_update_seconds", "How long a pass took.", buckets=_BUCKETS, registry=own)

    def passed(self, one: Pass) -> None:
        """Counts a pass."""
        outcome = one.outcome
        name = {Refused: "refused", RolledBack: "rolled_back"}.get(type(outcome), "unchanged")
        self._updates.labels(outcome.how if isinstance(outcome, Applied) else name).inc()
        self._own.observe(one.seconds)
        if isinstance(outcome, Applied):
            self._waited.observe(one.waited)
            self._repairs.inc(bool(outcome.repaired))

    def failed(self) -> None:
        """Counts a pass that could not go on."""
        self._updates.labels("failed").inc()

    def ended(self, why: str) -> None:
        """Counts an end of the proxy."""
        self._ends.labels(why).inc()

    def text(self, made: Made | None, *, in_sync: bool, age: float, counts: Counts | None) -> bytes:
        """All of it. `age`: seconds since the last confirmation, 0 without one."""
        now = CollectorRegistry()
        Gauge("fairway_in_sync", "Whether the proxy serves what the world asks for.", registry=now).set(in_sync)
        Gauge("fairway_confirmed_age_seconds", "Since the proxy confirmed a release.", registry=now).set(age)
        if made is not None:
            _of_world(made, now)
        if counts is not None:
            _of_proxy(counts, now)
        return generate_latest(self._registry) + generate_latest(now)


def _of_world(made: Made, registry: CollectorRegistry) -> None:
    model = made.model
    routes = Gauge("fairway_routes", "Routes, by whether they are withheld.", ["withheld"], registry=registry)
    every: tuple[Route | StreamRoute, ...] = (*model.routes, *model.streams)
    withheld = sum(bool(route.withheld) for route in every)
    routes.labels("yes").set(withheld)
    routes.labels("no").set(len(every) - withheld)
    servers = Gauge("fairway_servers", "Servers of all upstreams, by state.", ["state"], registry=registry)
    states = Count(server.state for upstream in model.upstreams for server in upstream.servers)
    for state in _STATES:
        servers.labels(state).set(states[state])
    problems = Gauge("fairway_problems", "Problems, by severity.", ["severity"], registry=registry)
    severities = Count(problem.severity for problem in model.problems)
    for severity in _SEVERITIES:
        problems.labels(severity).set(severities[severity])
    dates = [one.not_after for one in model.certificates if not one.is_default]
    if dates:
        first = "fairway_certificate_first_expiry_timestamp_seconds"
        Gauge(first, "When the first certificate in use expires.", registry=registry).set(min(dates))
    Gauge("fairway_certificates", "Certificates in use.", registry=registry).set(len(dates))


def _of_proxy(counts: Counts, registry: CollectorRegistry) -> None:
    """What the proxy itself counts since its workers started; what it does not say is left out."""
    for name, text, value in (
        ("requests", "Requests of clients.", counts.requests),
        ("connections", "Connections of clients.", counts.connections),
        ("cache_lookups", "Requests that were looked for in a cache.", counts.cache_lookups),
        ("cache_hits", "Requests that were answered from a cache.", counts.cache_hits),
    ):
        if value is not None:
            Counter(f"fairway_proxy_{name}", f"{text} As the proxy counts them.", registry=registry).inc(value)
    if counts.open is not None:
        Gauge("fairway_proxy_open_connections", "Connections of clients now.", registry=registry).set(counts.open)
    if counts.cache_lookups and counts.cache_hits is not None:
        ratio = counts.cache_hits / counts.cache_lookups
        Gauge("fairway_proxy_cache_hit_ratio", "Hits among lookups.", registry=registry).set(ratio)
