"""A proxy as a child of this process: started, signalled, brought back when it was killed, stopped gracefully.

One thread per child waits for its end; nobody needs to call in. The child leads a process group of its own, and stays
unreaped until that group is done with, so that its number cannot come to mean somebody else: a master that was killed
leaves workers that serve on and hold the listening sockets. They are told to finish, the successor takes over, and
whoever is left after `grace` seconds is killed.

A proxy that a killed Fairway left behind is treated in the same way when we start ours: it served until then, its
workers finish, and ours takes the listening sockets over, within milliseconds or without any gap, as the proxy can.
It is not adopted: it would log to where nobody reads, and nobody could wait for its end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from gen.control.here import binary_identity, find_binary, group_id, kill_group, run_here
from gen.control.limits import allow_all_files, most_files
from gen.control.listening import taken_here
from gen.control.orphans import Orphans, orphans
from gen.control.output import copied, openable
from gen.control.protocol import Completed
from gen.control.sockets import remove_stale_socket
from gen.errors import ProxyError
from gen.proxies.commands import Commands, Layout, Place

SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
_STDERR = 2
_TERMINATION_SECONDS = 5.0
_CLOSING_SECONDS = 1.0
_REPEAT_SECONDS = 0.2


def next_pause(previous: float, lived: float) -> float:
    """Seconds until a child that died is started again: doubled each time, from the start when it `lived` long."""
    return SHORTEST_PAUSE if lived > LONGEST_PAUSE else min(LONGEST_PAUSE, max(SHORTEST_PAUSE, previous * 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    process: subprocess.Popen[bytes]
    begin: float
    told_to_end: threading.Event = field(default_factory=threading.Event)

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_alive(self) -> bool:
        """Without reaping it."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def await_end(self) -> tuple[bool, str]:
        """Block until it ended, without reaping it. Whether a signal ended it, and the end in words."""
        end = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        if end is None or end.si_code == os.CLD_EXITED:
            return False, f"exit code {end.si_status if end else 'unknown'}"
        names = {number.value: number.name for number in signal.Signals}
        return True, f"signal {names.get(end.si_status, end.si_status)}"


class Supervised:
    """`grace`: seconds in which a proxy that is told to stop may finish its requests. `output`: the descriptor to
    which goes what it writes to its standard output, by default our standard error, as its own does."""

    starts = True
    is_parent = True

    def __init__(self, commands: Commands, directory: Path, *, grace: float = 30.0, output: int = _STDERR) -> None:
        self._commands = commands
        self._layout = Layout(root=PurePosixPath(directory))
        self._grace = grace
        self._output = output
        self._lock = threading.RLock()
        self._child: _Child | None = None
        self._keeper: threading.Thread | None = None
        self._pause = 0.0
        self._heard: Callable[[str], None] = lambda why: None

    @property
    def root(self) -> PurePosixPath:
        return self._layout.root

    @property
    def pid(self) -> int:
        """The child's process id, 0 while there is none."""
        with self._lock:
            return self._child.pid if self._child and self._child.is_alive() else 0

    def on_end(self, heard: Callable[[str], None]) -> None:
        self._heard = heard

    def run(self, argv: tuple[str, ...], *, timeout: float, isolated: bool = False) -> Completed | None:
        return run_here(argv, timeout=timeout, isolated=isolated, hint=self._commands.install_hint)

    def taken(self, places: Iterable[Place]) -> tuple[Place, ...]:
        return taken_here(places)

    def most_files(self) -> int | None:
        return most_files()

    def said(self, since: float) -> str:
        return ""

    def identity(self, binary: str) -> str:
        return binary_identity(binary)

    def group_id(self, names: tuple[str, ...]) -> int | None:
        return group_id(names)

    def is_running(self) -> bool:
        return self.pid != 0

    def signal(self, name: str) -> None:
        with self._lock:
            if not (pid := self.pid):
                raise ProxyError(f"{self._commands.name} is not running", hint="it is being started again")
            os.kill(pid, signal.Signals[f"SIG{name}"])

    def start(self) -> None:
        with self._lock:
            if not self.is_running():
                self._spawn()

    def stop(self) -> None:
        with self._lock:
            child, keeper = self._child, self._keeper
            self._child, self._pause = None, 0.0
        if child is None or keeper is None:
            return
        child.told_to_end.set()
        for name, seconds in ((self._commands.stop_signal, self._grace), ("TERM", _TERMINATION_SECONDS)):
            if self._end(child, keeper, name, seconds):
                return
        with self._lock:
            if child.is_alive():
                kill_group(child.pid)
        keeper.join()

    def _spawn(self) -> None:
        binary = find_binary(self._commands.binary, hint=self._commands.install_hint)
        argv = self._succession()
        allow_all_files()
        try:
            with openable(self._output) as output, self._errors() as errors:
                process = subprocess.Popen(
                    (binary, *argv[1:]),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    start_new_session=True,
                )
        except OSError as error:
            raise ProxyError(f"{binary} cannot be started: {error.strerror}") from error
        self._child = _Child(process=process, begin=time.monotonic())
        self._keeper = threading.Thread(target=self._keep, args=(self._child,), name="keeper", daemon=True)
        self._keeper.start()

    def _errors(self) -> AbstractContextManager[int | None]:
        """Where its standard error goes; None is where ours does."""
        if self._commands.writes_error_log:
            return nullcontext()
        return copied(_STDERR, Path(self._layout.error_log))

    def _succession(self) -> tuple[str, ...]:
        """The command that starts it, beside what a killed Fairway left or after that was let go."""
        left = orphans(self._commands, self._layout)
        beside = self._commands.succeed(self._layout, left.leader) if left.leader else None
        if beside is None:
            self._clear_the_way(left)
        return beside or self._commands.start(self._layout)

    def _clear_the_way(self, left: Orphans) -> None:
        """Let go what a killed proxy, or the proxy of a killed Fairway, left. Workers may take a moment to close."""
        left.let_finish(self._commands.stop_signal)
        socket = Path(self._layout.socket)
        deadline = time.monotonic() + (_CLOSING_SECONDS if self._child or left.processes else 0.0)
        while not remove_stale_socket(socket):
            if time.monotonic() >= deadline:
                raise ProxyError(
                    f"a {self._commands.name} that was not started from here already serves {self._layout.root}",
                    hint=f"`fuser {socket}` shows its process; stop it, or tell Fairway to use it as it runs",
                )
            time.sleep(0.005)

    def _keep(self, child: _Child) -> None:
        """Wait for a child's end, start its successor, bury it. Nobody else reaps it."""
        was_killed, why = child.await_end()
        if not child.told_to_end.is_set():
            self._heard(why)
        if was_killed:
            _signal_group(child, self._commands.stop_signal)
        self._replace(child)
        if was_killed:
            child.told_to_end.wait(self._grace)
            kill_group(child.pid)
        with self._lock:
            child.process.wait()

    def _replace(self, child: _Child) -> None:
        """Start a successor, until that succeeds or somebody else does."""
        lived = time.monotonic() - child.begin
        while True:
            with self._lock:
                self._pause = pause = next_pause(self._pause, lived)
            if child.told_to_end.wait(pause):
                return
            with self._lock:
                # The binary may be missing for a moment while it is upgraded, the workers may still be closing.
                with suppress(ProxyError):
                    if self._child is child:
                        self._spawn()
                if self._child is not child:
                    return

    def _end(self, child: _Child, keeper: threading.Thread, name: str, seconds: float) -> bool:
        """Whether the signal ended it in time. It is repeated, seldom: one that is just starting may not hear it."""
        deadline, pause = time.monotonic() + seconds, _REPEAT_SECONDS
        while keeper.is_alive() and (left := deadline - time.monotonic()) > 0:
            self._tell(child, name)
            keeper.join(min(pause, left))
            pause *= 2
        return not keeper.is_alive()

    def _tell(self, child: _Child, name: str) -> None:
        with self._lock:
            if child.is_alive():
                os.kill(child.pid, signal.Signals[f"SIG{name}"])


def _signal_group(child: _Child, name: str) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.Signals[f"SIG{name}"])
