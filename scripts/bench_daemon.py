"""Whole processes: how long `fairway render` takes from start to end, and what the daemon holds and burns when idle.

The daemon is the real one with a real proxy; only its world is made here, and nothing ever happens in it. Memory and
processor time are those of Fairway's own process, as the kernel counts them. Prints, asserts nothing.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gen.sources import Change
from gen.state import State
from scripts.bench_proxies import Process
from scripts.bench_stages import world
from tests.support.proxy import free_port

SIZES = (10, 10_000)
PROXIES = ("nginx", "haproxy")
ROUNDS = 7
IDLE_SECONDS = 60.0
_READY = 600.0
_COMPOSE = """services:
  shop: {image: shop, labels: {fairway.host: shop.example.com, fairway.port: "8080"}}
  blog: {image: blog, labels: {fairway.host: blog.example.com, fairway.port: "8080", fairway.rate_limit: 10/s}}
  docs: {image: docs, labels: {fairway.host: docs.example.com, fairway.port: "8080", fairway.path: /docs}}
"""


class Quiet:
    """A source of one world in which nothing happens."""

    name = "bench"

    def __init__(self, size: int) -> None:
        self._state = world(size)
        self._closed = threading.Event()

    def read(self) -> State:
        return self._state

    def changes(self) -> Iterator[Change]:
        self._closed.wait()
        yield from ()

    def resync(self) -> None:
        """There is nothing to read anew."""

    def close(self) -> None:
        self._closed.set()


def daemon(proxy: str, size: int, directory: str) -> None:
    """The child: what `fairway watch` is, with all that it imports to follow an engine, but for the extra `ssh`."""
    sys.modules.setdefault("paramiko", None)  # type: ignore[arg-type]
    import gen.sources.docker  # noqa: F401
    from gen import log
    from gen.cli.watching import follow
    from gen.settings import load

    flags = {"proxy": proxy, "directory": directory, "listeners": f"web={free_port()}", "workers": "1"}
    flags |= {"access_log": "off", "control": "supervise", "check_timeout": "5m"}
    settings = load(file="/dev/null", variables={}, flags=flags.items())
    log.configure(settings.log_format, settings.log_level, color=False)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    follow(settings, lambda: Quiet(size))


def _end_with_parent() -> None:
    """Stops when the other end of our standard input is closed."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def running(proxy: str, size: int) -> Iterator[Process]:
    """A daemon that has brought its first release up."""
    with tempfile.TemporaryDirectory(prefix="fwb") as place:
        Path(place).chmod(0o755)
        argv = [sys.executable, "-m", "scripts.bench_daemon", "--daemon", proxy, str(size), place]
        child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert child.stdin is not None
        assert child.stderr is not None
        try:
            _await_applied(child)
            yield Process(pid=child.pid)
        finally:
            child.stdin.close()
            child.stderr.close()
            child.wait(timeout=_READY)


def _await_applied(child: subprocess.Popen[bytes]) -> None:
    assert child.stderr is not None
    said = b""
    for line in child.stderr:
        said += line
        if b"applied" in line:
            return
    raise RuntimeError(said.decode(errors="replace"))


def idle(proxy: str, size: int, seconds: float) -> tuple[float, float]:
    """Megabytes, and the share of a core in percent once nothing is left to do."""
    with running(proxy, size) as process:
        time.sleep(min(5.0, seconds))
        before, begin = process.seconds, time.monotonic()
        time.sleep(seconds)
        return process.megabytes, 100 * (process.seconds - before) / (time.monotonic() - begin)


def render(proxy: str, file: Path) -> tuple[float, float]:
    """Milliseconds of one whole process by the clock, and of processors with the proxy's probes."""
    argv = [sys.executable, "-m", "gen", "render", "--proxy", proxy, "-f", str(file)]
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    used, begin = _children(), time.perf_counter()
    subprocess.run(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - begin), 1000 * (_children() - used)


def _children() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def renders() -> None:
    print("\nmilliseconds of `fairway render` of a small compose file        p50     worst       CPU")
    with tempfile.TemporaryDirectory(prefix="fwb") as place:
        file = Path(place) / "compose.yaml"
        file.write_text(_COMPOSE)
        for proxy in PROXIES:
            render(proxy, file)  # the first one compiles
            took = sorted(render(proxy, file) for _ in range(ROUNDS))
            cpu = sorted(used for _, used in took)[ROUNDS // 2]
            print(f"{proxy:<56}{took[ROUNDS // 2][0]:>12.0f}{took[-1][0]:>10.0f}{cpu:>10.0f}", flush=True)


def main() -> None:
    given = sys.argv[1:]
    if given[:1] == ["--daemon"]:
        daemon(given[1], int(given[2]), given[3])
        return
    seconds = IDLE_SECONDS / 10 if "--quick" in given else IDLE_SECONDS
    sizes = [int(text) for text in given if text.isdigit()] or list(SIZES)
    renders()
    print(f"\n`fairway watch` when idle, {seconds:.0f} s              memory     of a core", flush=True)
    for proxy in PROXIES:
        for size in sizes:
            held, share = idle(proxy, size, seconds)
            print(f"{size:>6} {proxy:<37}{held:>6.0f} MB{share:>12.3f} %", flush=True)


if __name__ == "__main__":
    main()
