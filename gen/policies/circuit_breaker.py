"""circuit_breaker: a server that answers with errors is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker(Policy):
    """A server whose answers are errors (5xx but 501 and 505, none, or none that can be read), one after the other,
    is taken out at once; with all of them out the client gets 503 at once. It is back when it takes a connection
    after `recover`, or when its health_check, where there is one, says so. Errors of any path count."""

    name: ClassVar[str] = "circuit_breaker"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"

    errors: int = option(main=True, bounds=(1, 1000), help="So many errors in a row take a server out.", example="5")
    recover: Duration = option(default=Duration(10_000), help="After which it is asked again.", example="30s")

    def check(self) -> str:
        return "" if Duration(1000) <= self.recover <= Duration(86_400_000) else "recover is under 1s or over a day"
