"""Clients and a server for the bench: small, in processes of their own, over loopback.

The server answers on every address of 127.0.0.0/8 with the address that was asked, so that thousands of upstreams need
one process. What the clients cost does not count: the proxy's processor time is read from the kernel.
"""

from __future__ import annotations

import multiprocessing
import select
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

_SPAWN = multiprocessing.get_context("spawn")
_END = b"\r\n\r\n"
_SECONDS = 5.0

Target = tuple[str, str]
"""A host and a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a steady load came to. `lost`: requests without a whole answer of status 200, by the way they were sent."""

    asked: int
    lost_fresh: int
    lost_kept: int


@contextmanager
def answering() -> Iterator[int]:
    """The server's port."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("0.0.0.0", 0), backlog=1024)
    listener.setblocking(False)
    told.send(listener.getsockname()[1])
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            one = key.fileobj
            assert isinstance(one, socket.socket)
            if one is listener:
                with suppress(OSError):  # who gave up meanwhile
                    client, _ = listener.accept()
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    selector.register(client, selectors.EVENT_READ)
            elif not _answer(one):
                selector.unregister(one)
                one.close()


def _answer(client: socket.socket) -> bool:
    """All requests of the bench fit into one packet each."""
    try:
        asked = client.recv(65536).count(_END)
        body = client.getsockname()[0].encode()
        client.sendall((b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)) * asked)
    except OSError:
        return False
    return asked > 0


def request(target: Target) -> bytes:
    host, path = target
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n".encode()


class Client:
    """One connection that is opened when it is needed, and anew when the other side has closed it between requests."""

    def __init__(self, port: int, *, host: str = "127.0.0.1") -> None:
        self._place = (host, port)
        self._socket: socket.socket | None = None

    def ask(self, wanted: bytes) -> bool:
        """Whether it was answered with 200. Only a connection that is seen to be closed before is replaced."""
        try:
            self._open().sendall(wanted)
            head, body = self._read()
        except OSError:
            self.close()
            return False
        if b"connection: close" in head.lower():
            self.close()
        return head.startswith(b"HTTP/1.1 200 ") and bool(body)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _open(self) -> socket.socket:
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(self._place, timeout=_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _read(self) -> tuple[bytes, bytes]:
        read = b""
        while _END not in read:
            read += self._piece()
        head, _, body = read.partition(_END)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
        while len(body) < length:
            body += self._piece()
        return head, body

    def _piece(self) -> bytes:
        assert self._socket is not None
        if not (piece := self._socket.recv(65536)):
            raise ConnectionResetError("closed in the middle")
        return piece


def drive(port: int, targets: Sequence[Target], count: int, connections: int = 8) -> None:
    """So many requests on kept connections, one after another on each. Raises AssertionError for a wrong answer."""
    clients = [Client(port) for _ in range(connections)]
    wanted = [request(target) for target in targets]
    step = max(1, len(wanted) * 7 // 11) | 1  # so that neighbours in time are no neighbours in the table
    for number in range(count):
        assert clients[number % connections].ask(wanted[number * step % len(wanted)]), targets[number % len(targets)]
    for client in clients:
        client.close()


@contextmanager
def load(port: int, target: Target, *, host: str = "127.0.0.1") -> Iterator[list[Load]]:
    """A steady load, half of it on connections of their own and half on kept ones; its result when it ends."""
    ours, theirs = _SPAWN.Pipe()
    done = _SPAWN.Event()
    process = _SPAWN.Process(target=_load, args=((host, port), target, done, theirs), daemon=True)
    process.start()
    ours.recv()
    result: list[Load] = []
    try:
        yield result
    finally:
        done.set()
        result.append(ours.recv())
        process.join()


def _load(place: tuple[str, int], target: Target, done: Event, told: Connection) -> None:
    host, port = place
    kept = [Client(port, host=host) for _ in range(4)]
    wanted = request(target)
    asked = lost_fresh = lost_kept = 0
    told.send("ready")
    while not done.is_set():
        fresh = Client(port, host=host)
        lost_fresh += not fresh.ask(wanted)
        fresh.close()
        lost_kept += not kept[asked % len(kept)].ask(wanted)
        asked += 1
        time.sleep(0.0005)
    told.send(Load(asked=2 * asked, lost_fresh=lost_fresh, lost_kept=lost_kept))


@contextmanager
def first_answer(port: int, target: Target, *, host: str = "127.0.0.1") -> Iterator[list[float]]:
    """The moment, by the monotonic clock that processes share, at which a client that asks again and again on new
    connections is first answered with 200."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_ask_on, args=(host, port, target, theirs), daemon=True)
    process.start()
    ours.recv()
    result: list[float] = []
    try:
        yield result
        if ours.poll(_SECONDS):
            result.append(ours.recv())
    finally:
        process.terminate()
        process.join()


def _ask_on(host: str, port: int, target: Target, told: Connection) -> None:
    wanted = request(target)
    told.send("ready")
    while True:
        client = Client(port, host=host)
        answered = client.ask(wanted)
        moment = time.monotonic()
        client.close()
        if answered:
            told.send(moment)
            return
        time.sleep(0.0005)
