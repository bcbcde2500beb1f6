"""passive_health: what requests show of a server's health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveHealth(Policy):
    """A server to which connections fail gets no requests for a while. nginx counts failures within the window and
    asks again after it, also what `retry` calls a failure, and goes on asking a server that is alone. HAProxy counts
    failures in a row, whoever is left, and asks by a connection of its own, after each window, whether the server is
    back; where there is a health_check, that one says."""

    name: ClassVar[str] = "passive_health"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"

    fails: int = option(main=True, bounds=(1, 1000), help="So many failures take a server out.", example="3")
    window: Duration = option(
        default=Duration(10_000), help="Within which they count, and for which the server is out.", example="30s"
    )

    def check(self) -> str:
        return "" if Duration(1000) <= self.window <= Duration(86_400_000) else "window is under 1s or over a day"
