"""A counting relay before an engine's socket: what is asked of it, by method and path with ids left out.

It passes bytes on as they come. A request of the engine's API begins a packet of its own, since a client waits for the
answer before it asks again.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_REQUEST = re.compile(rb"(GET|HEAD|POST|PUT|DELETE) (?:/v[0-9.]+)?(/[^ ?]*)[^ ]* HTTP/1\.[01]\r\n")
_NAMED = re.compile(r"(?<=/)[0-9a-f]{12,64}(?=/|$)")


@contextmanager
def counted(url: str) -> Iterator[tuple[str, Counter[str]]]:
    """The URL to give to Fairway in place of an engine's socket, and how often what was asked of it there."""
    calls: Counter[str] = Counter()
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory(prefix="fwb") as place:
        path = Path(place) / "docker.sock"
        thread = threading.Thread(target=_serve, args=(loop, path, url.removeprefix("unix://"), calls), daemon=True)
        thread.start()
        while not path.exists():
            thread.join(0.01)
        try:
            yield f"unix://{path}", calls
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def _serve(loop: asyncio.AbstractEventLoop, path: Path, engine: str, calls: Counter[str]) -> None:
    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(engine)
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(_copy(reader, ours, calls), _copy(theirs, writer, None))

    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(asyncio.start_unix_server(passed_on, path))
    loop.run_forever()
    server.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, calls: Counter[str] | None) -> None:
    while piece := await reader.read(65536):
        if calls is not None and (found := _REQUEST.match(piece)):
            calls[f"{found[1].decode()} {_NAMED.sub('{id}', found[2].decode())}"] += 1
        writer.write(piece)
        await writer.drain()
    writer.close()
