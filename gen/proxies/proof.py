"""Proof that a rendered block holds its guards. Marked text → Rendered, with the places of guards and expressions.

A guard's lines stand between marks while a block is rendered, as each expression does. Afterwards the proxy's own
reading of the text shows whether they are where a request meets them. This runs only where an operator's templates are
used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from gen.errors import TemplateError

_MARK = re.compile("\x04([^\x06]*)\x06|[\x01\x02\x05]")
_GUARD = re.compile("\x04[^\x06]*\x06|\x05")


class Span(NamedTuple):
    """The lines that a guard wrote into a slot of one route."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What the shipped template of a guard writes into a slot. `refuses`: a line of it refuses requests, or servers.
    `file`: the operator's template of the guard, empty where the shipped one is used."""

    policy: str
    slot: str
    owner: str
    refuses: bool
    file: str = ""

    @property
    def key(self) -> str:
        return key(self.slot, self.policy, self.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A text without marks, and where in it guards stand and expressions begin."""

    text: str
    spans: tuple[Span, ...]
    expressions: frozenset[int]

    def of(self, need: Need) -> tuple[Span, ...]:
        """The places of what was written for a need."""
        return tuple(span for span in self.spans if span.key == need.key)

    def is_guard(self, at: int) -> bool:
        """Return True if the text at an offset was written by a guard."""
        return any(span.start <= at < span.end for span in self.spans)


Needs = Callable[[Any], tuple[Need, ...]]
"""A route, backend or server as the templates see it → what its guards have to write."""


def key(slot: str, policy: str, owner: str) -> str:
    """The name of the mark around what a guard writes into a slot of a route or backend."""
    return f"{slot} {policy} {owner}"


def without_guards(marked: str) -> str:
    """The text without the marks of guards."""
    return _GUARD.sub("", marked)


def rendered(marked: str) -> Rendered:
    """Read the marks of a text. Raises TemplateError where a mark was cut off."""
    parts: list[str] = []
    spans: list[Span] = []
    expressions: set[int] = set()
    opened: list[tuple[str, int]] = []
    at = last = 0
    for found in _MARK.finditer(marked):
        parts.append(marked[last : found.start()])
        at += found.start() - last
        last = found.end()
        if found[1] is not None:
            opened.append((found[1], at))
        elif found[0] == "\x01":
            expressions.add(at)
        elif found[0] == "\x05":
            if not opened:
                raise TemplateError("the output of a slot with a guard is cut off")
            name, start = opened.pop()
            spans.append(Span(name, start, at))
    if opened:
        raise TemplateError("the output of a slot with a guard is cut off")
    return Rendered(text="".join((*parts, marked[last:])), spans=tuple(spans), expressions=frozenset(expressions))


def missing(need: Need, block: Rendered, place: str) -> TemplateError:
    """The error for a guard whose lines are not where requests meet them."""
    what = "a line that refuses requests" if need.refuses else "anything"
    guarded = f"{place}, which has the guard {need.policy}"
    if not block.of(need):
        return TemplateError(f"{guarded}, is written without {{{{ slot({need.slot!r}, …) }}}}")
    if need.file:
        return TemplateError(f"template {need.file}: the slot {need.slot} does not write {what} for {guarded}")
    return TemplateError(f"{{{{ slot({need.slot!r}, …) }}}} stands where not every request meets it: {guarded}")
