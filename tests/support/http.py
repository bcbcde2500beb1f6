"""One HTTP/1.1 request as the test wrote it: the path goes out unmodified, `Host` is what the test says."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; `headers` in order and with repetitions."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first value of that header, empty where it is absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def json(self) -> Any:
        return json.loads(self.body)


def http_get(
    address: tuple[str, int],
    *,
    host: str = "localhost",
    path: str = "/",
    headers: dict[str, str] | tuple[tuple[str, str], ...] = (),
    method: str = "GET",
    body: bytes = b"",
    tls: bool = False,
    sni: str | None = None,
    timeout: float = 5.0,
) -> Reply:
    """Sends one request on a connection of its own. `sni` defaults to `host`. Certificates are not verified.

    Raises OSError when the peer cannot be reached or hangs up without an answer.
    """
    pairs = tuple(headers.items()) if isinstance(headers, dict) else headers
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *(f"{k}: {v}" for k, v in pairs)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    request = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    with socket.create_connection(address, timeout=timeout) as plain:
        if not tls:
            return _exchange(plain, request, method)
        with _unverified().wrap_socket(plain, server_hostname=sni or host) as secure:
            return _exchange(secure, request, method)


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _exchange(connection: socket.socket, request: bytes, method: str) -> Reply:
    connection.sendall(request)
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Reply(status=response.status, headers=tuple(response.getheaders()), body=response.read())
    except http.client.HTTPException as trouble:
        raise ConnectionError(f"not an HTTP answer: {trouble!r}") from trouble
    finally:
        response.close()
