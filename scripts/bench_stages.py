"""Worlds of growing size through the pipeline: what each stage costs, cold and after one instance changed.

Each world has a process of its own, whose peak is its own too; all run one after another, so that the ratios between
sizes mean something on any machine.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from gen.deployment import loader
from gen.garbage import settle
from gen.memo import uncollected
from gen.pipeline import Pipeline
from gen.plan import plan
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.settings import Settings
from gen.state import Address, Instance, Label, Port, State, Workload

SIZES = (10, 100, 1_000, 10_000)
PROXIES: dict[str, Proxy] = {"nginx": Nginx(), "haproxy": Haproxy()}
STAGES = ("declare", "build+fit", "render", "plan")


def world(size: int) -> State:
    """One host for each workload; every tenth has a path, a policy and a second instance."""
    return State(source="bench", workloads=tuple(workload(number) for number in range(size)))


def workload(number: int, *, address: str = "") -> Workload:
    labels = [Label(key="com.docker.compose.project", value=f"project{number // 20}")]
    labels += [Label(key="fairway.host", value=f"site{number}.example.com")]
    if number % 10 == 0:
        labels += [Label(key="fairway.path", value="/app"), Label(key="fairway.rate_limit", value="10/s")]
    name = f"web-{number:05}"
    ip = address or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    instance = Instance(id=name, name=name, addresses=(Address(network="edge", host=ip),), ports=(Port(number=8080),))
    return Workload(id=name, name=name, labels=tuple(labels), instances=(instance,))


def one_changed(state: State, round_: int) -> State:
    """The same world with one instance at another address."""
    middle = len(state.workloads) // 2
    changed = workload(middle, address=f"10.200.{round_ // 250}.{round_ % 250 + 1}")
    return replace(state, workloads=(*state.workloads[:middle], changed, *state.workloads[middle + 1 :]))


class Timed:
    """A pipeline whose stages are timed one by one."""

    def __init__(self, proxy: str) -> None:
        settings = Settings()
        self.pipeline = Pipeline(settings, PROXIES[proxy], loader(settings), certificates=lambda: ((), ()))
        self.seconds: dict[str, float] = {}
        self.installed: dict[str, bytes] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin

    def run(self, state: State) -> dict[str, float]:
        """Milliseconds by stage."""
        with uncollected():
            return self._run(state)

    def _run(self, state: State) -> dict[str, float]:
        self.seconds = {}
        with self.stage("declare"):
            declarations = self.pipeline.declare(state)
        with self.stage("build+fit"):
            model = self.pipeline.model(state, declarations)
        with self.stage("render"):
            bundle = self.pipeline.renderer.render(model)
        with self.stage("plan"):
            plan(self.installed, bundle)
        self.pipeline.memo.sweep()
        self.installed = {file.name: file.content for file in bundle.files}
        return {name: seconds * 1000 for name, seconds in self.seconds.items()}


def median_of(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: sorted(one[name] for one in rounds)[len(rounds) // 2] for name in rounds[0]}


def show(title: str, row: dict[str, float]) -> None:
    cells = "".join(f"{row[name]:>12.2f}" for name in STAGES)
    print(f"{title:<24}{cells}{sum(row.values()):>12.2f}", end="", flush=True)


def measure(proxy: str, size: int) -> None:
    """One world, in the process of whoever calls."""
    state = world(size)
    timed = Timed(proxy)
    show(f"{size:>6} {proxy}, cold", timed.run(state))
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:>11} MB")
    settle()
    rounds = [timed.run(one_changed(state, number)) for number in range(5)]
    show(f"{'':>6} one changed", median_of(rounds))
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:>11} MB")


def main() -> None:
    sizes = [int(text) for text in sys.argv[1:]] or list(SIZES)
    spawn = multiprocessing.get_context("spawn")
    print(
        "milliseconds" + " " * 12 + "".join(f"{name:>12}" for name in (*STAGES, "all")) + "   peak memory", flush=True
    )
    for proxy in PROXIES:
        for size in sizes:
            process = spawn.Process(target=measure, args=(proxy, size))
            process.start()
            process.join()


if __name__ == "__main__":
    main()
