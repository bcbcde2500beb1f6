"""A private engine behind TCP, as an engine of another machine: each connection is passed on to its socket.

Run as a program inside the engine's network namespace: `python relay.py ADDRESS SOCKET [PORT]` prints the port.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def relay(engine: object) -> Iterator[str]:
    """The URL at which a private engine answers within the block."""
    private = engine.private  # type: ignore[attr-defined]
    command = ["nsenter", f"--net=/run/netns/{private.namespace}", sys.executable, "-I", str(Path(__file__))]
    command += [private.published_at, str(private.directory / "docker.sock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"tcp://{private.published_at}:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def serve(address: str, path: str, port: str = "0") -> None:
    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(path)
        await asyncio.gather(copy(reader, ours), copy(theirs, writer))

    server = await asyncio.start_server(passed_on, address, int(port))
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
