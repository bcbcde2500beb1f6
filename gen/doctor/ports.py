"""Ports: each listener's is free, our own proxy's, or somebody's; and whether we may listen there at all.

The kernel's tables in /proc say who listens. Reading them takes a moment on a busy machine, which a diagnosis has and
the daemon has not (gen/control/listening.py).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gen.explain.finding import Finding
from gen.settings import Settings
from gen.sources.docker_vantage import is_local_address
from gen.values import Listen

if TYPE_CHECKING:
    from gen.sources.docker_read import Facts

_ANY: Final = ("0.0.0.0", "::")
_STATES: Final = {"tcp": "0A", "udp": "07"}
"""Listening, and bound without a peer: proc_net_tcp(5)."""
_CAPABILITIES: Final = re.compile(r"^CapEff:\s*([0-9a-f]+)$", re.MULTILINE)
_CAP_NET_BIND_SERVICE: Final = 1 << 10
_FIRST_FREE: Final = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A socket that somebody listens on; `inode` is the kernel's number of it."""

    protocol: str
    address: str
    port: int
    inode: str


def ports(settings: Settings, masters: frozenset[int]) -> Iterator[Finding]:
    """The listeners' ports on this machine. `masters`: the process ids of our own proxy."""
    if settings.runs_in_container:
        return  # a container has ports of its own
    taken = tuple(bound())
    for listen in settings.listeners:
        yield _port(listen, taken, masters)


def published(settings: Settings, own: Facts) -> Iterator[Finding]:
    """Which listeners of the proxy's container the world reaches: what is not published only its networks do."""
    if own.host_network:
        return
    for listen in settings.listeners:
        protocol = "udp" if listen.protocol == "udp" else "tcp"
        ways = [one for one in own.ports if (one.number, one.protocol) == (listen.port, protocol) and one.host_port]
        about = f"port {listen.port}"
        if ways:
            at = ", ".join(sorted({f"{one.host_ip or '0.0.0.0'}:{one.host_port}" for one in ways}))
            yield Finding(level="ok", about=about, found=f"{listen}: {own.name} has it published at {at}")
        else:
            found = f"{listen}: {own.name} does not publish it, so that only its networks reach it"
            hint = f"make the container with -p {listen.port}:{listen.port}{'/udp' * (protocol == 'udp')}"
            yield Finding(level="warn", about=about, found=found, hint=hint)


def _port(listen: Listen, taken: Iterable[Bound], masters: frozenset[int]) -> Finding:
    about = f"port {listen.port}"
    protocol = "udp" if listen.protocol == "udp" else "tcp"
    if listen.address and listen.address not in _ANY and not is_local_address(listen.address):
        hint = "listen on 0.0.0.0 or [::], or on an address that `ip address` shows"
        return Finding(level="fail", about=about, found=f"{listen.address} is no address of this machine", hint=hint)
    here = [one for one in taken if (one.protocol, one.port) == (protocol, listen.port) and _meets(one, listen)]
    if not here:
        return _free(listen, about)
    owners = {pid for one in here for pid in holders(one.inode)}
    if owners & _family(masters):
        return Finding(level="ok", about=about, found=f"{listen}: our own proxy listens")
    if not owners:
        found = f"{listen}: a process that may not be seen listens there"
        hint = f"run doctor as root, or `ss -lnp sport = :{listen.port}`; our own proxy may be it"
        return Finding(level="warn", about=about, found=found, hint=hint)
    who = ", ".join(f"{_name(pid)} (process {pid})" for pid in sorted(owners)[:3])
    hint = f"end it, or listen elsewhere: --set listeners={listen.name}=8080"
    return Finding(level="fail", about=about, found=f"{listen}: {who} listens there", hint=hint)


def _meets(one: Bound, listen: Listen) -> bool:
    """Whether two sockets are in each other's way."""
    return any(one.address == address or _is_all(one.address, address) for address in listen.addresses)


def _is_all(first: str, second: str) -> bool:
    """Whether one of two addresses is all of the other's kind."""
    is_one_kind = (":" in first) == (":" in second)
    return is_one_kind and (first in _ANY or second in _ANY)


def _free(listen: Listen, about: str) -> Finding:
    if may_listen(listen.port):
        return Finding(level="ok", about=about, found=f"{listen}: free")
    hint = "run as root, give CAP_NET_BIND_SERVICE, or listen elsewhere: --set listeners=web=8080"
    return Finding(level="fail", about=about, found=f"{listen}: free, and this user may not listen there", hint=hint)


def may_listen(port: int) -> bool:
    """Whether we, and so a child of ours, may listen on a port: capabilities(7), ip(7)."""
    try:
        first = int(_FIRST_FREE.read_text())
        found = _CAPABILITIES.search(Path("/proc/self/status").read_text())
    except (OSError, ValueError):
        return True
    return port >= first or bool(found and int(found[1], 16) & _CAP_NET_BIND_SERVICE)


def bound() -> Iterator[Bound]:
    """All sockets of TCP and UDP that wait for somebody on this machine."""
    for protocol, state in _STATES.items():
        for family in ("", "6"):
            try:
                lines = Path(f"/proc/net/{protocol}{family}").read_text().splitlines()[1:]
            except OSError:
                continue
            for fields in map(str.split, lines):
                if fields[3] == state:
                    address, _, port = fields[1].partition(":")
                    yield Bound(protocol=protocol, address=_address(address), port=int(port, 16), inode=fields[9])


def _address(text: str) -> str:
    """The kernel writes addresses as words of four bytes, each in the machine's own order."""
    words = b"".join(bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8))
    return socket.inet_ntop(socket.AF_INET if len(words) == 4 else socket.AF_INET6, words)


def holders(inode: str) -> set[int]:
    """The processes that have a socket open, of those whose files we may see."""
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(file.readlink()) == f"socket:[{inode}]" for file in (process / "fd").iterdir()):
                found.add(int(process.name))
        except OSError:
            continue
    return found


def _family(masters: frozenset[int]) -> set[int]:
    """Masters with their workers."""
    found = set(masters)
    for process in Path("/proc").glob("[0-9]*") if masters else ():
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent in masters:
            found.add(int(process.name))
    return found


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return "somebody"
