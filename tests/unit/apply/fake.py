"""A proxy in this process: its configuration is one file whose first word is its digest."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gen.bundle import Bundle, File
from gen.control import Completed
from gen.errors import ProxyError
from gen.proxies.commands import Layout, Place


def bundle(digest: str, content: bytes = b"", *, private: bool = False) -> Bundle:
    files = (File(name="auth/users", content=b"u:p", private=private), File(name="nginx.conf", content=content))
    return Bundle(main="nginx.conf", files=files, digest=digest)


@dataclass(slots=True, kw_only=True)
class FakeProxy:
    """A Control. It never serves the digests in `deaf_to`, and answers checks from `checks` first."""

    path: Path
    starts: bool = True
    is_parent: bool = False
    deaf_to: tuple[str, ...] = ()
    checks: list[Completed | None] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    serving: str = ""
    _server: socket.socket | None = None

    @property
    def root(self) -> PurePosixPath:
        return PurePosixPath(self.path)

    def run(self, argv: tuple[str, ...], *, timeout: float, isolated: bool = False) -> Completed | None:
        self.log.append("check" if isolated else "check with network")
        return self.checks.pop(0) if self.checks else completed()

    def signal(self, name: str) -> None:
        self.log.append(name)
        self._load()

    def is_running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        self.log.append("start")
        if not self.starts:
            raise ProxyError("cannot start")
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(Layout(root=self.root).socket))
        self._server.listen()
        self._load()
        threading.Thread(target=self._serve, args=(self._server,), daemon=True).start()

    def stop(self) -> None:
        self.log.append("stop")
        if self._server is not None:
            self._server.shutdown(socket.SHUT_RDWR)
            self._server = None

    def on_end(self, heard: Callable[[str], None]) -> None:
        return

    def group_id(self, names: tuple[str, ...]) -> int | None:
        return None

    def taken(self, places: Iterable[Place]) -> tuple[Place, ...]:
        return ()

    def most_files(self) -> int | None:
        return None

    def said(self, since: float) -> str:
        return ""

    def identity(self, binary: str) -> str:
        return "fake 1"

    def _load(self) -> None:
        wanted = (self.path / "current").readlink().name
        self.serving = self.serving if wanted in self.deaf_to else wanted

    def _serve(self, server: socket.socket) -> None:
        with server:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1000)
                    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + self.serving.encode())


def completed(returncode: int = 0, stderr: str = "", *, timed_out: bool = False) -> Completed:
    return Completed(returncode=returncode, stdout="", stderr=stderr, seconds=0.01, timed_out=timed_out)
