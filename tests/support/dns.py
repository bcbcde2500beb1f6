"""A DNS server for tests: answers questions for IPv4 addresses from a table, over UDP (RFC 1035 §4.1)."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self


class Names:
    """`table` maps names to IPv4 addresses, several with blanks between, and may be changed while it answers."""

    def __init__(self) -> None:
        self.table: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._answer, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _answer(self) -> None:
        while True:
            question, peer = self._socket.recvfrom(2048)
            if not question:
                return
            self._socket.sendto(self._message(question), peer)

    def _message(self, question: bytes) -> bytes:
        labels: list[str] = []
        at = 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        asked = question[12 : at + 5]
        known = self.table.get(".".join(labels).lower(), "").split()
        found = known if asked[-4:-2] == b"\x00\x01" else []
        code = b"\x81\x80" if known else b"\x81\x83"
        head = question[:2] + code + b"\x00\x01" + len(found).to_bytes(2, "big") + bytes(4)
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04"
        return head + asked + b"".join(record + socket.inet_aton(address) for address in found)
