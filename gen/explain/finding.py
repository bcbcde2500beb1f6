"""Finding: what one check says. Values that commands print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a diagnosis. `about` is what was looked at, `hint` what to do."""

    level: Level
    about: str
    found: str
    hint: str = ""


def first_wrong(findings: Iterable[Finding]) -> Finding | None:
    """The first that fails, else the first that warns: what stands earlier is often the cause of what follows."""
    every = tuple(findings)
    return next((one for level in ("fail", "warn") for one in every if one.level == level), None)
