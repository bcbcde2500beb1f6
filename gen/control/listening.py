"""Who listens on this machine: the kernel is asked for the sockets that listen (sock_diag(7)).

Its table in /proc/net/tcp says the same, and all connections beside it: reading that takes seconds on a machine that is
busy, which is when a proxy must not wait.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable, Iterator

from gen.proxies.commands import Place

_FAMILIES = {socket.AF_INET: 4, socket.AF_INET6: 16}
"""With the bytes of an address."""
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_ALL = 0x1 | 0x300
"""NLM_F_REQUEST | NLM_F_DUMP."""
_ERROR, _DONE = 2, 3
_LISTENING = 1 << 10
"""The state TCP_LISTEN as a bit."""
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBxI48x")
_ANSWER = struct.Struct("!4xH2x")
"""struct inet_diag_msg up to the source address: family and three more bytes, the port."""
_SECONDS = 2.0


def taken_here(places: Iterable[Place]) -> tuple[Place, ...]:
    """Those of the places on which somebody listens, sorted; none where the kernel does not say."""
    wanted = set(places)
    return tuple(sorted(wanted & set(_listening()))) if wanted else ()


def _listening() -> Iterator[Place]:
    for family, size in _FAMILIES.items():
        try:
            yield from [_place(answer, family, size) for answer in _answers(family)]
        except OSError:
            continue


def _answers(family: int) -> Iterator[bytes]:
    """What the kernel answers, without headers. Raises OSError."""
    question = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, _LISTENING)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(_SECONDS)
        length = _HEADER.size + len(question)
        kernel.send(_HEADER.pack(length, _SOCK_DIAG_BY_FAMILY, _REQUEST_ALL, 0, 0) + question)
        while True:
            for kind, content in _messages(kernel.recv(1 << 16)):
                if kind == _DONE:
                    return
                if kind == _ERROR:
                    number = -struct.unpack_from("=i", content)[0]
                    raise OSError(number, os.strerror(number))
                yield content


def _messages(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each message; they begin at multiples of four bytes (netlink(7))."""
    while len(packet) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(packet)
        yield kind, packet[_HEADER.size : length]
        packet = packet[(length + 3) & ~3 :]


def _place(answer: bytes, family: int, size: int) -> Place:
    (port,) = _ANSWER.unpack_from(answer)
    return socket.inet_ntop(family, answer[_ANSWER.size : _ANSWER.size + size]), port
