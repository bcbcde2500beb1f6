"""Joins: several header fields of one name → one, where something reads the name (RFC 9110 §5.3).

What is read then is one field in any case; a request with more fields than a configuration has lines for is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gen.build.names import identifier
from gen.proxies.haproxy.literal import Expression, Format, Word, format_of
from gen.received import MOST_FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """So many fields of a name: the ACL that finds them, its pattern, and the value that stands for them."""

    acl: Word
    pattern: str
    value: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """One name, in lower case. `too_many` is the ACL of more fields than there are `cases`."""

    name: str
    cases: tuple[Case, ...]
    too_many: Word
    most: str

    @property
    def count(self) -> Expression:
        return Expression(f"req.fhdr_cnt({self.name})")


def join(name: str) -> Join:
    """How the fields of a name become one."""
    between = "; " if name == "cookie" else ", "
    known = identifier(name, shown="several")
    return Join(
        name=name,
        cases=tuple(
            Case(acl=Word(f"{known}_{count}"), pattern=str(count), value=_value(name, between, count))
            for count in range(2, MOST_FIELDS + 1)
        ),
        too_many=Word(f"{known}_more"),
        most=f"{MOST_FIELDS + 1}:",
    )


def joins(names: Iterable[str]) -> tuple[Join, ...]:
    """One for each name, sorted."""
    return tuple(map(join, sorted(set(names))))


def _value(name: str, between: str, count: int) -> Format:
    parts: list[str] = []
    for number in range(1, count + 1):
        parts += [Expression(f"req.fhdr({name},{number})"), between]
    return format_of(*parts[:-1])
