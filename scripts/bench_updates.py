"""One of many workloads changed: Fairway's own time from the world to the release and what is told of it.

The same update twice in one run, by a pipeline that remembers and by one that forgot everything, so that the ratio
means something on any machine. What the proxy's commands take is not in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from gen import table
from gen.deployment import loader
from gen.garbage import settle
from gen.memo import Memo
from gen.pipeline import Pipeline
from gen.plan import changes_between
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.settings import Settings
from gen.state import State
from scripts.bench_stages import one_changed, workload, world

SIZES = (10, 1_000, 10_000)
PROXIES: tuple[Proxy, ...] = (Nginx(), Haproxy())
ROUNDS = 15


class Daemon:
    """What `watch` does in a pass, without a proxy."""

    def __init__(self, proxy: Proxy) -> None:
        settings = Settings()
        self.pipeline = Pipeline(settings, proxy, loader(settings), certificates=lambda: ((), ()))
        self.rows: table.Rows = {}

    def update(self, state: State) -> float:
        """Milliseconds of one pass."""
        begin = time.perf_counter()
        made = self.pipeline.make(state)
        rows = table.rows(made.model, self.pipeline.memo)
        changes_between(self.rows, rows)
        self.rows = rows
        return (time.perf_counter() - begin) * 1000

    def forget(self) -> None:
        self.pipeline.memo = self.pipeline.renderer.memo = Memo()
        self.pipeline.renderer.skeleton = None


def one_more(state: State, round_: int) -> State:
    """The same world with a further workload, and so a further host and route."""
    added = workload(len(state.workloads) + round_)
    return State(source=state.source, workloads=(*state.workloads, added))


def median(rounds: list[float]) -> float:
    return sorted(rounds)[len(rounds) // 2]


def measure(proxy: Proxy, size: int) -> tuple[float, float, float]:
    """Milliseconds of an update of one server, of one that adds a route, and of one without memory."""
    state, daemon = world(size), Daemon(proxy)
    daemon.update(state)
    settle()
    server = median([daemon.update(one_changed(state, number)) for number in range(ROUNDS)])
    route = median([daemon.update(one_more(state, number)) for number in range(ROUNDS)])
    daemon.forget()
    return server, route, daemon.update(one_changed(state, ROUNDS))


def main(say: Callable[[str], object] = print) -> None:
    sizes = [int(text) for text in sys.argv[1:]] or list(SIZES)
    titles = ("one server", "one route", "no memory", "ratio")
    say("own milliseconds" + " " * 8 + "".join(f"{title:>12}" for title in titles))
    for proxy in PROXIES:
        for size in sizes:
            server, route, cold = measure(proxy, size)
            say(f"{size:>6} {proxy.name:<17}{server:>12.2f}{route:>12.2f}{cold:>12.2f}{cold / server:>11.0f}x")


if __name__ == "__main__":
    main()
