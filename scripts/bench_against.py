"""Another checkout and this one, side by side in one run: the cost of a request, a check, a reload and of memory.

Each checkout renders the same snapshots with its own code and templates. The proxies of this machine run the results
with one worker each and are measured in turns; a ratio is the median of the rounds' ratios. Prints, asserts nothing.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gen.sources.snapshot_format import dump
from gen.state import State
from scripts import bench_client as client
from scripts.bench_proxies import Process, worker_of
from scripts.bench_traffic import target, world
from tests.support.proxy import HaproxyRunner, NginxRunner, Runner, free_port, until

HERE = Path(__file__).parents[1]
RUNNERS: dict[str, Callable[[], Runner]] = {"nginx": NginxRunner, "haproxy": HaproxyRunner}
ROUNDS = 7
say: Callable[..., None] = print


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A running proxy with the configuration that one checkout rendered."""

    runner: Runner
    port: int
    main: Path
    bytes: int
    seconds: float

    @property
    def worker(self) -> Process:
        assert self.runner.process is not None
        return worker_of(self.runner.process.pid)

    def check(self) -> float:
        """CPU milliseconds of the proxy's own check."""
        own = f"pid {self.main.parent}/run/check.pid;"
        nginx = ["-t", "-q", "-p", str(self.main.parent), "-g", own, "-c"]
        flags = nginx if self.main.suffix == ".conf" else ["-c", "-f"]
        return 1000 * _cpu([self.runner.binary, *flags, str(self.main)])


@contextmanager
def stand(checkout: Path, proxy: str, state: State) -> Iterator[Stand]:
    """Render with a checkout and run the result."""
    with RUNNERS[proxy]() as runner:
        port, place = free_port(), runner.directory
        snapshot = place / "snapshot.json"
        snapshot.write_text(dump(state))
        flags = {"proxy": proxy, "directory": place, "listeners": f"web={port}", "workers": 1, "access_log": "off"}
        sets = [word for key, value in flags.items() for word in ("--set", f"{key}={value}")]
        command = [str(checkout / ".venv/bin/python"), "-m", "gen", "render", "--snapshot", str(snapshot)]
        begin = time.perf_counter()
        subprocess.run([*command, "-o", str(place), *sets], cwd=checkout, check=True, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - begin
        for file in place.rglob("*"):
            file.chmod(file.stat().st_mode | 0o755)
        main = place / ("nginx.conf" if proxy == "nginx" else "haproxy.cfg")
        runner.start(main)
        until(lambda: client.Client(port).ask(client.request(target(0))), runner.log)
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file() and file != snapshot)
        yield Stand(runner=runner, port=port, main=main, bytes=size, seconds=seconds)


def _cpu(command: Sequence[str]) -> float:
    """Seconds of CPU that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def reload(one: Stand) -> float:
    """Milliseconds from the signal until no worker of before accepts connections."""
    accepts = one.runner.accepting()
    begin = time.perf_counter()
    one.runner.reload()
    until(lambda: not accepts(), one.runner.log)
    return 1000 * (time.perf_counter() - begin)


def compare(stands: Sequence[Stand], size: int, count: int) -> None:
    """Print the figures of the other checkout, of this one, and their ratio."""
    targets = [target(number) for number in range(size)]
    show("µs of CPU per request", stands, lambda one: one.worker.cost(one.port, targets, count), ROUNDS)
    show("worker MB", stands, lambda one: one.worker.megabytes)
    show("ms of CPU for the check", stands, Stand.check, 3)
    show("ms until a reload is done", stands, reload, 5)
    show("rendered kB", stands, lambda one: one.bytes / 1000)
    show("s to render, whole process", stands, lambda one: one.seconds)


def show(name: str, stands: Sequence[Stand], measure: Callable[[Stand], float], rounds: int = 1) -> None:
    """Measure the stands in turns and print a line."""
    found = [[measure(one) for one in stands] for _ in range(rounds)]
    there, here = (statistics.median(side) for side in zip(*found, strict=True))
    ratio = statistics.median(mine / other for other, mine in found)
    say(f"    {name:<30}{there:>12.2f}{here:>12.2f}{ratio:>10.3f}")


def main() -> None:
    """Compare with the checkout that the first argument names; it needs a .venv of its own."""
    arguments = [word for word in sys.argv[1:] if not word.startswith("-")]
    if len(arguments) != 1 or not (Path(arguments[0]) / ".venv").is_dir():
        sys.exit("bench against: name a checkout in which scripts/setup was run")
    other, sizes = Path(arguments[0]).resolve(), (10, 1_000) if "--quick" in sys.argv else (10, 1_000, 10_000)
    with client.answering() as server:
        for proxy in RUNNERS:
            for size in sizes:
                say(f"\n{proxy}, {size} routes{'':<18}{'there':>12}{'here':>12}{'ratio':>10}")
                with ExitStack() as own:
                    state = world(size, server)
                    stands = [own.enter_context(stand(place, proxy, state)) for place in (other, HERE)]
                    compare(stands, size, 4_000)


if __name__ == "__main__":
    main()
