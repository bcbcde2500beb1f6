"""The runtime API of a proxy on its unix socket: lines out, one answer for each.

One conversation is one connection, so one worker gives all its answers; after a reload the old one may still be there.
Its prompt separates the answers: without it, answers to several lines in one message cannot be told apart on all
versions (2.6 leaves out some of the empty lines between them), and each takes ten times as long on 2.6.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gen.control.sockets import connected
from gen.errors import ProxyError

MOST_UNREAD = 8_000
"""Bytes sent before answers are read: both sides could wait for each other otherwise."""
MOST_LINE = 16_000
"""HAProxy's buffer holds 16 KiB of a line with its payload."""
_PROMPT = b"\n> "
_PAYLOAD_PROMPTS = re.compile(r"\A(?:\+ )+")


class Conversation:
    """Questions and answers inside `with`. `timeout`: seconds that any one answer may take. Raises ProxyError when
    nobody answers, or not to the end."""

    def __init__(self, path: Path, *, timeout: float = 5.0) -> None:
        self._path = path
        self._timeout = timeout
        self._unread = b""
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        with self._reporting(), ExitStack() as undo:
            self._socket = undo.enter_context(connected(self._path))
            self._socket.settimeout(self._timeout)
            self._socket.sendall(b"prompt\n")
            self._answer()
            undo.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._socket is not None:
            self._socket.close()

    def ask(self, lines: Sequence[str]) -> list[str]:
        """The answers, in order. A line may have a payload: more lines below it, none of them empty."""
        answers: list[str] = []
        with self._reporting():
            for message, count in _messages(lines):
                self._open.sendall(message)
                answers += [self._answer() for _ in range(count)]
        return answers

    @property
    def _open(self) -> socket.socket:
        if self._socket is None:
            raise ProxyError(f"the conversation on {self._path} has not begun")
        return self._socket

    def _answer(self) -> str:
        while (end := self._unread.find(_PROMPT)) < 0:
            piece = self._open.recv(65536)
            if not piece:
                raise ConnectionResetError("closed before the answer was complete")
            self._unread += piece
        answer, self._unread = self._unread[:end], self._unread[end + len(_PROMPT) :]
        return _PAYLOAD_PROMPTS.sub("", answer.decode(errors="replace")).strip("\n")

    def _reporting(self) -> _Reporting:
        return _Reporting(self._path)


class _Reporting:
    """Turns what the system says about the socket into a ProxyError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, OSError):
            said = "it does not answer in time" if isinstance(error, TimeoutError) else error.strerror or error
            raise ProxyError(f"the proxy's runtime API on {self._path}: {said}") from error


def _messages(lines: Sequence[str]) -> Iterator[tuple[bytes, int]]:
    """Lines together as long as they are short, with their number. Raises ProxyError for one that would be lost."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        encoded = line.rstrip("\n").encode() + (b"\n\n" if "\n" in line else b"\n")
        if len(encoded) > MOST_LINE or b"\n\n" in encoded[:-2]:
            raise ProxyError(f"{line.partition(chr(10))[0]!r} is too long for the runtime API, or has an empty line")
        if held and size + len(encoded) > MOST_UNREAD:
            yield b"".join(held), len(held)
            held, size = [], 0
        held.append(encoded)
        size += len(encoded)
    if held:
        yield b"".join(held), len(held)
