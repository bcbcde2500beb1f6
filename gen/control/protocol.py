"""What every way to run a proxy has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from gen.proxies.commands import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A command that ended, or was ended after its time limit (`timed_out`). `seconds` of wall time."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False


class Control(Protocol):
    """One place where a proxy runs."""

    @property
    def root(self) -> PurePosixPath:
        """The directory as the proxy sees it."""

    @property
    def starts(self) -> bool:
        """Whether `start` can bring up a proxy that does not run."""

    @property
    def is_parent(self) -> bool:
        """Whether the proxy is a child of this process, which nothing else starts or stops."""

    def on_end(self, heard: Callable[[str], None]) -> None:
        """Call `heard` with the reason, from any thread, each time the proxy ended by itself. Only of a child."""

    def run(self, argv: tuple[str, ...], *, timeout: float, isolated: bool = False) -> Completed | None:
        """Run a command to its end, at most `timeout` seconds. `isolated`: cut off from the network where that is
        possible. None where no command can be run now. Raises ProxyError when the binary is missing."""

    def signal(self, name: str) -> None:
        """Send the running proxy a signal, named without SIG. Raises ProxyError when there is none."""

    def is_running(self) -> bool:
        """Whether there is a process to signal. It may not serve yet."""

    def start(self) -> None:
        """Bring it up, without waiting until it serves. Raises ProxyError when that is not possible."""

    def stop(self) -> None:
        """Let it finish its requests and end, if it is a child of ours. Any other lives on without us."""

    def taken(self, places: Iterable[Place]) -> tuple[Place, ...]:
        """Those of the places on which somebody listens where the proxy runs; none where that cannot be seen."""

    def most_files(self) -> int | None:
        """How many open files the proxy may have, one that would be started included; None where that is not known."""

    def said(self, since: float) -> str:
        """What the proxy wrote to its standard error from that time on (seconds since 1970), where only the place where
        it runs keeps it. Empty where it goes to the layout's error log, or where nobody can tell."""

    def identity(self, binary: str) -> str:
        """What changes when the binary changes, empty when that is not known."""

    def group_id(self, names: tuple[str, ...]) -> int | None:
        """The number of the first of these groups that exists where the proxy runs, None where there is none. A proxy
        that runs as an ordinary user has that user's group, whatever it is called."""
