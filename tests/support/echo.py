"""Servers of TCP and UDP for tests: each line, or datagram, is sent back behind the server's name and who asked.

Who asked is the peer or, with `proxied`, who the PROXY protocol's header names (version 1 or 2).
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from typing import cast

_V2 = b"\r\n\r\n\x00\r\nQUIT\n"


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    name: str
    proxied: bool
    tls: ssl.SSLContext | None

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is none of ours."""


class _Talk(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server, peer = cast("_Tcp", self.server), cast("socket.socket", self.request)
        client = said_by(peer) if server.proxied else self.client_address[0]
        talk = server.tls.wrap_socket(peer, server_side=True) if server.tls else peer
        with talk, talk.makefile("rb") as lines:
            for line in lines:
                talk.sendall(f"{server.name} {client} ".encode() + line)


def said_by(peer: socket.socket) -> str:
    """The client's address in the header of the PROXY protocol with which a connection begins."""
    start = _exactly(peer, 12)
    if start != _V2:
        while not start.endswith(b"\r\n"):
            start += _exactly(peer, 1)
        return start.split()[2].decode()
    _, family, length = struct.unpack(">BBH", _exactly(peer, 4))
    rest = _exactly(peer, length)
    return socket.inet_ntop(*((socket.AF_INET, rest[:4]) if family == 0x11 else (socket.AF_INET6, rest[:16])))


def _exactly(peer: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = peer.recv(size - len(found))
        if not piece:
            raise ConnectionError
        found += piece
    return found


class Echo:
    """Any number of such servers; as a context manager it ends them all."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Echo:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def tcp(self, name: str, *, proxied: bool = False, tls: ssl.SSLContext | None = None) -> int:
        """The port of a new TCP server."""
        server = _Tcp(("127.0.0.1", 0), _Talk)
        server.name, server.proxied, server.tls = name, proxied, tls
        self._run(lambda: server.serve_forever(0.02), server.shutdown, server.server_close)
        return int(server.server_address[1])

    def udp(self, name: str) -> int:
        """The port of a new UDP server."""
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    data, client = server.recvfrom(2048)
                    server.sendto(f"{name} {client[0]} ".encode() + data, client)

        self._run(serve, over.set, server.close)
        return int(server.getsockname()[1])

    def _run(self, serve: Callable[[], None], stop: Callable[[], None], close: Callable[[], None]) -> None:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        self._stack.callback(close)
        self._stack.callback(thread.join)
        self._stack.callback(stop)


def say(
    port: int,
    line: str = "hi",
    *,
    before: bytes = b"",
    tls: ssl.SSLContext | None = None,
    sni: str = "",
    client: str = "",
) -> str:
    """What comes back for one line on a connection of its own; empty where it is closed. `before` goes out first."""
    source = (client, 0) if client else None
    try:
        with socket.create_connection(("127.0.0.1", port), 5, source_address=source) as bare:
            bare.sendall(before)
            with tls.wrap_socket(bare, server_hostname=sni or None) if tls else bare as peer:
                peer.sendall(f"{line}\n".encode())
                return next(_lines(peer), "").strip()
    except (ConnectionError, ssl.SSLError):
        return ""


def _lines(peer: socket.socket) -> Iterator[str]:
    with peer.makefile("r") as file:
        yield from file


def ask_udp(port: int, text: str = "hi") -> str:
    """What comes back for one datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(5)
        peer.sendto(text.encode(), ("127.0.0.1", port))
        return peer.recv(2048).decode()
