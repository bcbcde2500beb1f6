"""Real proxies on loopback: how long a change takes to be live, what it costs clients, and what a request costs.

nginx and HAProxy run side by side with one worker each, and every number stands beside its like. Prints, asserts
nothing.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from gen.apply import Applied, Applier
from gen.bundle import Bundle
from gen.control import Supervised
from gen.deployment import Deployment, deployment
from gen.garbage import settle
from gen.proxies.haproxy.commands import HaproxyCommands
from gen.proxies.live import Leftover, Live
from gen.settings import load as load_settings
from gen.state import Address, Instance, Label, Port, State, Workload
from scripts import bench_client as client
from scripts.bench_client import Target
from scripts.bench_proxies import Process, minimal, worker_of
from tests.support.proxy import free_port

say: Callable[..., None] = print


class Reloading(HaproxyCommands):
    """A HAProxy that is never changed while it runs."""

    __slots__ = ()

    def live(self, old: Bundle, new: Bundle, capabilities: frozenset[str], leftovers: frozenset[Leftover]) -> Live:
        return Live(reasons=("the bench compares reloads",))


@dataclass(frozen=True, slots=True)
class Noting(HaproxyCommands):
    """Notes when a live change begins, and when its first command is ready."""

    moments: list[tuple[float, float]] = field(default_factory=list, kw_only=True)

    def live(self, old: Bundle, new: Bundle, capabilities: frozenset[str], leftovers: frozenset[Leftover]) -> Live:
        begin = time.monotonic()
        found = HaproxyCommands.live(self, old, new, capabilities, leftovers)
        self.moments.append((begin, time.monotonic()))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Milliseconds from a hint: until the first command to the proxy, until it has confirmed, until all is on the
    disk."""

    first: float
    confirmed: float
    settled: float


class Site:
    """One proxy that serves a world of so many workloads, all answered by one server."""

    def __init__(self, way: str, state: State, root: Path) -> None:
        self.way = way
        self.state = state
        self.proxy = way.partition(" ")[0]
        self.port = free_port()
        flags = {"proxy": self.proxy, "directory": str(root), "listeners": f"web={self.port}", "workers": "1"}
        flags |= {"access_log": "off", "control": "supervise"}
        self.deployment: Deployment = deployment(load_settings(file="/dev/null", variables={}, flags=flags.items()))
        self.noting = Noting()
        self.applier = self._applier(root)

    def _applier(self, root: Path) -> Applier:
        own = self.deployment
        if self.proxy == "nginx":
            return own.applier
        known = own.pipeline.proxy.capabilities  # type: ignore[attr-defined]
        commands = self.noting if self.way == "haproxy live" else Reloading()
        return Applier(own.directory, own.control, commands, check_timeout=60.0, capabilities=known)

    def become(self, state: State) -> Took:
        """Serve another world, from the hint on."""
        self.noting.moments.clear()
        self.state = state
        begin = time.monotonic()
        made = self.deployment.pipeline.make(state)
        first = time.monotonic()
        outcome = self.applier.apply(made.bundle)
        end = confirmed = time.monotonic()
        assert isinstance(outcome, Applied), repr(outcome)
        assert (outcome.how == "live") == bool(self.noting.moments), (outcome.how, outcome.reasons)
        if outcome.how == "live":
            start, first = self.noting.moments[0]
            confirmed = start + outcome.confirm_seconds
        took = (1000 * (moment - begin) for moment in (first, confirmed, end))
        return Took(**dict(zip(("first", "confirmed", "settled"), took, strict=True)))

    @property
    def worker(self) -> Process:
        return worker_of(cast("Supervised", self.deployment.control).pid)


@contextmanager
def serving(way: str, state: State) -> Iterator[Site]:
    """A proxy that has taken up a world."""
    with tempfile.TemporaryDirectory(prefix="fwb", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        site = Site(way, state, Path(place))
        try:
            site.become(state)
            settle()
            yield site
        finally:
            site.deployment.control.signal("TERM")
            site.deployment.control.stop()


def world(size: int, server: int, *, paths: bool = False) -> State:
    """So many routes, each with an upstream of its own: a host and a path each, or with `paths` one host for all."""
    return State(source="bench", workloads=tuple(workload(number, server, paths=paths) for number in range(size)))


def workload(number: int, server: int, *, address: str = "", paths: bool = False) -> Workload:
    host, path = target(number, paths=paths)
    labels = (Label(key="fairway.host", value=host), Label(key="fairway.path", value=path))
    ip = address or f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255 or 1}"
    name = f"web-{number:05}"
    instance = Instance(id=name, name=name, addresses=(Address(network="", host=ip),), ports=(Port(number=server),))
    return Workload(id=name, name=name, labels=labels, instances=(instance,))


def target(number: int, *, paths: bool = False) -> Target:
    return ("all.example.com", f"/app{number}") if paths else (f"site{number}.example.com", f"/app{number}")


def moved(state: State, at: int, server: int, address: str) -> State:
    """The same world with one instance at another address."""
    changed = workload(at, server, address=address)
    return replace(state, workloads=(*state.workloads[:at], changed, *state.workloads[at + 1 :]))


def addresses() -> Iterator[str]:
    """Addresses of the server that no world has."""
    return (f"127.200.{number // 250}.{number % 250 + 1}" for number in range(50_000))


def centiles(those: Sequence[float]) -> str:
    ordered = sorted(those)
    return f"{statistics.median(ordered):9.1f} {ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]:9.1f}"


def changes(server: int, sizes: Sequence[int]) -> None:
    """How long one server's change takes."""
    say("\nmilliseconds from the hint          first command      confirmed    on the disk    against live")
    say(f"{'':<26}" + f"{'p50':>13} {'p99':>9}" * 3)
    ways = (("haproxy live", 100), ("haproxy reload", 12), ("nginx reload", 12))
    for size in sizes:
        usual = 0.0
        for way, times in ways:
            fresh = addresses()
            with serving(way, world(size, server)) as site:
                site.become(moved(site.state, size // 2, server, next(fresh)))
                took = [site.become(moved(site.state, size // 2, server, next(fresh))) for _ in range(times)]
            columns = ("first", "confirmed", "settled")
            cells = "    ".join(centiles([getattr(one, name) for one in took]) for name in columns)
            middle = statistics.median(one.confirmed for one in took)
            usual = usual or middle
            say(f"{size:>6} {way:<20}{cells}    {middle / usual:9.1f}")


def answers(server: int, sizes: Sequence[int]) -> None:
    """From the hint that a server came up to the first answer that a client gets; the engine's own time not in it."""
    say("\nmilliseconds from the hint to the first answer       p50       p99")
    for size in sizes:
        for way in ("haproxy live", "haproxy reload", "nginx reload"):
            fresh = addresses()
            with serving(way, world(size, server)) as site:
                say(f"{size:>6} {way:<44}{centiles([first_answer(site, server, next(fresh)) for _ in range(8)])}")


def first_answer(site: Site, server: int, address: str) -> float:
    at = len(site.state.workloads) // 2
    away = replace(site.state.workloads[at], instances=())
    site.become(replace(site.state, workloads=(*site.state.workloads[:at], away, *site.state.workloads[at + 1 :])))
    with client.first_answer(site.port, target(at)) as found:
        begin = time.monotonic()
        site.become(moved(site.state, at, server, address))
    return 1000 * (found[0] - begin)


def losses(server: int, updates: int) -> None:
    """What clients notice of updates under a steady load."""
    say(f"\n{updates} updates under load     requests   lost on new connections   lost on kept connections")
    for way in ("haproxy live", "haproxy reload", "nginx reload"):
        fresh = addresses()
        with serving(way, world(10, server)) as site:
            with client.load(site.port, target(5)) as found:
                for _ in range(updates):
                    site.become(moved(site.state, 5, server, next(fresh)))
                    time.sleep(0.03)
            said = found[0]
            say(f"{way:<24}{said.asked:>12}{said.lost_fresh:>26}{said.lost_kept:>27}")


def requests(server: int, sizes: Sequence[int], count: int) -> None:
    """What a request costs the worker, and what the worker holds; all run at once and are asked in turns."""
    say("\nroutes, each with an upstream     µs of CPU per request   against the first   worker MB   reload ms")
    with ExitStack() as stack:
        bare = stack.enter_context(minimal(server))
        cost = statistics.median(bare.cost((("a.example.com", "/"),), count) for _ in range(3))
        say(f"{'haproxy with one backend, no rules':<36}{cost:>19.1f}{'':>20}{bare.megabytes:>12.0f}")
        for paths in (False, True):
            for way in ("haproxy reload", "nginx reload"):
                _kinds(stack, server, (way, paths), (sizes, count))


def _kinds(stack: ExitStack, server: int, kind: tuple[str, bool], much: tuple[Sequence[int], int]) -> None:
    (way, paths), (sizes, count) = kind, much
    with ExitStack() as own:
        sites = [own.enter_context(serving(way, world(size, server, paths=paths))) for size in sizes]
        targets = [[target(number, paths=paths) for number in range(size)] for size in sizes]
        rounds = [
            [site.worker.cost(site.port, those, count) for site, those in zip(sites, targets, strict=True)]
            for _ in range(3)
        ]
        costs = [statistics.median(one) for one in zip(*rounds, strict=True)]
        for size, site, cost in zip(sizes, sites, costs, strict=True):
            held = site.worker.megabytes
            took = site.become(moved(site.state, size // 2, server, "127.200.0.1")).confirmed if not paths else 0.0
            title = f"{size:>6} {site.proxy}, {'paths of one host' if paths else 'hosts with a path'}"
            reload = f"{took:>12.0f}" if took else ""
            say(f"{title:<36}{cost:>19.1f}{cost / costs[0]:>20.2f}{held:>12.0f}{reload}")


def _silence() -> None:
    """What proxies write to standard error goes nowhere; what we do is still seen."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    _silence()
    with client.answering() as server:
        changes(server, (10, 1_000))
        answers(server, (10, 300))
        losses(server, 20 if quick else 50)
        requests(server, (10, 1_000) if quick else (10, 1_000, 10_000), 2_000 if quick else 4_000)


if __name__ == "__main__":
    main()
