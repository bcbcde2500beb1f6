"""A real engine: from the moment at which it says that a container started until the proxy has confirmed it, and to the
first answer that a client gets; and what many starts and stops cost the engine, the proxy and its clients.

The container that starts shares the network of its host, where a server listens already: so what the workload itself
takes until it listens is not in it, and all of the engine's and Fairway's time is. Needs root and dockerd, or an engine
that answers. Prints, asserts nothing.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from docker.models.containers import Container
from docker.models.networks import Network

from scripts import bench_client as client
from scripts.bench_churn import Churn, churn
from tests.e2e.engine import Engine, existing_or_private_engine
from tests.e2e.fairway import Fairway, fairway_on
from tests.e2e.image import SERVER, server_image

SIZES = (10, 100, 300)
ROUNDS = 12
CHURN = 100
HOST = "probe.example.com"
_PYTHON = str(Path(sys.executable).resolve())
_IDLE = "import signal; signal.pause()"
_PAUSE = 1.0
"""Seconds after which Fairway has taken up what happened, and done what live changes left for later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Milliseconds from the event: until Fairway says that the proxy has confirmed it, and until a client got it."""

    confirmed: float
    answered: float


def idle(engine: Engine, number: int, network: Network) -> Container:
    """A workload that nobody asks."""
    labels = {"fairway.host": f"site{number}.example.com", "fairway.port": "8080"}
    return engine.run(
        f"fw-bench-{number}", labels=labels, network=network, entrypoint=[_PYTHON, "-I", "-S", "-c", _IDLE]
    )


@contextmanager
def listening(engine: Engine, fairway: Fairway) -> Iterator[int]:
    """The port of a server where the engine's host network is."""
    command = [*fairway.enter, sys.executable, "-I", str(SERVER), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def probe(engine: Engine, port: int) -> Container:
    """The container that starts again and again; made, not started."""
    return engine.client.containers.create(
        server_image(engine.client),
        name="fw-bench-probe",
        entrypoint=[_PYTHON, "-I", "-S", "-c", _IDLE],
        labels={"fairway.host": HOST, "fairway.port": str(port), "fairway-test": engine.session},
        network_mode="host",
        stop_signal="SIGKILL",
    )


def started(engine: Engine, container: Container) -> float:
    """Starts it; the moment of the engine's event, in seconds since 1970."""
    with closing(engine.client.events(decode=True, filters={"event": "start", "container": container.id})) as events:
        container.start()
        event: dict[str, Any] = next(iter(events))
    return int(event["timeNano"]) / 1e9


def round_of(engine: Engine, fairway: Fairway, container: Container) -> Took:
    host, port = fairway.address
    mark = fairway.mark
    with client.first_answer(port, (HOST, "/"), host=host) as found:
        offset = time.time() - time.monotonic()
        begin = started(engine, container)
    said = datetime.fromisoformat(fairway.wait("applied", after=mark)["time"]).timestamp()
    container.kill()
    time.sleep(_PAUSE)
    return Took(confirmed=1000 * (said - begin), answered=1000 * (found[0] + offset - begin))


def measure(engine: Engine, size: int, proxy: str, rounds: int) -> list[Took]:
    with fairway_on(engine, proxy=proxy) as fairway, listening(engine, fairway) as port:
        container = probe(engine, port)
        fairway.start()
        try:
            return [round_of(engine, fairway, container) for _ in range(rounds)]
        finally:
            with suppress(Exception):
                container.remove(force=True)


def latencies(engine: Engine, sizes: tuple[int, ...], rounds: int) -> None:
    print(
        f"\n{'milliseconds from the start event to':<42}confirmed, p50      first answer, p50     worst     the first"
    )
    running = 0
    networks = [engine.network(f"fw-bench-{number}") for number in range(2)]  # one has 253 addresses
    for size in sizes:
        for number in range(running, size):
            idle(engine, number, networks[number % 2])
        running = size
        for proxy in ("haproxy", "nginx"):
            first, *took = measure(engine, size, proxy, rounds)
            answered = [one.answered for one in took]
            cells = f"{statistics.median(one.confirmed for one in took):>19.1f}{statistics.median(answered):>22.1f}"
            print(f"{size:>6} containers, {proxy:<28}{cells}{max(answered):>10.1f}{first.answered:>14.1f}", flush=True)


def churns(engine: Engine, rounds: int) -> None:
    print(
        f"\n{rounds} starts and {rounds} stops under load    requests    lost: new, kept connections    live    reloads"
    )
    for proxy in ("haproxy", "nginx"):
        found = churn(engine, proxy, rounds)
        lost = f"{found.load.lost_fresh}, {found.load.lost_kept}"
        cells = f"{found.load.asked:>12}{lost:>31}{found.ways['live']:>8}{found.ways['reload']:>11}"
        print(f"{proxy:<38}{cells}", flush=True)
        print(calls_of(found), flush=True)


def calls_of(found: Churn) -> str:
    """What the engine was asked for each start and each stop."""
    said = []
    for name, calls in (("start", found.starts), ("stop", found.stops)):
        each = ", ".join(f"{number / found.rounds:.2f} {what}" for what, number in calls.most_common())
        said.append(f"    calls for each {name}: {calls.total() / found.rounds:.2f} ({each or 'none'})")
    return "\n".join(said)


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    found = existing_or_private_engine()
    if found is None:
        print("\nno Docker Engine answers, and none can be started: that takes root and dockerd", file=sys.stderr)
        return
    with closing(found) as engine:
        churns(engine, 5 if quick else CHURN)
        latencies(engine, (10, 30) if quick else SIZES, 4 if quick else ROUNDS)


if __name__ == "__main__":
    main()
