"""Expect: what a running HAProxy has to show after a live change. An answer in, what is wrong with it out."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAINTENANCE = 0x01 | 0x04
"""Bits of `srv_admin_state`: set by command, or by the configuration."""
_COUNT = re.compile(r"^\d+ \((\S+)\) .*entry_cnt=(\d+)\s*$", re.MULTILINE)
_FOUND = re.compile(r'found=yes, idx=\w+, key="(.*?)", value="(.*?)", type=')
_FINGERPRINT = re.compile(r"^SHA1 FingerPrint: ([0-9A-F]+)$", re.MULTILINE)
_NAME, _ADDRESS, _ADMIN_STATE, _WEIGHT, _PORT = 3, 4, 6, 7, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """A server that takes requests, as `show servers state` has it."""

    name: str
    host: str
    port: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Exactly these servers take requests in a backend; others wait in maintenance for their end."""

    backend: str
    servers: tuple[ServerState, ...]

    @property
    def question(self) -> str:
        return f"show servers state {self.backend}"

    def unmet(self, reply: str) -> str:
        rows = _rows(reply)
        if rows is None:
            return f"backend {self.backend}: {reply.strip() or 'no answer'}"
        taking = {row[_NAME]: row for row in rows if not int(row[_ADMIN_STATE]) & _MAINTENANCE}
        for server in self.servers:
            row = taking.pop(server.name, None)
            found = row and (row[_ADDRESS], row[_PORT], row[_WEIGHT])
            if found != (server.host, server.port, str(server.weight)):
                shown = ":".join(found[:2]) + f" with weight {found[2]}" if found else "not ready"
                return f"server {self.backend}/{server.name} is {shown}"
        return f"server {self.backend}/{min(taking)} still takes requests" if taking else ""


def _rows(reply: str) -> list[list[str]] | None:
    """None where it is no answer to `show servers state`."""
    version, _, rest = reply.lstrip("\n").partition("\n")
    if version != "1" or not rest.startswith("# be_id"):
        return None
    return [line.split(" ") for line in rest.splitlines()[1:] if line]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxConns:
    """The limits of connections of a backend's servers, 0 for none."""

    backend: str
    limits: tuple[tuple[str, int], ...]

    @property
    def question(self) -> str:
        return f"show stat {self.backend} 4 -1"

    def unmet(self, reply: str) -> str:
        lines = [line.split(",") for line in reply.lstrip("# \n").splitlines() if line]
        at = {name: number for number, name in enumerate(lines[0])} if lines else {}
        if not {"svname", "slim"} <= at.keys():
            return f"backend {self.backend}: {reply.strip()[:100] or 'no answer'}"
        found = {line[at["svname"]]: int(line[at["slim"]] or 0) for line in lines[1:]}
        for name, limit in self.limits:
            if found.get(name) != limit:
                return f"server {self.backend}/{name} has maxconn {found.get(name)}, not {limit}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a map has for a key; None where it has nothing for exactly this one."""

    map: str
    key: str
    value: str | None
    question: str

    def unmet(self, reply: str) -> str:
        found = _FOUND.search(reply)
        value = found[2] if found and found[1] == self.key else None
        if "found=" not in reply or value != self.value:
            return f"{self.map} has {value!r} for {self.key}, not {self.value!r}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The numbers of entries of maps: a duplicate has another number."""

    counts: tuple[tuple[str, int], ...]
    question: str = "show map"

    def unmet(self, reply: str) -> str:
        found = {name: int(count) for name, count in _COUNT.findall(reply)}
        for name, count in self.counts:
            if found.get(name) != count:
                return f"{name} has {found.get(name)} entries, not {count}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The SHA-1 fingerprint, upper-case hex, of the certificate that a file holds."""

    file: str
    fingerprint: str

    @property
    def question(self) -> str:
        return f"show ssl cert {self.file}"

    def unmet(self, reply: str) -> str:
        found = _FINGERPRINT.search(reply)
        if found and found[1] == self.fingerprint:
            return ""
        return f"{self.file} is {found[1] if found else 'unknown'}, not {self.fingerprint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A list of certificates: each line's file and names, whatever their order."""

    list: str
    lines: frozenset[tuple[str, frozenset[str]]]

    @property
    def question(self) -> str:
        return f"show ssl crt-list {self.list}"

    def unmet(self, reply: str) -> str:
        shown = [line for line in reply.replace("\0", "").splitlines() if line and not line.startswith("#")]
        found = {(line.split()[0], frozenset(names(line))) for line in shown}
        if found == self.lines and len(shown) == len(self.lines):
            return ""
        wrong = sorted(file for file, _ in found ^ self.lines)
        return f"{self.list} has other lines for {', '.join(wrong) or 'nobody'}"


def names(line: str) -> list[str]:
    """The names in a line of a list of certificates: what follows the file and its options in brackets."""
    rest = line.split(maxsplit=1)[1] if len(line.split(maxsplit=1)) > 1 else ""
    return (rest.partition("]")[2] if rest.startswith("[") else rest).split()
