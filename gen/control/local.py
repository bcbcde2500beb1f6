"""A proxy that already runs on this machine, known by its pid file. It is signalled, never started or stopped."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from gen.control.here import binary_identity, group_id, run_here
from gen.control.limits import most_files
from gen.control.listening import taken_here
from gen.control.protocol import Completed
from gen.errors import ProxyError
from gen.proxies.commands import Commands, Layout, Place


class Local:
    """`pid_file`: where the running proxy wrote its process id, by default where `commands.start` has it written."""

    starts = False
    is_parent = False

    def __init__(self, commands: Commands, directory: Path, *, pid_file: Path | None = None) -> None:
        self._commands = commands
        self._layout = Layout(root=PurePosixPath(directory))
        self._pid_file = pid_file or Path(commands.pid_file(self._layout))

    @property
    def root(self) -> PurePosixPath:
        return self._layout.root

    def on_end(self, heard: Callable[[str], None]) -> None:
        return

    def run(self, argv: tuple[str, ...], *, timeout: float, isolated: bool = False) -> Completed | None:
        return run_here(argv, timeout=timeout, isolated=isolated, hint=self._commands.install_hint)

    def signal(self, name: str) -> None:
        pid = self._pid()
        try:
            os.kill(pid, signal.Signals[f"SIG{name}"])
        except PermissionError as error:
            raise ProxyError(
                f"{self._commands.name}: process {pid} may not be signalled by user {os.geteuid()}",
                hint="run Fairway as root or as the user who started it",
            ) from error

    def is_running(self) -> bool:
        try:
            self._pid()
        except ProxyError:
            return False
        return True

    def start(self) -> None:
        self._pid()

    def stop(self) -> None:
        """It is not ours to stop."""

    def taken(self, places: Iterable[Place]) -> tuple[Place, ...]:
        return taken_here(places)

    def most_files(self) -> int | None:
        """What its master may hand on to workers."""
        pid = self._pid_or_none()
        return most_files(pid) if pid else None

    def said(self, since: float) -> str:
        return ""

    def identity(self, binary: str) -> str:
        return binary_identity(binary)

    def group_id(self, names: tuple[str, ...]) -> int | None:
        """The group of a running master that is not root, which reads every file itself; else the first of `names`."""
        return _own_group(self._pid_or_none()) or group_id(names)

    def _pid_or_none(self) -> int | None:
        try:
            return self._pid()
        except ProxyError:
            return None

    def _pid(self) -> int:
        """The running proxy's process. Raises ProxyError when the file is missing, is no pid, or is out of date."""
        name = self._commands.name
        try:
            text = self._pid_file.read_text().strip()
        except OSError as error:
            raise self._not_running(f"its pid file {self._pid_file}: {error.strerror}") from error
        if not text.isdecimal():
            raise self._not_running(f"its pid file {self._pid_file} holds {text[:20]!r}, not a process id")
        if not _is_process_of(int(text), name):
            raise self._not_running(f"its pid file {self._pid_file} is out of date, process {text} is not {name}")
        return int(text)

    def _not_running(self, why: str) -> ProxyError:
        command = shlex.join(self._commands.start(self._layout))
        return ProxyError(
            f"{self._commands.name} is not running: {why}",
            hint=f"start it with `{command}`, or name the pid file it writes",
        )


def _own_group(pid: int | None) -> int | None:
    """The group of a process that is not root; None where it is, or is not known."""
    try:
        found = Path(f"/proc/{pid}").stat() if pid else None
    except OSError:
        return None
    return found.st_gid if found is not None and found.st_uid != 0 else None


def _is_process_of(pid: int, name: str) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return name.encode() in command
