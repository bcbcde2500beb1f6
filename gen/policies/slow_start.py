"""slow_start: a server that is new or back gets its share little by little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowStart(Policy):
    """A server that comes, or comes back, gets few requests first and its full share after this time. Servers that
    are there when the proxy starts have it at once."""

    name: ClassVar[str] = "slow_start"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"

    time: Duration = option(main=True, help="Until it has its full share.", example="30s")

    def check(self) -> str:
        return "" if Duration(1000) <= self.time <= Duration(86_400_000) else "time is under 1s or over a day"
