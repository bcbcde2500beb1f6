"""The test server as a process of this machine, for tests that need a server and no container."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).parent.parent / "e2e" / "server.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """A running test server."""

    name: str
    port: int
    process: subprocess.Popen[str]

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that is not enough within 10 s. May be called again."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def local_server_process(
    *, name: str = "web-1", port: int = 0, grace: float = 0, unhealthy_file: Path | None = None
) -> Iterator[LocalServer]:
    """Starts the server on a free port (or `port`) and stops it, by its own process id, at the end."""
    command = [sys.executable, "-I", str(SERVER), "--port", str(port), "--name", name, "--grace", str(grace)]
    if unhealthy_file:
        command += ["--unhealthy-file", str(unhealthy_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        server: LocalServer | None = None
        try:
            line = process.stdout.readline().strip()
            if not line.isdigit():
                raise RuntimeError(f"{name}: the test server did not start on port {port}: it said {line!r}")
            server = LocalServer(name=name, port=int(line), process=process)
            yield server
        finally:
            (server or LocalServer(name=name, port=port, process=process)).stop()
