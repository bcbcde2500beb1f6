"""A container that starts and stops again and again while clients ask: what the engine is asked for it, how often the
proxy is reloaded, and what clients lose.

The route has a second container that stays, and the one that comes and goes closes its port at once when it is told to
stop: the unkind case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from docker.models.containers import Container

from scripts import bench_client as client
from scripts.bench_calls import counted
from scripts.bench_client import Load
from tests.e2e.engine import Engine
from tests.e2e.fairway import Event, Fairway, fairway_on

HOST = "churn.example.com"
_LABELS = {"fairway.host": HOST, "fairway.port": "8080"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """What so many starts and as many stops came to. `starts`, `stops`: calls of the engine by what was asked."""

    rounds: int
    starts: Counter[str]
    stops: Counter[str]
    ways: Counter[str]
    load: Load

    @property
    def lost(self) -> int:
        return self.load.lost_fresh + self.load.lost_kept


def churn(engine: Engine, proxy: str, rounds: int) -> Churn:
    """Runs it, and removes its two containers."""
    network = engine.network(f"fw-churn-{proxy}")
    stays = engine.run("fw-churn-stays", labels=_LABELS, network=network)
    goes = engine.run("fw-churn-goes", labels=_LABELS, network=network)
    try:
        with counted(engine.url) as (url, calls), fairway_on(engine, proxy=proxy, docker=url) as fairway:
            fairway.start()
            fairway.serves(HOST, by="fw-churn-goes")
            _stopped(goes, fairway)
            return _under_load(fairway, goes, rounds, calls)
    finally:
        for container in (stays, goes):
            container.remove(force=True)


def _under_load(fairway: Fairway, goes: Container, rounds: int, calls: Counter[str]) -> Churn:
    host, port = fairway.address
    starts: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    mark = fairway.mark
    with client.load(port, (HOST, "/"), host=host) as found:
        for _ in range(rounds):
            starts += _asked(calls, lambda: _started(goes, fairway))
            stops += _asked(calls, lambda: _stopped(goes, fairway))
    ways = Counter(str(one["how"]) for one in fairway.events[mark:] if one["event"] == "applied")
    return Churn(rounds=rounds, starts=starts, stops=stops, ways=ways, load=found[0])


def _asked(calls: Counter[str], act: Callable[[], object]) -> Counter[str]:
    before = calls.copy()
    act()
    return calls - before


def _started(goes: Container, fairway: Fairway) -> Event:
    mark = fairway.mark
    goes.start()
    return fairway.wait("applied", after=mark)


def _stopped(goes: Container, fairway: Fairway) -> Event:
    mark = fairway.mark
    goes.stop(timeout=1)
    return fairway.wait("applied", after=mark)
