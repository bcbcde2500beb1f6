"""Answers on an address of this machine or on a unix socket, in threads of their own.

It listens where the operator says. On loopback every page that a browser has open could ask too, by a name that leads
there, so a request has to name an address or `localhost` as its host. A client has a few seconds and a few kilobytes.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import socketserver
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from gen.control.sockets import remove_stale_socket
from gen.errors import DirectoryError, ProxyError
from gen.status.answers import Answer, Answers
from gen.values import StatusAddress

_PATIENCE: Final = 10.0
_MOST_AT_A_TIME: Final = 16


class StatusServer:
    """Answers from when it is made until `close`. Raises ProxyError or DirectoryError where it cannot listen."""

    def __init__(self, address: StatusAddress, answers: Answers) -> None:
        self._path = Path(address.path) if address.path else None
        try:
            self._server = _Unix(address.path, answers) if address.path else _Tcp(address, answers)
        except OSError as error:
            kind = DirectoryError if address.path else ProxyError
            hint = "see the setting status; somebody else may listen there"
            raise kind(f"status: {address} cannot be listened on: {error.strerror or error}", hint=hint) from error
        self._is_closing = False
        self._thread = threading.Thread(target=self._serve, name="status", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Sleeps until somebody comes: to look again and again is what would cost an idle daemon most."""
        while not self._is_closing:
            self._server.handle_request()

    def close(self) -> None:
        """Ends it; who is being answered has a moment."""
        self._is_closing = True
        with suppress(OSError):
            self._server.socket.shutdown(socket.SHUT_RDWR)  # it wakes up, and nobody is there
        self._thread.join(2)
        self._server.server_close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


class _Threads(socketserver.ThreadingMixIn):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def __init__(self, *arguments: Any) -> None:
        self._room = threading.BoundedSemaphore(_MOST_AT_A_TIME)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Waits for room, so that no crowd takes all threads."""
        if not self._room.acquire(timeout=_PATIENCE):
            self.shutdown_request(request)  # type: ignore[attr-defined]
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's trouble."""


class _Tcp(_Threads, socketserver.TCPServer):
    allow_reuse_address = True

    def __init__(self, address: StatusAddress, answers: Answers) -> None:
        assert address.place is not None
        if ":" in address.place.address:
            self.address_family = socket.AF_INET6
        self.answers = answers
        super().__init__((address.place.address, address.place.port), _Handler)


class _Unix(_Threads, socketserver.UnixStreamServer):
    def __init__(self, path: str, answers: Answers) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        remove_stale_socket(Path(path))
        self.answers = answers
        before = os.umask(0o117)
        try:
            super().__init__(path, _Handler)
        finally:
            os.umask(before)


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE
    server_version, sys_version = "fairway", ""

    def do_GET(self) -> None:
        self._send(self._answer(), has_body=True)

    def do_HEAD(self) -> None:
        self._send(self._answer(), has_body=False)

    def _answer(self) -> Answer:
        if not _is_ours(self.headers.get("Host", "")):
            return Answer(status=421, kind="text/plain; charset=utf-8", body=b"ask by an address, or by localhost\n")
        answers: Answers = self.server.answers  # type: ignore[attr-defined]
        return answers.answer(self.path, self.headers.get("If-None-Match", ""))

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
            with suppress(OSError):
                self.wfile.write(answer.body)

    def address_string(self) -> str:
        """Over a unix socket nobody has an address."""
        return "unix" if not self.client_address else str(self.client_address[0])

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Who looks is no event of ours."""


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
