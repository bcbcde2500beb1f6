"""HAProxy's commands: argument lists out, messages in. Nothing here runs anything.

It runs in master-worker mode: the master keeps its process id from reload to reload, takes orders on `master.sock`,
and hands the listening sockets from worker to worker. It writes its messages to its standard error only, and to the
socket on which a reload was ordered (2.7 and later; 2.6 hangs up without an answer and counts instead).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from gen.bundle import Bundle
from gen.proxies.commands import Fault, Layout, Loads, Place, Question, Reload, Verdict, digest_in, question
from gen.proxies.counts import Counts
from gen.proxies.haproxy.audit import audit, fewest_files, places
from gen.proxies.haproxy.live import live
from gen.proxies.haproxy.messages import explain, faults
from gen.proxies.live import Leftover, Live

_COUNT = re.compile(rb"^\d+\s+master\s+(\d+)(?:\s+\[failed:\s*(\d+)\])?", re.MULTILINE)
_INFO = re.compile(rb"^(\w+): (\d+)$", re.MULTILINE)
_VERDICT = re.compile(rb"\s*Success=([01])\b(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxyCommands:
    """HAProxy by the name or path of its binary."""

    binary: str = "haproxy"

    @property
    def name(self) -> str:
        return "haproxy"

    @property
    def main(self) -> str:
        return "haproxy.cfg"

    @property
    def install_hint(self) -> str:
        return "install it (`apt-get install haproxy`, `apk add haproxy`), or point the settings to where haproxy runs"

    @property
    def reload_signal(self) -> str:
        return "USR2"

    @property
    def stop_signal(self) -> str:
        return "USR1"

    @property
    def writes_error_log(self) -> bool:
        return False

    @property
    def longest_socket_path(self) -> int:
        """HAProxy binds the path with its process id and `.tmp` behind it, and then renames; it refuses more."""
        return 97

    @property
    def changes_live(self) -> bool:
        return True

    def check(self, conf: PurePosixPath, layout: Layout) -> tuple[str, ...]:
        """`haproxy -c`. It binds nothing, and what is already served does not notice."""
        return (self.binary, "-c", "-f", str(conf))

    def overlooked(self, bundle: Bundle) -> tuple[Fault, ...]:
        return audit(bundle)

    def fewest_files(self, bundle: Bundle) -> int:
        """A check keeps a file of its own from the start, which `haproxy -c` does not count."""
        return fewest_files(bundle)

    def places(self, main: str) -> tuple[Place, ...]:
        """HAProxy lets others of its user listen where it does (SO_REUSEPORT), and the system deals out connections."""
        return places(main)

    def start(self, layout: Layout) -> tuple[str, ...]:
        sockets = ("-S", f"{layout.run}/master.sock,mode,600", "-p", str(self.pid_file(layout)))
        return (self.binary, "-W", *sockets, "-f", str(layout.current / self.main))

    def succeed(self, layout: Layout, master: int) -> tuple[str, ...]:
        """It asks the old one for its listening sockets (`-x`), so that no connection is lost between two queues, and
        when it is ready tells it to finish (`-sf`), the master and its workers."""
        return (*self.start(layout), "-x", f"{layout.run}/admin.sock", "-sf", str(master))

    def pid_file(self, layout: Layout) -> PurePosixPath:
        return layout.run / "haproxy.pid"

    def faults(self, text: str) -> tuple[Fault, ...]:
        return faults(text)

    def is_fatal(self, fault: Fault) -> bool:
        """Binds are tried again for two seconds before HAProxy says a word, so every such word is the last."""
        return fault.level == "emerg"

    def wants_network(self, fault: Fault) -> bool:
        return "could not resolve address" in fault.message

    def explain(self, fault: Fault) -> Fault:
        return explain(fault)

    def question(self, layout: Layout) -> Question:
        return question(layout)

    def answer(self, reply: bytes) -> str:
        return digest_in(reply)

    def reload(self, layout: Layout) -> Reload:
        """`quit` lets the master hang up after its answer, which it does by itself only after a reload."""
        socket = layout.run / "master.sock"
        return Reload(
            order=Question(socket=socket, send=b"reload;quit\n"),
            count=Question(socket=socket, send=b"show proc;quit\n"),
        )

    def verdict(self, reply: bytes) -> Verdict:
        """From 3.1 on a master that is reloading says that it does not take another order; then nothing is decided."""
        said = _VERDICT.match(reply)
        if said is None or b"Another reload is still in progress" in said[2]:
            return Verdict()
        if said[1] == b"1":
            return Verdict(accepted=True)
        return Verdict(accepted=False, faults=faults(said[2].decode(errors="replace")))

    def count(self, layout: Layout) -> tuple[Question, ...]:
        asked = (b"show info\n", b"show stat -1 2 -1\n")
        return tuple(Question(socket=layout.run / "admin.sock", send=words) for words in asked)

    def counted(self, replies: tuple[bytes, ...]) -> Counts:
        info = dict(_INFO.findall(replies[0])) if replies else {}
        of_caches = list(csv.DictReader(io.StringIO(b"".join(replies[1:]).decode("ascii", "replace").lstrip("# "))))
        return Counts(
            requests=_number(info.get(b"CumReq")),
            connections=_number(info.get(b"CumConns")),
            open=_number(info.get(b"CurrConns")),
            cache_lookups=_sum(of_caches, "cache_lookups"),
            cache_hits=_sum(of_caches, "cache_hits"),
        )

    def loads(self, reply: bytes) -> Loads | None:
        found = _COUNT.search(reply)
        return Loads(reloads=int(found[1]), failed=int(found[2] or 0)) if found else None

    @property
    def ask_workers(self) -> tuple[str, ...]:
        """Certificates and lists are read before the workers give up the master's rights."""
        return ()

    def worker_groups(self, said: str) -> tuple[str, ...]:
        return ()

    @property
    def inner_groups(self) -> tuple[str, ...]:
        """The group that the main file names where no user is set."""
        return ("haproxy",)

    def live(self, old: Bundle, new: Bundle, capabilities: frozenset[str], leftovers: frozenset[Leftover]) -> Live:
        return live(old, new, capabilities, leftovers)


def _number(text: bytes | None) -> int | None:
    return None if text is None else int(text)


def _sum(rows: Iterable[Mapping[str, str | None]], name: str) -> int | None:
    """Of a column; None where no row has it."""
    found = [int(text) for row in rows if (text := row.get(name) or "").isdigit()]
    return sum(found) if found else None
