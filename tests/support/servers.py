"""Servers for tests: small HTTP/1.1 servers in a thread of this process that tell what reached them.

Each answers JSON: its name, the request's method, path as received, headers and body length. A behaviour, or the
request's query, changes that: `status=503`, `header=X-A:b`, `delay=0.5`, `size=1000`, `sse=3`, `hang=1`, `close=1`.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl

from tests.support.talk import Seen, answer, body, echo, events, head

T = TypeVar("T")


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

    def open(
        self,
        name: str,
        behaviour: Mapping[str, str] | None = None,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> Server:
        """A new server on a free port. With host 0.0.0.0 it is named by the address it is asked at."""
        server = Server(name=name, host=host, port=0, behaviour=dict(behaviour or {}))
        return self._do(self._open(server, tls))

    def seen(self) -> list[Seen]:
        """All requests of all servers, and forgets them."""
        found = [seen for server in self.all.values() for seen in server.seen]
        for server in self.all.values():
            server.seen.clear()
        return found

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self, server: Server, tls: ssl.SSLContext | None) -> Server:
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
                writer.close() if tls is None else writer.transport.abort()

        listening = await asyncio.start_server(talk, server.host, 0, backlog=512, ssl=tls)
        server.port = listening.sockets[0].getsockname()[1]
        self._listening.append(listening)
        self.all[server.name] = server
        return server

    async def _stop(self) -> None:
        for listening in self._listening:
            listening.close()
        for _ in range(3):  # who was only just accepted begins to talk now, and is ended in the next round
            for task in list(self._talks):
                task.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)
            for _ in range(8):  # a TLS connection ends in steps
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)  # what the system had accepted before the end arrives


async def _talk(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, request after request."""
    while request := await head(reader):
        method, target, fields = request
        length = await body(reader, fields)
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
            await echo(fields, reader, writer)
            return
        if "sse" in told:
            await events(int(told["sse"]), "hang" in told, writer)
            return
        await answer(seen, wishes, writer)
