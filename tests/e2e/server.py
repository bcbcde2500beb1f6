"""A small HTTP/1.1 server that tells what reached it. Standard library only: it also runs inside an image of ours.

Every path answers with JSON about the request; `SPECIAL` lists the paths that do something else.
`python server.py --port 0 --name web-1` prints the port that it chose. SIGTERM closes the listener after GRACE seconds.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import itertools
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Server(ThreadingHTTPServer):
    """IPv6 and IPv4 on one socket, IPv4 alone where the machine has no IPv6."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *, name: str, port: int, unhealthy_file: Path) -> None:
        self.instance, self.unhealthy_file, self.counter = name, unhealthy_file, itertools.count(1)
        self.address_family = socket.AF_INET6 if _has_ipv6() else socket.AF_INET
        super().__init__(("::" if self.address_family == socket.AF_INET6 else "0.0.0.0", port), Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.instance, self.socket.getsockname()[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A peer that hangs up is no news; `request` and `client_address` are socketserver's."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """Reads the body, then answers by path; an unknown path describes the request."""

    protocol_version = "HTTP/1.1"
    # Head and body are two small packets; otherwise the second waits 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True
    server: Server
    body = b""

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        setattr(self, f"do_{self.command}", self.answer_any)
        return True

    def answer_any(self) -> None:
        self.body = self._read_body()
        parts = urlsplit(self.path)
        name, _, rest = parts.path.lstrip("/").partition("/")
        special = SPECIAL.get(name)
        if special:
            special(self, rest, dict(parse_qsl(parts.query, keep_blank_values=True)))
        else:
            self.answer_json(200, self.describe())

    def describe(self) -> dict[str, object]:
        return {
            "instance": self.server.instance,
            "method": self.command,
            "path": self.path,
            "headers": [list(pair) for pair in self.headers.items()],
            "body_length": len(self.body),
            "client": self.client_address[0].removeprefix("::ffff:"),
        }

    def answer_json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        self.answer(status, json.dumps(value).encode() + b"\n", {"Content-Type": "application/json", **(headers or {})})

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        bodiless = status < 200 or status in (204, 304)
        if not bodiless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not bodiless and self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent: what matters is in the answer."""

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)


def health(handler: Handler, _rest: str, _query: dict[str, str]) -> None:
    handler.answer_json(503 if handler.server.unhealthy_file.exists() else 200, {"instance": handler.server.instance})


def slow(handler: Handler, _rest: str, query: dict[str, str]) -> None:
    time.sleep(int(query.get("ms", "0")) / 1000)
    handler.answer_json(200, handler.describe())


def status(handler: Handler, rest: str, _query: dict[str, str]) -> None:
    handler.answer_json(int(rest), handler.describe())


def headers(handler: Handler, _rest: str, query: dict[str, str]) -> None:
    handler.answer_json(200, handler.describe(), query)


def cacheable(handler: Handler, _rest: str, query: dict[str, str]) -> None:
    answer = {**handler.describe(), "counter": next(handler.server.counter)}
    handler.answer_json(200, answer, {"Cache-Control": f"public, max-age={int(query.get('ttl', '60'))}"})


def stream(handler: Handler, _rest: str, query: dict[str, str]) -> None:
    size = int(query.get("n", "0"))
    handler.send_response(200)
    handler.send_header("Content-Length", str(size))
    handler.end_headers()
    for start in range(0, size, 65536):
        handler.wfile.write(b"x" * min(65536, size - start))


def sse(handler: Handler, _rest: str, query: dict[str, str]) -> None:
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()
    for number in range(int(query.get("n", "3"))):
        handler.wfile.write(f"data: {number}\n\n".encode())
        time.sleep(0.1)


def websocket(handler: Handler, _rest: str, _query: dict[str, str]) -> None:
    """Shakes hands (RFC 6455 section 4.2.2) and echoes each frame until a close frame or the end of the stream."""
    key = handler.headers.get("Sec-WebSocket-Key")
    if not key:
        handler.answer_json(400, {"error": "no Sec-WebSocket-Key"})
        return
    accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode()).digest()).decode()
    handler.close_connection = True
    handler.answer(101, b"", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept})
    while len(head := handler.rfile.read(2)) == 2:
        payload = _frame_payload(handler, head[1] & 0x7F)
        length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
        handler.wfile.write(head[:1] + length + payload)
        if head[0] & 0x0F == 8:
            return


def _frame_payload(handler: Handler, length: int) -> bytes:
    if length == 126:
        length = int.from_bytes(handler.rfile.read(2), "big")
    mask = handler.rfile.read(4)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(handler.rfile.read(length)))


SPECIAL: dict[str, Callable[[Handler, str, dict[str, str]], None]] = {
    "health": health,
    "slow": slow,
    "status": status,
    "headers": headers,
    "cacheable": cacheable,
    "bytes": stream,
    "sse": sse,
    "ws": websocket,
}


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


def main() -> None:
    environment = os.environ
    parser = argparse.ArgumentParser(description="an HTTP server that tells what reached it")
    parser.add_argument("--port", type=int, default=int(environment.get("PORT", "8080")))
    parser.add_argument("--name", default=environment.get("NAME") or socket.gethostname())
    parser.add_argument("--grace", type=float, default=float(environment.get("GRACE", "0")))
    parser.add_argument("--unhealthy-file", type=Path, default=Path(environment.get("UNHEALTHY", "/tmp/unhealthy")))
    options = parser.parse_args()
    server = Server(name=options.name, port=options.port, unhealthy_file=options.unhealthy_file)

    def end(_signal: int, _frame: object) -> None:
        threading.Timer(options.grace, server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    print(server.server_port, flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()


if __name__ == "__main__":
    main()
