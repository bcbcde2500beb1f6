"""rate_limit: how often one client may ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy
from gen.options import option
from gen.values import Key, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Policy):
    """Requests above the rate are answered with 429, after a burst that may exceed it. Each route counts by itself."""

    name: ClassVar[str] = "rate_limit"

    rate: Rate = option(main=True, help="So many requests for each key.", example="10/s")
    burst: int = option(
        default=0, bounds=(0, 100_000), help="So many requests above the rate before 429 is answered.", example="20"
    )
    by: Key = option(
        default=Key("ip"),
        help="What counts as one client; none: no limit.",
        example="header:X-Key",
    )
