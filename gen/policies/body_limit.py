"""body_limit: how much a client may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy
from gen.options import option
from gen.values import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimit(Policy):
    """Larger request bodies are answered with 413. Without this policy there is no limit."""

    name: ClassVar[str] = "body_limit"

    max: Size = option(main=True, help="The largest body.", example="8m")

    def check(self) -> str:
        return "" if self.max.bytes else "max is 0; write for example 8m, or leave the label out for no limit"
