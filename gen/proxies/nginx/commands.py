"""nginx's commands: argument lists out, messages in. Nothing here runs anything.

The configuration itself names no `daemon` and no `pid`: both are given with `-g`, because a check and a run of the
same file need different ones, and nginx refuses a directive given twice. `error_log` may be given twice: whatever the
configuration logs for people, nginx's fatal messages also go to a file of ours, to be read after a reload that failed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from gen.bundle import Bundle
from gen.proxies.commands import (
    LONGEST_SOCKET_PATH,
    Fault,
    Layout,
    Loads,
    Place,
    Question,
    Reload,
    Verdict,
    digest_in,
    question,
)
from gen.proxies.counts import Counts
from gen.proxies.listening import Trouble, cannot_listen
from gen.proxies.live import Leftover, Live

_MESSAGE = re.compile(
    r"^(?:nginx: |\d{4}/\d\d/\d\d [\d:]{8} )\[(\w+)\] (?:\d+#\d+: )?(?:\*\d+ )?(.*?)(?: in (\S+):(\d+))?$",
    re.MULTILINE,
)
_LEVELS = frozenset({"emerg", "alert", "crit", "error", "warn"})
_BIND = re.compile(r"bind\(\) to (\S+) failed \((\d+): [^)]*\)")
_CHANGED_ZONE = re.compile(r'^(?:limit_req|limit_conn|cache) "([^"]+)" (?:uses the|had previously)')

# Numbers, not words: the C libraries word them differently.
_ADDRESS_IN_USE = "98"
_TROUBLES: dict[str, Trouble] = {"13": "denied", _ADDRESS_IN_USE: "in use", "99": "not ours"}
_STATUS = re.compile(rb"Active connections: (\d+) \nserver accepts handled requests\n (\d+) \d+ (\d+) ")
"""https://nginx.org/en/docs/http/ngx_http_stub_status_module.html"""
_COMPILED = re.compile(r"--(user|group)='?([^\s']+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxCommands:
    """nginx by the name or path of its binary."""

    binary: str = "nginx"

    @property
    def name(self) -> str:
        return "nginx"

    @property
    def main(self) -> str:
        return "nginx.conf"

    @property
    def install_hint(self) -> str:
        return "install it (`apt-get install nginx`, `apk add nginx`), or point the settings to where nginx runs"

    @property
    def reload_signal(self) -> str:
        return "HUP"

    @property
    def stop_signal(self) -> str:
        return "QUIT"

    @property
    def writes_error_log(self) -> bool:
        return True

    @property
    def longest_socket_path(self) -> int:
        return LONGEST_SOCKET_PATH

    @property
    def changes_live(self) -> bool:
        return False

    def check(self, conf: PurePosixPath, layout: Layout) -> tuple[str, ...]:
        """`nginx -t`. It creates the pid file it is told, so it gets one of its own. The unix sockets need no such
        care, measured on 1.22: one that exists cannot be bound, which a test ignores; one that does not is removed
        again by the test that made it."""
        options = f"pid {layout.run}/check.pid;"
        return (self.binary, "-t", "-q", "-e", "stderr", "-p", f"{layout.root}/", "-c", str(conf), "-g", options)

    def overlooked(self, bundle: Bundle) -> tuple[Fault, ...]:
        """Nothing that we know of."""
        return ()

    def fewest_files(self, bundle: Bundle) -> int:
        """nginx starts with any number, and warns."""
        return 0

    def places(self, main: str) -> tuple[Place, ...]:
        """nginx shares no place with others, and says so."""
        return ()

    def start(self, layout: Layout) -> tuple[str, ...]:
        options = f"daemon off; pid {self.pid_file(layout)}; error_log {layout.error_log} emerg;"
        conf = str(layout.current / self.main)
        return (self.binary, "-e", str(layout.error_log), "-p", f"{layout.root}/", "-c", conf, "-g", options)

    def succeed(self, layout: Layout, master: int) -> None:
        """The old one has to go first: two masters cannot bind the same unix socket."""

    def pid_file(self, layout: Layout) -> PurePosixPath:
        return layout.run / "nginx.pid"

    def faults(self, text: str) -> tuple[Fault, ...]:
        found = (
            Fault(level=level, message=message, file=file, line=int(line or 0))
            for level, message, file, line in _MESSAGE.findall(text)
            if level in _LEVELS
        )
        return tuple(dict.fromkeys(found))

    def is_fatal(self, fault: Fault) -> bool:
        """An address in use is tried five times; only the line after the last try is the end."""
        if fault.level != "emerg":
            return False
        bind = _BIND.search(fault.message)
        return bind is None or bind[2] != _ADDRESS_IN_USE

    def wants_network(self, fault: Fault) -> bool:
        return "host not found" in fault.message or "could not be resolved" in fault.message

    def explain(self, fault: Fault) -> Fault:
        if bind := _BIND.search(fault.message):
            return _explain_bind(fault, place=bind[1], errno=bind[2])
        if zone := _CHANGED_ZONE.search(fault.message):
            return replace(
                fault,
                hint=f"a running nginx cannot change what the zone {zone[1]} is for; give it another name, "
                "or restart nginx",
            )
        return fault

    def question(self, layout: Layout) -> Question:
        return question(layout)

    def answer(self, reply: bytes) -> str:
        return digest_in(reply)

    def count(self, layout: Layout) -> tuple[Question, ...]:
        return (Question(socket=layout.socket, send=b"GET /counts HTTP/1.0\r\nHost: fairway\r\n\r\n"),)

    def counted(self, replies: tuple[bytes, ...]) -> Counts:
        found = _STATUS.search(replies[0]) if replies else None
        if found is None:
            return Counts()
        now, accepted, requests = map(int, found.groups())
        return Counts(requests=requests, connections=accepted, open=now)

    def reload(self, layout: Layout) -> Reload | None:
        return None

    def verdict(self, reply: bytes) -> Verdict:
        return Verdict()

    def loads(self, reply: bytes) -> Loads | None:
        return None

    @property
    def ask_workers(self) -> tuple[str, ...]:
        """nginx reads keys and configurations as its master, but password files in its workers."""
        return (self.binary, "-V")

    def worker_groups(self, said: str) -> tuple[str, ...]:
        """The compiled-in group; the user's name where none is compiled in, and nobody's otherwise, as nginx's own
        `auto/unix` decides."""
        compiled = dict(_COMPILED.findall(said))
        if group := compiled.get("group") or compiled.get("user"):
            return (group,)
        return ("nogroup", "nobody")

    @property
    def inner_groups(self) -> tuple[str, ...]:
        return ()

    def live(self, old: Bundle, new: Bundle, capabilities: frozenset[str], leftovers: frozenset[Leftover]) -> Live:
        return Live(reasons=("nginx has no runtime API",))


def _explain_bind(fault: Fault, *, place: str, errno: str) -> Fault:
    if place.startswith("unix:"):
        return replace(fault, hint=f"end whoever listens on {place[5:]}; remove the file if nobody does")
    if errno not in _TROUBLES:
        return fault
    more = ""
    if errno == _ADDRESS_IN_USE:
        more = (
            ". If it is nginx itself, which listened on another address of this port until now: it cannot change that "
            "while it runs, restart it"
        )
    return cannot_listen(fault, "nginx", place=place, trouble=_TROUBLES[errno], more=more)
