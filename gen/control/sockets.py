"""The unix socket on which a proxy answers: who is there, and what a killed proxy left behind."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from gen.proxies.commands import Layout

_CONNECT_SECONDS = 1.0


def ask(path: Path, send: bytes, *, patience: float = _CONNECT_SECONDS) -> bytes | None:
    """Send on a fresh connection and read until the other side closes; None when nobody answers. `patience` is how
    many seconds the other side may take for each piece."""
    try:
        with connected(path) as connection:
            connection.settimeout(patience)
            connection.sendall(send)
            reply = b""
            while piece := connection.recv(4096):
                reply += piece
            return reply
    except OSError:
        return None


def remove_stale_socket(path: Path) -> bool:
    """Remove a socket file on which nobody listens: a proxy that was killed leaves it, and the next one could not
    bind it. Whether the way is free; False when somebody does listen."""
    try:
        connected(path).close()
    except FileNotFoundError:
        return True
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
        return True
    except TimeoutError:
        return False
    return False


def remove_stale_sockets(layout: Layout) -> None:
    """The same for every socket that the proxy would bind below its directory."""
    for path in (Path(layout.socket), *sorted(Path(layout.inner).glob("*.sock"))):
        remove_stale_socket(path)


def connected(path: Path) -> socket.socket:
    """A connection to whoever listens there. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_CONNECT_SECONDS)
        connection.connect(os.fspath(path))
    except BaseException:
        connection.close()
        raise
    return connection
