"""retry: when a server fails, ask another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import Duration

Failure = Literal["error", "timeout", "invalid_header", "500", "502", "503", "504", "429", "non_idempotent", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Policy):
    """What counts as a failure that another server may mend. Without this policy: a connection error or a timeout,
    for requests that may be repeated (RFC 9110 §9.2.2). HAProxy tries a server that is alone four times in 3 seconds.
    """

    name: ClassVar[str] = "retry"

    on: tuple[Failure, ...] = option(
        default=("error", "timeout"),
        main=True,
        help="What to try again on; `non_idempotent` also repeats POST, `off` never repeats.",
        example="error, timeout, 503",
    )
    tries: int = option(default=0, bounds=(0, 100), help="Tries in all; 0: one for each server.", example="2")
    time: Duration = option(default=Duration(0), help="No further try after this time; 0: no limit.", example="10s")

    def check(self) -> str:
        if not self.on:
            return "on names nothing; write for example error, 503, or off"
        return "off does not go together with others" if "off" in self.on and len(self.on) > 1 else ""
