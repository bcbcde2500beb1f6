"""Removals: the rows that count now and those of a plan → whether so much would go that somebody has to agree.

What is counted is what clients lose. A container that was made anew has another address, and its route as many servers
as before: nothing is lost. A route that moved to another listener is lost where it was, and so is one that would be
withheld, since it answers nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from gen.plan import Rows

_ALWAYS: Final = 2
"""So many may go whatever their share is: of three routes one is a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Of `before` things of a kind `gone` would go; `left`: how many there are afterwards, new ones among them."""

    kind: str
    before: int
    gone: int
    left: int

    def exceeds(self, percent: int) -> bool:
        """Whether it is more than a share, and more than a few, or leaves no route at all: that is what an engine
        says that is not the one that was meant."""
        is_last = self.kind == "route" and self.left == 0
        return self.gone * 100 > self.before * percent and (self.gone > _ALWAYS or is_last)

    def __str__(self) -> str:
        rest = ", and none is left" if not self.left else ""
        return f"{self.gone} of {self.before} {self.kind}{'' if self.before == 1 else 's'} would go{rest}"


def removals(before: Rows, after: Rows) -> tuple[Removal, ...]:
    """Routes and servers that go, of those that are installed."""
    found = (_routes(before, after), _servers(before, after))
    return tuple(one for one in found if one.gone)


def too_many(found: Iterable[Removal], percent: int) -> tuple[Removal, ...]:
    """Those that need somebody's word."""
    return tuple(one for one in found if one.exceeds(percent))


def _routes(before: Rows, after: Rows) -> Removal:
    answering = frozenset(place for key in _answering(after) for place in _places(key))
    installed = tuple(_answering(before))
    gone = sum(not answering.issuperset(_places(key)) for key in installed)
    return Removal(kind="route", before=len(installed), gone=gone, left=sum(1 for _ in _answering(after)))


def _answering(rows: Rows) -> Iterator[str]:
    return (key for key, row in rows.items() if key.startswith("route ") and not row.get("withheld"))


def _places(key: str) -> Iterator[tuple[str, str]]:
    """What a route is about, on each listener."""
    what, _, listeners = key.rpartition(" on ")
    return ((what, listener) for listener in listeners.split(", "))


def _servers(before: Rows, after: Rows) -> Removal:
    installed, planned = _by_route(before), _by_route(after)
    gone = sum(max(0, len(those) - len(planned.get(route, ()))) for route, those in installed.items())
    return Removal(kind="server", before=_total(installed), gone=gone, left=_total(planned))


def _by_route(rows: Rows) -> dict[str, set[str]]:
    """The addresses of each route's servers, on whichever listener."""
    found: dict[str, set[str]] = {}
    for key in rows:
        if key.startswith("server "):
            address, _, route = key.removeprefix("server ").partition(" of ")
            found.setdefault(route.rpartition(" on ")[0], set()).add(address)
    return found


def _total(found: dict[str, set[str]]) -> int:
    return sum(map(len, found.values()))
