"""Who listens on this machine: addresses with ports, as the kernel lists them (proc(5), /proc/net/tcp)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from pathlib import Path

from gen.proxies.commands import Place

_LISTENS = "0A"
_TABLES = ((Path("/proc/net/tcp"), socket.AF_INET), (Path("/proc/net/tcp6"), socket.AF_INET6))


def taken_here(places: Iterable[Place]) -> tuple[Place, ...]:
    """Those of the places on which somebody listens, sorted; none where the kernel does not say."""
    return tuple(sorted(set(places) & _listening()))


def _listening() -> set[Place]:
    found: set[Place] = set()
    for table, family in _TABLES:
        try:
            rows = [line.split() for line in table.read_text().splitlines()[1:]]
        except OSError:
            continue
        found.update(_place(row[1], family) for row in rows if row[3] == _LISTENS)
    return found


def _place(written: str, family: socket.AddressFamily) -> Place:
    """`0100007F:1F90` → 127.0.0.1, 8080: words of 32 bits in the machine's own order, and a number."""
    address, _, port = written.partition(":")
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    return socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words)), int(port, 16)
