"""Tiny servers of other protocols: FastCGI, uwsgi and HTTP/2 without TLS. Each tells as JSON what reached it."""

from __future__ import annotations

import json
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _Peer(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        try:
            self.talk()
        except (ConnectionError, struct.error):
            return

    def talk(self) -> None:
        raise NotImplementedError

    def exactly(self, size: int) -> bytes:
        found = self.rfile.read(size)
        if len(found) < size:
            raise ConnectionError
        return found


class FastCgi(_Peer):
    """FastCGI 1.0: parameters and body in, a CGI answer out; the connection is kept where it is asked for."""

    def talk(self) -> None:
        params, body = b"", 0
        while True:
            _, kind, request, size, padding = struct.unpack(">BBHHBx", self.exactly(8))
            content = self.exactly(size + padding)[:size]
            params += content if kind == 4 else b""
            body += size if kind == 5 else 0
            if kind == 5 and not size:
                seen = json.dumps(dict(_pairs(params)) | {"length": body}).encode()
                self._write(6, request, b"Content-Type: application/json\r\n\r\n" + seen)
                self._write(6, request, b"")
                self._write(3, request, bytes(8))
                params, body = b"", 0

    def _write(self, kind: int, request: int, content: bytes) -> None:
        self.wfile.write(struct.pack(">BBHHBx", 1, kind, request, len(content), 0) + content)


def _pairs(params: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(params):
        sizes = []
        for _ in range(2):
            long = params[at] >> 7
            sizes.append(struct.unpack_from(">I", params, at)[0] & 0x7FFFFFFF if long else params[at])
            at += 4 if long else 1
        name, value = params[at : at + sizes[0]], params[at + sizes[0] : at + sum(sizes)]
        at += sum(sizes)
        yield name.decode(), value.decode()


class Uwsgi(_Peer):
    """The uwsgi protocol: a packet of variables in, an HTTP answer out."""

    def talk(self) -> None:
        _, size, _ = struct.unpack("<BHB", self.exactly(4))
        packet, at = self.exactly(size), 0
        words: list[str] = []
        while at < size:
            length = struct.unpack_from("<H", packet, at)[0]
            words.append(packet[at + 2 : at + 2 + length].decode())
            at += 2 + length
        seen = dict(zip(words[::2], words[1::2], strict=True))
        body = len(self.exactly(int(seen.get("CONTENT_LENGTH") or 0)))
        answer = json.dumps(seen | {"length": body}).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + answer)


class H2(_Peer):
    """Enough of HTTP/2 (RFC 9113) for a call of gRPC: each request gets one message and its status."""

    status: ClassVar[bytes] = b"\x00\x0bgrpc-status\x010"

    def talk(self) -> None:
        assert self.exactly(len(_PREFACE)) == _PREFACE
        self._frame(4, 0, 0, b"")
        while True:
            high, low, kind, flags, stream = struct.unpack(">BHBBI", self.exactly(9))
            content = self.exactly((high << 16) + low)
            if kind == 4 and not flags & 1:
                self._frame(4, 1, 0, b"")
            if kind == 1:
                path = content
            if kind in (0, 1) and flags & 1:
                message = self.answer(path)
                self._frame(1, 4, stream, b"\x88\x00\x0ccontent-type\x10application/grpc")
                self._frame(0, 0, stream, struct.pack(">BI", 0, len(message)) + message)
                self._frame(1, 5, stream, self.status)

    def answer(self, path: bytes) -> bytes:
        return b"hello"

    def _frame(self, kind: int, flags: int, stream: int, content: bytes) -> None:
        self.wfile.write(struct.pack(">BHBBI", 0, len(content), kind, flags, stream) + content)
        self.wfile.flush()


@contextmanager
def peer(kind: type[_Peer]) -> Iterator[int]:
    """Runs one on a port of its own."""
    with _Server(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class Health(H2):
    """The standard gRPC health service: a question for the server as a whole is answered with `serving`."""

    serving: ClassVar[bytes] = b"\x08\x01"

    def answer(self, path: bytes) -> bytes:
        return self.serving if b"/grpc.health.v1.Health/Check" in path else b"hello"


class Unwell(Health):
    serving = b"\x08\x02"


class Agent(_Peer):
    """An agent beside a server: it says one word of it and hangs up."""

    word: ClassVar[str] = "up"

    def talk(self) -> None:
        self.wfile.write(f"{self.word}\n".encode())
