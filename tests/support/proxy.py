"""Proxies that run for tests, each in a directory of its own. `RUNNERS` names those that can be run."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from gen.bundle import Bundle
from tests.support.binaries import BINARIES, proxy_of
from tests.support.runner import WITHIN, Runner, talk, until

__all__ = ["RUNNERS", "HaproxyRunner", "NginxRunner", "Runner", "free_port", "until"]

_QUIET = subprocess.DEVNULL


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


class NginxRunner(Runner):
    """nginx."""

    def __init__(self, binary: str = "nginx") -> None:
        super().__init__(binary)

    def check(self, bundle: Bundle) -> str:
        command = self._command(self.write(bundle), "check")
        found = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False, timeout=60)
        return "" if found.returncode == 0 else (found.stderr or self.log()).strip()

    def start(self, main: Path) -> None:
        self.process = subprocess.Popen(self._command(main, "run"), stdin=_QUIET, stdout=_QUIET, stderr=_QUIET)

    def reload(self) -> None:
        assert self.process is not None
        self.process.send_signal(1)

    def accepting(self) -> Callable[[], bool]:
        old = self.workers()
        return lambda: any(_listens(pid) for pid in old)

    def _command(self, main: Path, name: str) -> list[str]:
        run = self.directory / "run"
        own = f"daemon off; pid {run}/{name}.pid; error_log {run}/error.log warn;"
        return [self.binary, "-e", f"{run}/error.log", "-p", str(self.directory), "-c", str(main), "-g", own]


class HaproxyRunner(Runner):
    """HAProxy: a master, told through its own socket, and its worker."""

    def __init__(self, binary: str = "haproxy") -> None:
        super().__init__(binary)

    def check(self, bundle: Bundle) -> str:
        command = [self.binary, "-c", "-f", str(self.write(bundle))]
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return "" if found.returncode == 0 else found.stderr.strip()

    def start(self, main: Path) -> None:
        command = [self.binary, "-W", "-S", f"{self._master},mode,600", "-f", str(main)]
        with (self.directory / "run" / "error.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=_QUIET, stdout=_QUIET, stderr=log)

    def reload(self) -> None:
        """Answered with the verdict from 2.7 on; the master starts itself anew, and is away for a moment."""
        answer = self.master("reload")
        if answer and not answer.startswith("Success=1"):
            raise AssertionError(f"not reloaded: {answer}")

    def accepting(self) -> Callable[[], bool]:
        """A worker that was told to finish has closed what it listened on."""
        old = self.workers()
        return lambda: any(_listens(pid) for pid in old)

    def master(self, command: str) -> str:
        """What the master answers to a command."""
        deadline = time.monotonic() + WITHIN
        while True:
            try:
                return talk(self._master, f"{command};quit\n".encode(), within=WITHIN).decode().strip()
            except (ConnectionRefusedError, FileNotFoundError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)

    @property
    def _master(self) -> Path:
        return self.directory / "run" / "master.sock"


def _listens(pid: int) -> bool:
    """Whether a process has a TCP socket that listens; one that ends meanwhile has none."""
    try:
        held = {fd.readlink().name for fd in Path(f"/proc/{pid}/fd").iterdir()}
        tables = "".join(Path(f"/proc/{pid}/net/{family}").read_text() for family in ("tcp", "tcp6"))
    except OSError:
        return False
    rows = [line.split() for line in tables.splitlines()]
    return any(row[3] == "0A" and f"socket:[{row[9]}]" in held for row in rows)


def _runner(name: str) -> Callable[[], Runner]:
    kind = {"nginx": NginxRunner, "haproxy": HaproxyRunner}[proxy_of(name)]
    return partial(kind, BINARIES[name])


RUNNERS: dict[str, Callable[[], Runner]] = {name: _runner(name) for name in BINARIES}
