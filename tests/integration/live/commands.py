"""HAProxy's commands, as far as these tests need them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from gen.bundle import Bundle
from gen.proxies.commands import Fault, Layout, Question
from gen.proxies.haproxy.live import live
from gen.proxies.live import Leftover, Live

_MESSAGE = re.compile(r"^\[(ALERT|WARNING)\]\s+\(\d+\)\s*:\s*(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxyCommands:
    binary: str = "haproxy"
    name: str = "haproxy"
    main: str = "haproxy.cfg"
    install_hint: str = ""
    reload_signal: str = "USR2"
    stop_signal: str = "USR1"

    def check(self, conf: PurePosixPath, layout: Layout) -> tuple[str, ...]:
        return (self.binary, "-c", "-f", str(conf))

    def start(self, layout: Layout) -> tuple[str, ...]:
        conf = str(layout.current / self.main)
        return (self.binary, "-W", "-S", f"{layout.run}/master.sock,mode,600", "-p", f"{layout.run}/pid", "-f", conf)

    def pid_file(self, layout: Layout) -> PurePosixPath:
        return layout.run / "pid"

    def faults(self, text: str) -> tuple[Fault, ...]:
        level = {"ALERT": "emerg", "WARNING": "warn"}
        return tuple(Fault(level=level[word], message=message) for word, message in _MESSAGE.findall(text))

    def is_fatal(self, fault: Fault) -> bool:
        return fault.level == "emerg"

    def wants_network(self, fault: Fault) -> bool:
        return False

    def explain(self, fault: Fault) -> Fault:
        return fault

    def question(self, layout: Layout) -> Question:
        return Question(socket=layout.socket, send=b"GET /digest HTTP/1.0\r\n\r\n")

    def answer(self, reply: bytes) -> str:
        head, _, body = reply.partition(b"\r\n\r\n")
        return body.decode() if b" 200 " in head else ""

    def live(self, old: Bundle, new: Bundle, capabilities: frozenset[str], leftovers: frozenset[Leftover]) -> Live:
        return live(old, new, capabilities, leftovers)
