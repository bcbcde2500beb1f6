"""Commands: how one proxy is checked, started, told to reload and asked what it serves.

Pure: a proxy's package says the words, `control` says where they are run, `apply` says when.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from gen.bundle import Bundle
from gen.proxies.counts import Counts
from gen.proxies.live import Leftover, Live

LONGEST_SOCKET_PATH = 107
"""Bytes of `sun_path` without its closing NUL, unix(7). A proxy that binds another name first has fewer."""


Place = tuple[str, int]
"""An IP address in its usual spelling, and a TCP port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where things lie below the directory, as whoever uses the paths sees them: the proxy in another container
    may know the same directory by another `root`."""

    root: PurePosixPath

    @property
    def releases(self) -> PurePosixPath:
        return self.root / "releases"

    @property
    def current(self) -> PurePosixPath:
        return self.root / "current"

    @property
    def run(self) -> PurePosixPath:
        return self.root / "run"

    @property
    def socket(self) -> PurePosixPath:
        """The running proxy answers here which digest it serves."""
        return self.run / "confirm.sock"

    @property
    def inner(self) -> PurePosixPath:
        """The sockets between the proxy's own servers: who may write there says who a client is."""
        return self.run / "inner"

    @property
    def admin(self) -> PurePosixPath:
        """The running proxy takes changes here, if it can be changed while it runs."""
        return self.run / "admin.sock"

    @property
    def error_log(self) -> PurePosixPath:
        return self.run / "error.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One message of the proxy. `line` counts from 1 and is 0 where the proxy names no place; `file` is relative to
    the bundle where it belongs to one."""

    level: str
    message: str
    file: str = ""
    line: int = 0
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        return f"{place}{self.message}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to send to which unix socket to learn which digest is being served."""

    socket: PurePosixPath
    send: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """How a proxy is told on a socket to load what is current. `order` brings it about; `count` asks how often that
    happened, for a proxy that does not answer the order, or that was not there to hear it."""

    order: Question
    count: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a proxy answered to an order to reload; `accepted` is None where it did not say."""

    accepted: bool | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """How often a running proxy loaded its configuration anew, and how often it could not."""

    reloads: int
    failed: int


def question(layout: Layout) -> Question:
    """The usual question: every proxy speaks HTTP, so it answers on a socket of its own."""
    return Question(socket=layout.socket, send=b"GET /digest HTTP/1.0\r\nHost: fairway\r\n\r\n")


def digest_in(reply: bytes) -> str:
    """The digest in a reply to `question`, empty when there is none."""
    head, _, body = reply.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    return body.decode("ascii", "replace").strip() if status == [b"200"] else ""


class Probe(Protocol):
    """One thing that a binary can do or not, found out by checking a configuration that needs it."""

    @property
    def name(self) -> str: ...

    def config(self, socket: PurePosixPath, modules: tuple[str, ...] = ()) -> str:
        """A configuration that is good if the binary can do it; it may listen on `socket` only."""

    def is_supported(self, returncode: int, stderr: str) -> bool:
        """What the check said, understood."""


class Commands(Protocol):
    """One proxy's words. `binary` as in argv[0]; `main` is the file of a bundle that it reads first; signals are named
    without SIG; `install_hint` tells what to do when the binary is missing. `writes_error_log`: it writes its fatal
    messages to the layout's error log itself, not only to its standard error. `longest_socket_path` in bytes.
    `changes_live`: a running one can be told of some changes, see `live`."""

    @property
    def name(self) -> str: ...
    @property
    def binary(self) -> str: ...
    @property
    def main(self) -> str: ...
    @property
    def install_hint(self) -> str: ...
    @property
    def reload_signal(self) -> str: ...
    @property
    def stop_signal(self) -> str: ...
    @property
    def writes_error_log(self) -> bool: ...
    @property
    def longest_socket_path(self) -> int: ...
    @property
    def changes_live(self) -> bool: ...

    def check(self, conf: PurePosixPath, layout: Layout) -> tuple[str, ...]:
        """The command that reads `conf` and says whether it is good, without disturbing a running proxy."""

    def overlooked(self, bundle: Bundle) -> tuple[Fault, ...]:
        """What is wrong with a bundle and the check does not see."""

    def fewest_files(self, bundle: Bundle) -> int:
        """How many open files a proxy with this bundle has to be allowed, or it does not start; 0 where any will do."""

    def places(self, main: str) -> tuple[Place, ...]:
        """Where a proxy with this main file listens, of the places that it would share with others without a word."""

    def start(self, layout: Layout) -> tuple[str, ...]:
        """The command that serves `current` in the foreground."""

    def succeed(self, layout: Layout, master: int) -> tuple[str, ...] | None:
        """The same, and the running proxy of the process `master` is told to finish as soon as this one takes its
        place. None where the old one has to go first."""

    def pid_file(self, layout: Layout) -> PurePosixPath:
        """Where a proxy that was started that way writes its process id."""

    def faults(self, text: str) -> tuple[Fault, ...]:
        """The messages in what the proxy wrote, in order, each once."""

    def is_fatal(self, fault: Fault) -> bool:
        """Whether the check, the start or the reload failed because of it and will not be tried again."""

    def wants_network(self, fault: Fault) -> bool:
        """Whether it may have come only from a check that was cut off from the network."""

    def explain(self, fault: Fault) -> Fault:
        """The same in words that help, with a hint where there is something to do."""

    def question(self, layout: Layout) -> Question:
        """How to ask the running proxy for its digest."""

    def answer(self, reply: bytes) -> str:
        """The digest in a reply to `question`, empty when there is none."""

    def count(self, layout: Layout) -> tuple[Question, ...]:
        """How to ask the running proxy for what it counts."""

    def counted(self, replies: tuple[bytes, ...]) -> Counts:
        """What the replies to `count` say; nothing of what they do not."""

    def reload(self, layout: Layout) -> Reload | None:
        """How to tell the running proxy on a socket to load what is current; None where only the signal does."""

    def verdict(self, reply: bytes) -> Verdict:
        """What a reply to the order of `reload` says."""

    def loads(self, reply: bytes) -> Loads | None:
        """What a reply to the count of `reload` says; None when it does not."""

    @property
    def ask_workers(self) -> tuple[str, ...]:
        """The command that tells as whom the workers run; empty where only the master reads private files."""

    def worker_groups(self, said: str) -> tuple[str, ...]:
        """The names that the workers' group may have, by what `ask_workers` wrote to its standard error."""

    @property
    def inner_groups(self) -> tuple[str, ...]:
        """The names of the group that the configuration gives workers which read no private files."""

    def live(self, old: Bundle, new: Bundle, capabilities: frozenset[str], leftovers: frozenset[Leftover]) -> Live:
        """How a running proxy that serves `old` gets to `new`: by commands, or why only by a reload."""
