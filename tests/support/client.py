"""A client for tests that sends a request exactly as it is told, and keeps everything of the answer."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

WITHIN = 10.0
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request. `target` and the headers go out as they are (latin-1); `size` bytes follow as its body.

    No `host`: no Host field. `client` is the address to come from, `sni` None means no TLS.
    """

    target: str = "/"
    method: str = "GET"
    host: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    version: str = "1.1"
    size: int = 0
    chunked: bool = False
    client: str = "127.0.0.1"
    sni: str | None = None

    def head(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/{self.version}"]
        lines += [f"Host: {self.host}"] if self.host is not None else []
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.size or self.method == "POST":
            lines.append(f"Content-Length: {self.size}")
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def body(self) -> Iterable[bytes]:
        left = self.size
        while left:
            piece = b"y" * min(left, _CHUNK)
            left -= len(piece)
            yield b"%x\r\n%s\r\n" % (len(piece), piece) if self.chunked else piece
        if self.chunked:
            yield b"0\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. Status 0: the connection was closed without an answer. `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def echo(self) -> dict[str, Any]:
        """What the server says it saw; empty where no server of ours answered."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Client:
    """One connection, for any number of requests."""

    def __init__(
        self, port: int, *, host: str = "127.0.0.1", client: str = "", tls: ssl.SSLContext | None = None, sni: str = ""
    ) -> None:
        source = (client, 0) if client and ":" not in host else None
        self.socket: socket.socket = socket.create_connection((host, port), timeout=WITHIN, source_address=source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            try:
                self.socket = tls.wrap_socket(self.socket, server_hostname=sni or None)
            except OSError:
                self.socket.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, ask: Ask) -> Answer:
        """Sends all of it, but stops where the other side has answered and closed."""
        try:
            self.socket.sendall(ask.head())
            for piece in ask.body():
                self.socket.sendall(piece)
        except OSError:
            pass
        return self.receive(ask.method)

    def receive(self, method: str = "GET") -> Answer:
        answer = http.client.HTTPResponse(self.socket, method=method)
        try:
            answer.begin()
            body = answer.read()
        except (http.client.HTTPException, ConnectionError):
            return Answer(status=0)
        finally:
            answer.close()
        names = {name.lower() for name, _ in answer.getheaders()}
        headers = {name: ", ".join(answer.headers.get_all(name) or ()) for name in names}
        return Answer(status=answer.status, headers=headers, body=body)


def trusting() -> ssl.SSLContext:
    """A client's TLS that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def ask(port: int, request: Ask, *, host: str = "127.0.0.1") -> Answer:
    """One request on a connection of its own."""
    tls = trusting() if request.sni is not None else None
    with Client(port, host=host, client=request.client, tls=tls, sni=request.sni or "") as client:
        return client.send(request)
