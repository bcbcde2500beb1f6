"""Sections: haproxy.cfg read as values: a skeleton, backends, and the servers in them. Text in, Backends out.

Only what changed is read: the pieces that two configurations share are the same texts, and are put aside first.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gen.bundle import Bundle
from gen.proxies.haproxy.live.words import words

_SECTION = re.compile(r"^(?=\S)", re.MULTILINE)
_NEXT = re.compile(r"[^\n]\n+(?=\S)")
_BACKEND = "backend "
_BLOCK = (_BACKEND, f"\n{_BACKEND}", f"\n\n{_BACKEND}")
"""How a piece that is a block begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One `server` line. `keywords`: all its words but name, address, weight and maxconn. `fault`: why it cannot be
    spoken of while the proxy runs."""

    name: str
    address: str
    weight: int = 1
    maxconn: int = 0
    keywords: tuple[str, ...] = ()
    fault: str = ""

    @property
    def host(self) -> str:
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> str:
        return self.address.rpartition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One `backend`: its header line, its other lines without the servers, and the servers in their order."""

    name: str
    header: str
    body: tuple[str, ...]
    servers: dict[str, Server]

    @property
    def defaults(self) -> str:
        """The name of the defaults that it begins with; empty where it names none."""
        return self.header.partition(" from ")[2].strip()

    @property
    def text(self) -> str:
        """All but the servers."""
        return "\n".join((self.header, *self.body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What two configurations do not share: backends by name, and the sections of both skeletons, by first line."""

    old: dict[str, Backend]
    new: dict[str, Backend]
    old_skeleton: dict[str, str]
    new_skeleton: dict[str, str]


def difference(old: Bundle, new: Bundle) -> Difference:
    """Compares the main files. Raises ValueError for one that is not text."""
    before, after = (old.pieces, new.pieces) if old.pieces and new.pieces else (_whole(old), _whole(new))
    first, last = _span(before, after)
    before_middle, after_middle = before[first : len(before) - last], after[first : len(after) - last]
    before_rest = _rest(before_middle, set(after_middle))
    after_rest = _rest(after_middle, set(before_middle))
    skeletons: tuple[dict[str, str], dict[str, str]] = ({}, {})
    if before_rest.skeleton != after_rest.skeleton:
        skeletons = _sections(before), _sections(after)
    return Difference(
        old=before_rest.backends, new=after_rest.backends, old_skeleton=skeletons[0], new_skeleton=skeletons[1]
    )


def defaults(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    """The lines of all named defaults; behind its own those of the ones that it begins with."""
    pieces = bundle.pieces or _whole(bundle)
    return _defaults("".join(piece for piece in pieces if not piece.startswith(_BLOCK)))


@lru_cache(maxsize=4)
def _defaults(skeleton: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in _SECTION.split(skeleton):
        kind, _, rest = part.partition("\n")[0].partition(" ")
        if kind == "defaults":
            name, _, origin = rest.partition(" from ")
            lines = (line.strip() for line in part.splitlines()[1:])
            found[name.strip()] = (*filter(None, lines), *found.get(origin.strip(), ()))
    return found


def _span(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many pieces they share from the beginning, and of the others from the end."""
    first = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), -1)
    if first < 0:
        first = min(len(before), len(after))
    most = min(len(before), len(after)) - first
    ends = zip(reversed(before), reversed(after), strict=False)
    last = next((at for at, (a, b) in enumerate(ends) if a != b), most)
    return first, min(last, most)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    backends: dict[str, Backend]
    skeleton: tuple[str, ...]


def _whole(bundle: Bundle) -> tuple[str, ...]:
    """The main file, each section a piece of its own."""
    return tuple(_split(bundle.file(bundle.main).decode()))


def _split(text: str) -> list[str]:
    return [part.rstrip("\n") if part.startswith(_BACKEND) else part for part in _SECTION.split(text)]


def _rest(pieces: Sequence[str], known: set[str]) -> _Rest:
    """Backends that the other side does not have like this, and all that is no backend."""
    backends: dict[str, Backend] = {}
    skeleton: list[str] = []
    for piece in pieces:
        if piece.startswith(_BLOCK):
            if piece not in known:
                skeleton += _foreign(piece)
                own = (backend(part) for part in _split(piece) if part.startswith(_BACKEND))
                backends.update((each.name, each) for each in own)
        elif not piece.isspace():
            skeleton.append(piece)
    return _Rest(backends=backends, skeleton=tuple(skeleton))


def _foreign(piece: str) -> list[str]:
    """The sections in a piece that begins with a backend and are none."""
    if not _NEXT.search(piece):
        return []
    return [part for part in _split(piece) if not part.startswith(_BACKEND) and not part.isspace()]


def _sections(pieces: Sequence[str]) -> dict[str, str]:
    """The skeleton's sections by their first lines. Blank lines between them mean nothing."""
    found: dict[str, str] = {}
    skeleton = "".join("".join(_foreign(piece)) if piece.startswith(_BLOCK) else piece for piece in pieces)
    for part in _SECTION.split(skeleton):
        if part.strip():
            title = part.partition("\n")[0].strip()
            found[title] = found.get(title, "") + part.rstrip()
    return found


def backend(text: str) -> Backend:
    """One block, header line first."""
    header, _, rest = text.partition("\n")
    body: list[str] = []
    servers: dict[str, Server] = {}
    for line in rest.split("\n"):
        stripped = line.strip()
        if stripped.startswith("server "):
            found = _server(stripped)
            servers[found.name] = found
        elif stripped and not stripped.startswith("#"):
            body.append(stripped)
    return Backend(name=header.split()[1], header=header, body=tuple(body), servers=servers)


def _server(line: str) -> Server:
    try:
        _, name, address, *rest = words(line)
    except ValueError:
        return Server(name=line.split()[1], address="", keywords=(line,), fault="is not written as we do it")
    weight, maxconn = 1, 0
    keywords: list[str] = []
    at = iter(rest)
    for word in at:
        if word == "weight":
            weight = int(next(at, "1"))
        elif word == "maxconn":
            maxconn = int(next(at, "0"))
        else:
            keywords.append(word)
    fault = "" if _is_address(address) else "has no address with a port"
    return Server(name=name, address=address, weight=weight, maxconn=maxconn, keywords=tuple(keywords), fault=fault)


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return port.isdecimal()
