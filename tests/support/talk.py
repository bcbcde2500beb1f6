"""HTTP/1.1 as the servers of tests speak it: one request read, one answer written as its wishes say."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it reached a server. `headers` by lower-case name, several of one name joined by a comma."""

    server: str
    method: str
    path: str
    headers: dict[str, str]
    length: int
    count: int

    def json(self) -> bytes:
        return json.dumps({name: getattr(self, name) for name in self.__slots__}).encode()


async def head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]] | None:
    try:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = lines[0].split(" ", 2)
    fields: dict[str, str] = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(":")
        known = fields.get(name.lower())
        fields[name.lower()] = value.strip() if known is None else f"{known}, {value.strip()}"
    return method, target, fields


async def body(reader: asyncio.StreamReader, fields: dict[str, str]) -> int:
    """Reads a body away and says how long it was."""
    left = total = int(fields.get("content-length", 0))
    while left:
        piece = await reader.read(min(left, 1 << 16))
        if not piece:
            raise ConnectionError
        left -= len(piece)
    while "chunked" in fields.get("transfer-encoding", ""):
        size = int((await reader.readline()).split(b";")[0], 16)
        total += size
        await reader.readexactly(size + 2)
        if not size:
            break
    return total


async def answer(seen: Seen, wishes: Iterable[tuple[str, str]], writer: asyncio.StreamWriter) -> None:
    told = dict(wishes)
    status = int(told.get("status", 200))
    if "good" in told and seen.count <= int(told["good"]):
        status = 200
    if "text" in told:
        body = told["text"].encode()
    elif "size" in told:
        body = b"x" * int(told["size"])
    else:
        body = seen.json()
    headers = [value.split(":", 1) for name, value in wishes if name == "header"]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(["Content-Type", "application/json"])
    if "repeat" in told:
        headers.append(["X-Long", "x" * int(told["repeat"])])
    lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in headers)]
    if "chunked" in told and seen.method != "HEAD":
        lines.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    elif status not in (204, 304):
        lines.append(f"Content-Length: {len(body)}")
    writer.write("\r\n".join((*lines, "", "")).encode("latin-1"))
    writer.write(b"" if status in (204, 304) or seen.method == "HEAD" else body)
    await writer.drain()


async def events(count: int, hang: bool, writer: asyncio.StreamWriter) -> None:
    """Server-sent events; with `hang` nothing follows them, and the answer does not end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    for number in range(count):
        writer.write(b"data: %d\n\n" % number)
        await writer.drain()
    if hang:
        await asyncio.Event().wait()


async def echo(fields: dict[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A websocket that sends back each byte as it comes (RFC 6455 §4.2.2 for the handshake)."""
    accept = base64.b64encode(hashlib.sha1(fields["sec-websocket-key"].encode() + _MAGIC).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    writer.write(b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    while piece := await reader.read(1 << 16):
        writer.write(piece)
        await writer.drain()
