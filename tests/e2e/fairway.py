"""Fairway as people start it: a child process with its log, its port and its exit code.

A private engine lives in a network namespace of its own; Fairway goes in there, so that the gateways of the engine's
networks are its own addresses, and its ports answer at the engine's address.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from gen.control.runtime import Conversation
from gen.control.sockets import ask
from gen.proxies.commands import Layout
from gen.proxies.haproxy.commands import HaproxyCommands
from tests.e2e.engine import Engine
from tests.support.forked import Forked, forks
from tests.support.http import Reply, http_get
from tests.support.proxy import free_port
from tests.support.wait import eventually

SOURCES = Path(__file__).parent.parent.parent
Event = dict[str, Any]
on_both = pytest.mark.parametrize("proxy", ["nginx", "haproxy"], indirect=True)
"""Runs a test for each proxy: what it says does not depend on it."""
on_haproxy = pytest.mark.parametrize("proxy", ["haproxy"], indirect=True)


class Fairway:
    """One directory and one port, on which Fairway may be started more than once. `settings` become `--set`."""

    def __init__(self, engine: Engine, *, outside: bool = False, proxy: str = "nginx", **settings: object) -> None:
        self.engine = engine
        self.proxy = proxy
        self.outside = outside
        self.directory = Path(tempfile.mkdtemp(prefix="fw-"))
        self.directory.chmod(0o755)
        self.port = free_port()
        usual = {"proxy": proxy, "listeners": f"web={self.port}", "access_log": "off", "hold": "0s", "doubt": "0s"}
        self.settings = {**usual, **settings}
        self.events: list[Event] = []
        self.said: list[str] = []
        self.process: Forked | None = None
        self._reader: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where its proxy answers, seen from the test."""
        inside = self.engine.private is not None and not self.outside
        return (self.engine.published_at if inside else "127.0.0.1", self.port)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def proxy_pid(self) -> int:
        """The proxy's master, by the pid file that it writes; 0 while it is being written."""
        return int((self.directory / "run" / f"{self.proxy}.pid").read_text() or 0)

    def ask(self, *lines: str) -> list[str]:
        """What a running HAProxy answers on its runtime API."""
        with Conversation(self.directory / "run" / "admin.sock") as talk:
            return talk.ask(lines)

    @property
    def reloads(self) -> int:
        """How often a running HAProxy read its configuration anew, as its master counts."""
        way = HaproxyCommands().reload(Layout(root=PurePosixPath(self.directory))).count
        # While it starts, its master is not there to answer for a moment.
        counted = eventually(lambda: HaproxyCommands().loads(ask(Path(way.socket), way.send) or b""))
        assert counted is not None and counted.failed == 0, self.log()
        return counted.reloads

    def start(self, *, until: str = "applied") -> Fairway:
        """Starts `watch` and waits for an event, or does not for an empty name."""
        self.events, self.said = [], []
        words = self._words("watch", ("--log-format", "json", "-v"))
        self.process = forks().start(words, cwd=SOURCES, environment=_environment(), namespace=self._namespace)
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        if until:
            self.wait(until)
        return self

    def popen(self, command: str, *options: str) -> subprocess.Popen[str]:
        """A command of Fairway's with this one's settings."""
        return subprocess.Popen(
            [*self.enter, sys.executable, "-m", "gen", *self._words(command, options)],
            cwd=SOURCES,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _words(self, command: str, options: tuple[str, ...]) -> list[str]:
        elsewhere = {"--snapshot", "-f"}.intersection(options) or self.settings.keys() & {"docker", "swarm"}
        docker = () if elsewhere else ("--docker", self.engine.url)
        flags = ["--directory", str(self.directory), *(f"--set={key}={value}" for key, value in self.settings.items())]
        return [command, *docker, *flags, *options]

    def run(self, command: str, *options: str) -> tuple[int, str, str]:
        """Runs a command to its end: exit code, output, errors."""
        place: Any = {"cwd": SOURCES, "environment": _environment(), "namespace": self._namespace}
        code, out, err = forks().run(self._words(command, options), **place)
        return code, out.decode(), err.decode()

    def wait(self, event: str, text: str = "", *, after: int = 0, timeout: float = 20.0) -> Event:
        """The first event of that name, from the position `after` on, in which `text` occurs."""

        def found() -> Event | None:
            matching = (one for one in self.events[after:] if one["event"] == event and text in json.dumps(one))
            first = next(matching, None)
            if first is None and self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"Fairway ended with {self.process.returncode}\n{self.log()}")
            return first

        try:
            return eventually(found, timeout=timeout, message=f"the event {event} {text}") or {}
        except AssertionError as trouble:
            raise AssertionError(f"{trouble}\n{self.log()}") from trouble

    @property
    def mark(self) -> int:
        """A position in the log, for `wait(after=…)`."""
        return len(self.events)

    def log(self) -> str:
        return "\n".join(self.said[-60:])

    def get(self, host: str, path: str = "/", **options: Any) -> Reply:
        return http_get(self.address, host=host, path=path, **options)

    def serves(self, host: str, path: str = "/", *, by: str = "", **options: Any) -> Reply:
        """Waits until the test server answers there, by the instance of that name."""
        return self.until(lambda: self.get(host, path, **options), 200, by=by, what=host + path)

    def answers(self, status: int, host: str, path: str = "/", **options: Any) -> Reply:
        """Waits until that host is answered with that status."""
        return self.until(lambda: self.get(host, path, **options), status, what=host + path)

    def until(self, ask: Any, status: int, *, by: str = "", what: str = "") -> Reply:
        def good() -> Reply | None:
            reply: Reply = ask()
            return reply if reply.status == status and (not by or reply.json()["instance"] == by) else None

        try:
            return eventually(good, timeout=20, message=f"{status} {by} from {what}")  # type: ignore[return-value]
        except AssertionError as trouble:
            raise AssertionError(f"{trouble}\n{self.log()}") from trouble

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def ended(self, *, timeout: float = 40) -> int:
        """Its exit code, once it has ended and its log is read."""
        assert self.process is not None and self._reader is not None
        code = self.process.wait(timeout)
        self._reader.join(5)
        return code

    def stop(self) -> None:
        """SIGTERM; it has to end with exit code 0."""
        self.signal(signal.SIGTERM)
        assert self.ended() == 0, self.log()

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Whatever is left of it goes, also its proxy."""
        with contextlib.suppress(OSError, ValueError):
            proxy = self.proxy_pid
            if self.process is not None and self.process.poll() is None:
                self.kill()
            if str(self.directory).encode() in Path(f"/proc/{proxy}/cmdline").read_bytes():
                os.kill(proxy, signal.SIGTERM)
                eventually(lambda: not Path(f"/proc/{proxy}").exists() or _is_dead(proxy))
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def enter(self) -> list[str]:
        """What to write before a command so that it runs where Fairway does."""
        private = None if self.outside else self.engine.private
        return ["nsenter", f"--net=/run/netns/{private.namespace}"] if private else []

    @property
    def _namespace(self) -> str:
        return self.enter[1].partition("=")[2] if self.enter else ""

    def _read(self, process: Forked) -> None:
        with process.errors as log:
            for line in log:
                self.said.append(line.rstrip())
                with contextlib.suppress(ValueError):
                    found = json.loads(line)
                    if isinstance(found, dict) and "event" in found:
                        self.events.append(found)


def _environment() -> dict[str, str]:
    """This process's, without what Fairway and Docker read."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("FAIRWAY_", "DOCKER_"))}


def _is_dead(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@contextlib.contextmanager
def fairway_on(engine: Engine, **options: Any) -> Iterator[Fairway]:
    """A Fairway that is not started yet, cleaned up however the test ends; one that runs has to stop with 0."""
    one = Fairway(engine, **options)
    try:
        yield one
        if one.process is not None and one.process.poll() is None:
            one.stop()
    finally:
        one.close()
