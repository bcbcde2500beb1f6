"""A real engine: from the moment at which it says that a container started to the first answer that a client gets.

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
from pathlib import Path
from typing import Any

from docker.models.containers import Container
from docker.models.networks import Network

from scripts import bench_client as client
from tests.e2e.engine import Engine, existing_or_private_engine
from tests.e2e.fairway import Fairway, fairway_on
from tests.e2e.image import SERVER, server_image

SIZES = (10, 300)
ROUNDS = 12
HOST = "probe.example.com"
_PYTHON = str(Path(sys.executable).resolve())
_IDLE = "import signal; signal.pause()"
_PAUSE = 1.0
"""Seconds after which Fairway has taken up what happened, and done what live changes left for later."""


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


def round_of(engine: Engine, fairway: Fairway, container: Container) -> float:
    """Milliseconds from the event to the first answer."""
    host, port = fairway.address
    with client.first_answer(port, (HOST, "/"), host=host) as found:
        offset = time.time() - time.monotonic()
        begin = started(engine, container)
    container.kill()
    time.sleep(_PAUSE)
    return 1000 * (found[0] + offset - begin)


def measure(engine: Engine, size: int, proxy: str, rounds: int) -> list[float]:
    with fairway_on(engine, proxy=proxy) as fairway, listening(engine, fairway) as port:
        container = probe(engine, port)
        fairway.start()
        try:
            return [round_of(engine, fairway, container) for _ in range(rounds)]
        finally:
            with suppress(Exception):
                container.remove(force=True)


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    found = existing_or_private_engine()
    if found is None:
        print("\nno Docker Engine answers, and none can be started: that takes root and dockerd", file=sys.stderr)
        return
    print("\nmilliseconds from the engine's start event to the first answer      p50     worst     of a new upstream")
    with closing(found) as engine:
        running = 0
        networks = [engine.network(f"fw-bench-{number}") for number in range(2)]  # one has 253 addresses
        for size in (10, 30) if quick else SIZES:
            for number in range(running, size):
                idle(engine, number, networks[number % 2])
            running = size
            for proxy in ("haproxy", "nginx"):
                first, *took = measure(engine, size, proxy, 4 if quick else ROUNDS)
                cells = f"{statistics.median(took):9.1f} {max(took):9.1f} {first:21.1f}"
                print(f"{size:>6} containers, {proxy:<44}{cells}", flush=True)


if __name__ == "__main__":
    main()
