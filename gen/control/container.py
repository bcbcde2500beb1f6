"""A proxy in another container, which has our directory as a volume, at the same or at another path.

It is found by name, id or `label=value` each time, because a container that was recreated is another container.
Commands run by exec, a reload is a signal to its first process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, DockerException, NotFound

from gen.control import accounts
from gen.control.protocol import Completed
from gen.errors import ProxyError
from gen.proxies.commands import Place

if TYPE_CHECKING:
    from docker import APIClient


_LINES = 200
"""The most of what a proxy said that is looked at."""


class Container:
    """`which` is a name, an id, or `label=value`; `directory_inside` is where the container has our directory."""

    starts = True
    is_parent = False

    def __init__(self, engine: APIClient, which: str, *, directory_inside: PurePosixPath) -> None:
        self._engine = engine
        self._which = which
        self._root = directory_inside

    @property
    def root(self) -> PurePosixPath:
        return self._root

    def on_end(self, heard: Callable[[str], None]) -> None:
        return

    def run(self, argv: tuple[str, ...], *, timeout: float, isolated: bool = False) -> Completed | None:
        """None while the container does not run. An exec cannot be ended from here: one that exceeds its time limit
        is left behind."""
        found = self._inspect()
        if not _is_up(found):
            return None
        begin = time.monotonic()
        answer: list[Completed | ProxyError] = []
        worker = threading.Thread(target=self._exec_into, args=(found["Id"], argv, answer), daemon=True)
        worker.start()
        worker.join(timeout)
        if not answer:
            return Completed(returncode=-1, stdout="", stderr="", seconds=time.monotonic() - begin, timed_out=True)
        if isinstance(answer[0], ProxyError):
            raise answer[0]
        return answer[0]

    def signal(self, name: str) -> None:
        with self._engine_errors():
            self._engine.kill(self._inspect()["Id"], signal=f"SIG{name}")

    def is_running(self) -> bool:
        return _is_up(self._inspect())

    def start(self) -> None:
        found = self._inspect()
        with self._engine_errors():
            # One that waits to be restarted by its policy would not come up before that.
            begin = self._engine.restart if found["State"].get("Restarting") else self._engine.start
            begin(found["Id"])

    def stop(self) -> None:
        """It lives as long as its owner and its restart policy say: sites stay up while Fairway is updated."""

    def taken(self, places: Iterable[Place]) -> tuple[Place, ...]:
        """A container has a network of its own."""
        return ()

    def most_files(self) -> int | None:
        """What the container was made with; the engine's own default is not told."""
        limits = self._inspect().get("HostConfig", {}).get("Ulimits") or ()
        return next((int(one["Hard"]) for one in limits if one["Name"] == "nofile" and one["Hard"] >= 0), None)

    def said(self, since: float) -> str:
        """What the engine kept of it, which some of its log drivers do not."""
        try:
            with self._engine_errors():
                kept = self._engine.logs(self._inspect()["Id"], stdout=False, stderr=True, since=since, tail=_LINES)
                return bytes(kept).decode(errors="replace")
        except ProxyError:
            return ""

    def identity(self, binary: str) -> str:
        return f"{self._inspect()['Image']} {binary}"

    def group_id(self, names: tuple[str, ...]) -> int | None:
        """By the container's own /etc/group, which is copied out of it: there may be no command in it to ask."""
        found = self._inspect()
        if account := str(found.get("Config", {}).get("User") or ""):
            return accounts.group_of(account, passwd=self._text("/etc/passwd"), groups=self._text("/etc/group"))
        return accounts.number_of(names, self._text("/etc/group"))

    def _text(self, path: str) -> str:
        """A text file of the container; empty where there is none."""
        try:
            with self._engine_errors():
                pieces, _ = self._engine.get_archive(self._inspect()["Id"], path)
                return accounts.only_file(b"".join(pieces))
        except ProxyError:
            return ""

    def _inspect(self) -> dict[str, Any]:
        with self._engine_errors():
            which = self._which if "=" not in self._which else self._labelled()
            found: dict[str, Any] = self._engine.inspect_container(which)
            return found

    def _labelled(self) -> str:
        found = self._engine.containers(all=True, filters={"label": [self._which]})
        if not found:
            raise ProxyError(
                f"no container has the label {self._which}",
                hint="give the label to the proxy's container, or name the container in the settings",
            )
        if len(found) > 1:
            names = ", ".join(sorted(entry["Names"][0].lstrip("/") for entry in found))
            raise ProxyError(
                f"{len(found)} containers have the label {self._which}: {names}",
                hint="leave it to the one that runs the proxy of this directory",
            )
        return str(found[0]["Id"])

    def _exec_into(self, container: str, argv: tuple[str, ...], answer: list[Completed | ProxyError]) -> None:
        try:
            answer.append(self._exec(container, argv))
        except ProxyError as error:
            answer.append(error)

    def _exec(self, container: str, argv: tuple[str, ...]) -> Completed:
        begin = time.monotonic()
        with self._engine_errors():
            started = self._engine.exec_create(container, list(argv))["Id"]
            out, err = self._engine.exec_start(started, demux=True)
            code = self._engine.exec_inspect(started)["ExitCode"]
        stdout, stderr = (out or b"").decode(errors="replace"), (err or b"").decode(errors="replace")
        # What the engine answers for a command that it could not execute.
        if code in (126, 127):
            raise ProxyError(
                f"{self._which}: {argv[0]} cannot be run in this container: {(stderr or stdout).strip()}",
                hint="name the container that runs the proxy",
            )
        return Completed(returncode=code, stdout=stdout, stderr=stderr, seconds=time.monotonic() - begin)

    @contextmanager
    def _engine_errors(self) -> Iterator[None]:
        try:
            yield
        except NotFound as error:
            raise ProxyError(
                f"there is no container {self._which}", hint="start it, or correct its name in the settings"
            ) from error
        except APIError as error:
            raise ProxyError(f"{self._which}: the engine refuses: {error.explanation or error}") from error
        except (DockerException, OSError) as error:
            raise ProxyError(f"the engine does not answer: {error}", hint="is it running, may we use it?") from error


def _is_up(found: dict[str, Any]) -> bool:
    state = found["State"]
    return bool(state["Running"]) and not state.get("Restarting") and not state.get("Paused")
