"""Servers for tests: small HTTP/1.1 servers in a thread of this process that tell what reached them.

Each answers JSON: its name, the request's method, path as received, headers and body length. A behaviour, or the
request's query, changes that: `status=503`, `header=X-A:b`, `delay=0.5`, `size=1000`, `sse=3`, `hang=1`, `close=1`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import threading
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl

T = TypeVar("T")
Pairs = list[tuple[str, str]]
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


@dataclass(slots=True, kw_only=True)
class Server:
    """One server: where it listens and what it has seen. `behaviour` as a query would say it."""

    name: str
    host: str
    port: int
    behaviour: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    count: int = 0


class Servers:
    """Any number of servers in one thread; as a context manager it ends them all."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening: list[asyncio.Server] = []
        self._talks: set[asyncio.Task[Any]] = set()
        self.all: dict[str, Server] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, name: str, behaviour: Mapping[str, str] | None = None, *, host: str = "127.0.0.1") -> Server:
        """A new server on a free port. With host 0.0.0.0 it is named by the address it is asked at."""
        return self._do(self._open(name, host, dict(behaviour or {})))

    def seen(self) -> list[Seen]:
        """All requests of all servers, and forgets them."""
        found = [seen for server in self.all.values() for seen in server.seen]
        for server in self.all.values():
            server.seen.clear()
        return found

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self, name: str, host: str, behaviour: dict[str, str]) -> Server:
        server = Server(name=name, host=host, port=0, behaviour=behaviour)

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._talks.add(task)
            try:
                await _talk(server, reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                self._talks.discard(task)
                writer.close()

        listening = await asyncio.start_server(talk, host, 0, backlog=512)
        server.port = listening.sockets[0].getsockname()[1]
        self._listening.append(listening)
        self.all[name] = server
        return server

    async def _stop(self) -> None:
        for listening in self._listening:
            listening.close()
        for task in list(self._talks):
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await asyncio.sleep(0)


async def _talk(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, request after request."""
    while head := await _head(reader):
        method, target, fields = head
        length = await _body(reader, fields)
        own = server.name if server.host != "0.0.0.0" else writer.get_extra_info("sockname")[0]
        server.count += 1
        seen = Seen(server=own, method=method, path=target, headers=fields, length=length, count=server.count)
        server.seen.append(seen)
        query = parse_qsl(target.partition("?")[2])
        wishes = [*server.behaviour.items(), *query]
        told = dict(wishes)
        await asyncio.sleep(float(told.get("delay", 0)))
        if "close" in told:
            return
        if fields.get("upgrade", "").lower() == "websocket":
            await _echo(fields, reader, writer)
            return
        if "sse" in told:
            await _events(int(told["sse"]), "hang" in told, writer)
            return
        await _answer(seen, wishes, writer)


async def _head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]] | None:
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


async def _body(reader: asyncio.StreamReader, fields: dict[str, str]) -> int:
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


async def _answer(seen: Seen, wishes: Iterable[tuple[str, str]], writer: asyncio.StreamWriter) -> None:
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


async def _events(count: int, hang: bool, writer: asyncio.StreamWriter) -> None:
    """Server-sent events; with `hang` nothing follows them, and the answer does not end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    for number in range(count):
        writer.write(b"data: %d\n\n" % number)
        await writer.drain()
    if hang:
        await asyncio.Event().wait()


async def _echo(fields: dict[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A websocket that sends back each byte as it comes (RFC 6455 §4.2.2 for the handshake)."""
    accept = base64.b64encode(hashlib.sha1(fields["sec-websocket-key"].encode() + _MAGIC).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    writer.write(b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    while piece := await reader.read(1 << 16):
        writer.write(piece)
        await writer.drain()
