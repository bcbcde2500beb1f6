"""Answers on an address of this machine or on a unix socket, in threads of their own.

It listens where the operator says. On loopback every page that a browser has open could ask too, by a name that leads
there, so a request has to name an address or `localhost` as its host.

One thread accepts connections and reads requests, all at once: a client that sends slowly takes no place of
another, and is cut off after some seconds. A request that is whole is answered by one of a few threads; /healthz has
its own, so that clients that read slowly cannot make a healthy daemon look dead.
"""

from __future__ import annotations

import ipaddress
import os
import selectors
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from gen.control.sockets import remove_stale_socket
from gen.errors import DirectoryError, ProxyError
from gen.status.answers import Answer, Answers
from gen.values import StatusAddress

_SECONDS_TO_ASK: Final = 5.0
_SECONDS_TO_READ: Final = 10.0
"""For the answer, from when the request is whole."""
_MOST_CONNECTIONS: Final = 64
_MOST_BYTES: Final = 16_384
"""Of a request, which has no body."""
_ANSWERED_AT_A_TIME: Final = 16
_HEALTH: Final = "/healthz"
_BACKLOG: Final = 128


@dataclass(slots=True, eq=False)
class _Client:
    """A connection with what it has sent so far. `due`: the moment, by the monotonic clock, at which it is cut off."""

    socket: socket.socket
    due: float
    head: bytearray = field(default_factory=bytearray)
    is_ended: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the request has its empty line, is too long, or will not go on."""
        return self.is_ended or len(self.head) > _MOST_BYTES or b"\r\n\r\n" in self.head or b"\n\n" in self.head

    @property
    def path(self) -> str:
        words = bytes(self.head[:1024]).split(b"\n")[0].split()
        return words[1].partition(b"?")[0].decode("latin-1") if len(words) > 1 else ""


class StatusServer:
    """Answers from when it is made until `close`. Raises ProxyError or DirectoryError where it cannot listen."""

    def __init__(self, address: StatusAddress, answers: Answers) -> None:
        self._path = Path(address.path) if address.path else None
        self._answers = answers
        try:
            self._listener = _unix(address.path) if address.path else _tcp(address)
        except OSError as error:
            kind = DirectoryError if address.path else ProxyError
            hint = "see the setting status; somebody else may listen there"
            raise kind(f"status: {address} cannot be listened on: {error.strerror or error}", hint=hint) from error
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._asking: dict[_Client, None] = {}
        self._answering: set[_Client] = set()
        self._pages = ThreadPoolExecutor(_ANSWERED_AT_A_TIME, "status")
        self._health = ThreadPoolExecutor(1, "health")
        self._is_closing = False
        self._thread = threading.Thread(target=self._serve, name="status", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Sleep until a client comes, sends something or is late: to look again and again would cost an idle daemon."""
        while not self._is_closing:
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    self._accept()
                else:
                    self._read(key.data)
            now = time.monotonic()
            for client in [one for one in self._asking if one.due <= now]:
                self._drop(client)

    def _patience(self) -> float | None:
        first = next(iter(self._asking), None)
        return None if first is None else max(0.0, first.due - time.monotonic())

    def _accept(self) -> None:
        """Take a connection; where there are too many, in place of the one that has been asking longest."""
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            if not self._is_closing and self._asking:  # no file is left for it
                self._drop(next(iter(self._asking)))
            return
        if len(self._asking) + len(self._answering) >= _MOST_CONNECTIONS and self._asking:
            self._drop(next(iter(self._asking)))
        accepted.setblocking(False)
        client = _Client(accepted, time.monotonic() + _SECONDS_TO_ASK)
        self._asking[client] = None
        self._selector.register(accepted, selectors.EVENT_READ, client)
        self._read(client)

    def _read(self, client: _Client) -> None:
        try:
            data = client.socket.recv(_MOST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)
            return
        client.head += data
        client.is_ended = not data
        if client.is_ended and not client.head:
            self._drop(client)
        elif client.is_whole:
            self._hand_over(client)

    def _hand_over(self, client: _Client) -> None:
        self._selector.unregister(client.socket)
        del self._asking[client]
        is_health = client.path == _HEALTH
        if len(self._answering) >= _MOST_CONNECTIONS and not is_health:
            client.socket.close()
            return
        client.due = time.monotonic() + _SECONDS_TO_READ
        self._answering.add(client)
        (self._health if is_health else self._pages).submit(self._answer, client)

    def _answer(self, client: _Client) -> None:
        """Whatever comes of it, the connection ends."""
        try:
            left = client.due - time.monotonic()
            if left > 0:
                client.socket.settimeout(left)  # of all that is sent
                with suppress(OSError):
                    _Handler(client, ("", 0), self._answers)  # type: ignore[arg-type]
        finally:
            self._answering.discard(client)
            _end(client.socket)

    def _drop(self, client: _Client) -> None:
        self._selector.unregister(client.socket)
        del self._asking[client]
        client.socket.close()

    def close(self) -> None:
        """End it; what is being answered has a moment."""
        self._is_closing = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # it wakes up, and no client is there
        self._thread.join(2)
        for client in list(self._asking):
            self._drop(client)
        for pool in (self._pages, self._health):
            pool.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + 1
        while self._answering and time.monotonic() < until:
            time.sleep(0.01)
        for client in list(self._answering):
            _end(client.socket)
        self._selector.close()
        self._listener.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _tcp(address: StatusAddress) -> socket.socket:
    assert address.place is not None
    found = socket.socket(socket.AF_INET6 if ":" in address.place.address else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address.place.address, address.place.port))
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    return found


def _unix(path: str) -> socket.socket:
    """A socket for its owner and group."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    remove_stale_socket(Path(path))
    found = socket.socket(socket.AF_UNIX)
    before = os.umask(0o117)
    try:
        found.bind(path)
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    finally:
        os.umask(before)
    return found


class _Handler(BaseHTTPRequestHandler):
    """One request that is whole. `server` is what answers."""

    server_version, sys_version = "fairway", ""

    def setup(self) -> None:
        client: Any = self.request
        self.connection = client.socket
        self.rfile: Any = BytesIO(client.head)
        self.wfile: Any = BytesIO()

    def finish(self) -> None:
        """Everything is sent at once, so that one limit of time holds for all."""
        self.connection.sendall(self.wfile.getvalue())

    def handle(self) -> None:
        if len(self.request.head) > _MOST_BYTES:
            self.requestline, self.request_version, self.command = "", "HTTP/1.0", "GET"
            self.send_error(431)
            return
        super().handle()

    def do_GET(self) -> None:
        self._send(self._answer(), has_body=True)

    def do_HEAD(self) -> None:
        self._send(self._answer(), has_body=False)

    def _answer(self) -> Answer:
        if not _is_ours(self.headers.get("Host", "")):
            return Answer(status=421, kind="text/plain; charset=utf-8", body=b"ask by an address, or by localhost\n")
        answers: Any = self.server
        found: Answer = answers.answer(self.path, self.headers.get("If-None-Match", ""))
        return found

    def _send(self, answer: Answer, *, has_body: bool) -> None:
        self.send_response(answer.status)
        for name, value in (
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(answer.body))),
            ("Content-Security-Policy", answer.policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("ETag", answer.mark),
        ):
            if value:
                self.send_header(name, value)
        self.end_headers()
        if has_body:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """A request for the status is no event."""


def _is_ours(host: str) -> bool:
    """Whether a Host field names no name that somebody else could make lead here; none is HTTP/1.0's."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name in ("", "localhost"):
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
