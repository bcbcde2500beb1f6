"""queue: who waits when all servers are busy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Policy):
    """Where servers have `max_conns` and all are busy, requests wait for one to be free. Who would be one too many in
    the queue, or waited too long, gets 503."""

    name: ClassVar[str] = "queue"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"
    needs: ClassVar[str] = "the option `max_conns`"

    max: int = option(main=True, bounds=(1, 1_000_000), help="So many may wait.", example="100")
    timeout: Duration = option(default=Duration(30_000), help="How long one waits at most.", example="5s")

    def check(self) -> str:
        return "" if Duration(0) < self.timeout <= Duration(86_400_000) else "timeout is 0 or over a day"
