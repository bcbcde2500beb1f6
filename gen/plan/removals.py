"""Removals: the rows that count now and the changes of a plan → whether so much would go that somebody has to agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gen.plan import Change, Rows

KINDS: Final = ("route", "server")
_ALWAYS: Final = 2
"""So many may go whatever their share is: of three routes one is a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Of `before` things of a kind `gone` would go."""

    kind: str
    before: int
    gone: int

    def exceeds(self, percent: int) -> bool:
        """Whether it is more than a share, and more than a few."""
        return self.gone > _ALWAYS and self.gone * 100 > self.before * percent

    def __str__(self) -> str:
        return f"{self.gone} of {self.before} {self.kind}s would go"


def removals(before: Rows, changes: Iterable[Change]) -> tuple[Removal, ...]:
    """Routes and servers that go, of those that are installed."""
    gone = [change.what for change in changes if change.sign == "-"]
    return tuple(
        Removal(kind=kind, before=_count(kind, before), gone=_count(kind, gone)) for kind in KINDS if _count(kind, gone)
    )


def too_many(found: Iterable[Removal], percent: int) -> tuple[Removal, ...]:
    """Those that need somebody's word."""
    return tuple(one for one in found if one.exceeds(percent))


def _count(kind: str, keys: Iterable[str]) -> int:
    return sum(key.startswith(f"{kind} ") for key in keys)
