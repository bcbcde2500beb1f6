"""A proxy that runs for a test: a bundle is written into a directory of its own, started, reloaded and stopped.

`RUNNERS` names the proxies that can be run. A runner is confirmed by the digest that the running proxy answers, never
by an exit code; after a reload it waits until the workers of the configuration before no longer accept.
"""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from gen.bundle import Bundle
from tests.support.binaries import BINARIES

WITHIN = 15.0
"""Seconds that a proxy may take to start or to reload."""


class Runner(Protocol):
    """One running proxy. `directory` is what its configuration has to be built for."""

    directory: Path

    def run(self, bundle: Bundle) -> None:
        """Starts the proxy, or reloads it where it runs already."""

    def stop(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def until(is_true: Callable[[], bool], what: Callable[[], str], *, within: float = WITHIN) -> None:
    """Polls; raises AssertionError with `what()` when it does not become true in time (seconds)."""
    deadline = time.monotonic() + within
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(what())
        time.sleep(0.005)


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to whoever asks for any."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                found.bind(("", port))
            except OSError:
                continue
        return port


class NginxRunner:
    """nginx as a child of the test."""

    def __init__(self, binary: str = "nginx") -> None:
        self.binary = binary
        self.directory = Path(tempfile.mkdtemp(prefix="fw", dir="/tmp"))  # a socket's path has at most 107 bytes
        self.directory.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("run", "temp", "cache"):
            (self.directory / name).mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, bundle: Bundle) -> Path:
        """Puts the files down; the path of the main one."""
        for file in bundle.files:
            path = self.directory / file.name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(file.content)
        return self.directory / bundle.main

    def check(self, bundle: Bundle) -> str:
        """What `nginx -t` has against a bundle; empty when nothing."""
        command = self._command(self.write(bundle), "check")
        found = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False, timeout=60)
        return "" if found.returncode == 0 else (found.stderr or self.log()).strip()

    def run(self, bundle: Bundle) -> None:
        main = self.write(bundle)
        old = self._workers()
        if self._process is None:
            quiet = subprocess.DEVNULL
            self._process = subprocess.Popen(self._command(main, "run"), stdin=quiet, stdout=quiet, stderr=quiet)
        else:
            self._process.send_signal(1)
        until(lambda: self._digest() == bundle.digest, lambda: f"not running: {self.log()}")
        until(lambda: not any(_accepts(pid) for pid in old), lambda: f"old workers go on: {self.log()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(WITHIN)
            self._process = None

    def log(self) -> str:
        """The end of nginx's error log."""
        path = self.directory / "run" / "error.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else "no error log"

    def _command(self, main: Path, name: str) -> list[str]:
        run = self.directory / "run"
        own = f"daemon off; pid {run}/{name}.pid; error_log {run}/error.log warn;"
        return [self.binary, "-e", f"{run}/error.log", "-p", str(self.directory), "-c", str(main), "-g", own]

    def _digest(self) -> str:
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"nginx has ended: {self.log()}")
        try:
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(2)
                peer.connect(str(self.directory / "run" / "confirm.sock"))
                peer.sendall(b"GET /digest HTTP/1.0\r\n\r\n")
                answer = b"".join(iter(lambda: peer.recv(4096), b""))
        except OSError:
            return ""
        return answer.rpartition(b"\r\n\r\n")[2].decode()

    def _workers(self) -> list[int]:
        if self._process is None:
            return []
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _accepts(pid: int) -> bool:
    """Whether a worker is there and has not been told to finish."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"worker process" in title and b"shutting down" not in title


RUNNERS: dict[str, Callable[[], NginxRunner]] = {
    name: partial(NginxRunner, binary) for name, binary in BINARIES.items()
}
