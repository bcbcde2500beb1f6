"""What the daemon does → systemd's notify protocol (sd_notify(3)): ready, reloading, stopping, and that it turns.

The watchdog is fed where the loop waits, and nowhere else: a pass that hangs is to be noticed.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping

from gen.errors import FairwayError
from gen.watcher import Pass, Watcher


class Notify(Watcher):
    """`variables`: NOTIFY_SOCKET says where; without it nothing is told."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._address = variables.get("NOTIFY_SOCKET", "")
        self._is_ready = False

    def passed(self, one: Pass) -> None:
        """Ready with the first release that is served, and again after a reload."""
        if hasattr(one.outcome, "reason"):
            self._tell(f"STATUS=not served: {_line(one.outcome.reason)}")
            return
        status = f"STATUS=release {one.outcome.digest[:12]}, {len(one.made.model.routes)} routes"
        self._tell(*(["READY=1"] * (not self._is_ready)), status)
        self._is_ready = True

    def failed(self, error: FairwayError) -> None:
        self._tell(f"STATUS={_line(str(error))}")

    def ended(self, why: str) -> None:
        self._tell(f"STATUS=the proxy does not serve ({_line(why)}), and is brought back")

    def resumed(self, digest: str) -> None:
        """Requests are answered, though not yet by what the containers ask for."""
        self._tell("READY=1", f"STATUS=release {digest[:12]} of an earlier run")
        self._is_ready = True

    def turned(self) -> None:
        self._tell("WATCHDOG=1")

    def resyncing(self) -> None:
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._is_ready = False
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, *lines: str) -> None:
        """One datagram. A name that begins with @ is in the abstract namespace."""
        if not self._address:
            return
        name = os.fsencode(self._address)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.setblocking(False)
            try:
                out.sendto("\n".join(lines).encode(errors="replace"), b"\0" + name[1:] if name[:1] == b"@" else name)
            except OSError:
                return


def _line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)[:200]
