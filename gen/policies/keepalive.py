"""keepalive: connections to servers that stay open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepalive(Policy):
    """Idle connections that the proxy keeps for later requests, in place of the operator's setting `keepalive`."""

    name: ClassVar[str] = "keepalive"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"

    connections: int = option(
        main=True,
        bounds=(0, 10_000),
        help="So many: for nginx in each worker, for HAProxy to each server; 0 for none.",
        example="64",
    )
