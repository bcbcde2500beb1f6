"""What runners of proxies share: a directory of their own, the bundle in it, and the digest that the proxy answers."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from gen.bundle import Bundle

WITHIN = 15.0
"""Seconds that a proxy may take to start or to reload."""


def until(is_true: Callable[[], bool], what: Callable[[], str], *, within: float = WITHIN) -> None:
    """Polls; raises AssertionError with `what()` when it does not become true in time (seconds)."""
    deadline = time.monotonic() + within
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(what())
        time.sleep(0.005)


class Runner(ABC):
    """One proxy as a child of the test. `directory` is what its configuration has to be built for.

    It is confirmed by the digest that the running proxy answers, never by an exit code; after a reload it waits until
    the workers of the configuration before no longer accept.
    """

    def __init__(self, binary: str) -> None:
        self.binary = binary
        self.directory = Path(tempfile.mkdtemp(prefix="fw", dir="/tmp"))  # a socket's path has at most 107 bytes
        self.directory.chmod(0o755)
        self.process: subprocess.Popen[bytes] | None = None
        for name in ("run/inner", "temp", "cache"):
            (self.directory / name).mkdir(parents=True)

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

    @abstractmethod
    def check(self, bundle: Bundle) -> str:
        """What the proxy's own check has against a bundle; empty when nothing."""

    @abstractmethod
    def start(self, main: Path) -> None: ...

    @abstractmethod
    def reload(self) -> None: ...

    @abstractmethod
    def accepting(self) -> Callable[[], bool]:
        """A question for after a reload: whether a worker of before it still accepts."""

    def run(self, bundle: Bundle) -> None:
        """Starts the proxy, or reloads it where it runs already."""
        main = self.write(bundle)
        if self.process is None:
            self.start(main)
            until(lambda: self._digest() == bundle.digest, lambda: f"not running: {self.log()}")
            return
        accepts = self.accepting()
        self.reload()
        until(lambda: self._digest() == bundle.digest, lambda: f"not running: {self.log()}")
        until(lambda: not accepts(), lambda: f"old workers go on: {self.log()}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(WITHIN)
            self.process = None

    def log(self) -> str:
        """The end of the proxy's error log."""
        path = self.directory / "run" / "error.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else "no error log"

    def workers(self) -> list[int]:
        """The children of the proxy's master."""
        if self.process is None:
            return []
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _digest(self) -> str:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"{self.binary} has ended: {self.log()}")
        try:
            answer = talk(self.directory / "run" / "confirm.sock", b"GET /digest HTTP/1.0\r\n\r\n")
        except OSError:
            return ""
        return answer.rpartition(b"\r\n\r\n")[2].decode()


def talk(path: Path, said: bytes, *, within: float = 2.0) -> bytes:
    """What a unix socket answers until it closes. Raises OSError."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(within)
        peer.connect(str(path))
        peer.sendall(said)
        return b"".join(iter(lambda: peer.recv(4096), b""))
