"""timeouts: how long the proxy waits for the workload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy, Transport
from gen.options import option
from gen.values import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts(Policy):
    """How long the proxy waits for the workload before it answers 504. Between two reads an hour by default, so that
    websockets and server-sent events live. For TCP and UDP, `read` is how long both sides may be silent (UDP: half a
    minute by default), and `send` says nothing."""

    name: ClassVar[str] = "timeouts"
    transports: ClassVar[tuple[Transport, ...]] = ("tcp", "udp")

    read: Duration = option(
        default=Duration(3_600_000), main=True, help="Between two pieces of the answer.", example="30s"
    )
    connect: Duration = option(default=Duration(2_000), help="For the connection to a server.", example="500ms")
    send: Duration = option(default=Duration(60_000), help="Between two pieces of the request.", example="30s")

    def check(self) -> str:
        times = (self.read, self.connect, self.send)
        return "" if all(time.milliseconds for time in times) else "0 would end every request; write for example 30s"
