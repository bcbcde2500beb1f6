"""What a Fairway that was killed left running: its proxy, found through the pid file, and how it is told to finish.

A layout comes in; the processes of that layout's last proxy come out. A process belongs to it if it is in the group of
the recorded master (every proxy of ours leads a group of its own), and has our error log open or was started with our
configuration, as nobody else: so a number that meanwhile means somebody else is left alone, and workers whose master is
gone are found too. Linux's /proc tells all of it.

The proxy serves on while no Fairway runs, on purpose: sites do not go down with what only configures them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gen.proxies.commands import Commands, Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphans:
    """Processes without a Fairway; `master` is the recorded one and may be among them."""

    master: int
    processes: tuple[int, ...] = ()

    @property
    def leader(self) -> int:
        """The master where it lives, else 0."""
        return self.master if self.master in self.processes else 0

    def let_finish(self, stop_signal: str) -> None:
        """Workers finish what they have and take nothing new. The master ends at once: when its workers were done it
        would remove the pid file, which is its successor's by then."""
        for pid in sorted(self.processes, key=lambda pid: pid != self.master):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if pid == self.master else signal.Signals[f"SIG{stop_signal}"])


def orphans(commands: Commands, layout: Layout) -> Orphans:
    """The processes that serve this layout, by the pid file that the last master wrote."""
    try:
        master = int(Path(commands.pid_file(layout)).read_text())
    except (OSError, ValueError):
        return Orphans(master=0)
    log, conf = Path(layout.error_log), str(layout.current / commands.main)
    ours = (pid for pid in _group(master) if _was_started_with(pid, conf) or _has_open(pid, log))
    return Orphans(master=master, processes=tuple(ours))


def _group(leader: int) -> Iterator[int]:
    """The living processes of a group."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError):
                state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(group) == leader and state != "Z":
                    yield int(entry.name)


def _was_started_with(pid: int, conf: str) -> bool:
    with suppress(OSError):
        return os.fsencode(conf) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False


def _has_open(pid: int, path: Path) -> bool:
    with suppress(OSError):
        file = path.stat()
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(entry.stat(), file):
                    return True
    return False
