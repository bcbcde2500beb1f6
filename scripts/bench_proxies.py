"""Processes of proxies as the kernel sees them, and the smallest HAProxy to compare with."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.bench_client import Client, Target, drive, request
from tests.support.proxy import free_port

_MINIMAL = """global
    nbthread 1
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend web
    bind 127.0.0.1:{port}
    default_backend one
backend one
    server one 127.0.0.1:{server}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A worker."""

    pid: int

    @property
    def seconds(self) -> float:
        """Processor time of all its threads."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    @property
    def megabytes(self) -> float:
        """What it holds in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def cost(self, port: int, targets: Sequence[Target], count: int) -> float:
        """Microseconds for each of so many requests."""
        drive(port, targets, max(200, count // 10))
        before = self.seconds
        drive(port, targets, count)
        return 1e6 * (self.seconds - before) / count


def worker_of(master: int) -> Process:
    """The youngest child."""
    found = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return Process(pid=max(map(int, found)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimal:
    """A HAProxy with one backend and no rules."""

    process: Process
    port: int

    def cost(self, targets: Sequence[Target], count: int) -> float:
        return self.process.cost(self.port, targets, count)

    @property
    def megabytes(self) -> float:
        return self.process.megabytes


@contextmanager
def minimal(server: int) -> Iterator[Minimal]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="fwb") as place:
        conf = Path(place) / "haproxy.cfg"
        conf.write_text(_MINIMAL.format(port=port, server=server))
        process = subprocess.Popen(["haproxy", "-db", "-f", str(conf)])
        try:
            while not Client(port).ask(request(("a.example.com", "/"))):
                time.sleep(0.01)
            yield Minimal(process=Process(pid=process.pid), port=port)
        finally:
            process.terminate()
            process.wait()
