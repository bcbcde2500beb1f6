"""Switches: the choices of a node → maps over a key of predicates, row by row in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gen.proxies.nginx.facts import Forwarded
from gen.proxies.nginx.literal import Expression, Pattern, Word
from gen.proxies.nginx.predicates import Predicate, predicates
from gen.proxies.routing import Choice

_CHUNK = 60
_MOST_PREDICATES = 110
NOBODY, REFUSED = Word("none"), Word("refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """`map source variable { default …; patterns route; }`: which named location answers at a node."""

    variable: Word
    source: Expression
    rows: tuple[tuple[Pattern, Word], ...]
    default: Word


def fitting(choices: tuple[Choice, ...], told: Forwarded) -> int:
    """How many choices one map can hold: its key, one word for nginx, names all their predicates."""
    used: set[str] = set()
    for number, choice in enumerate(choices[:_CHUNK]):
        used.update(predicate.variable for predicate in predicates(choice.asks, told))
        if number and len(used) > _MOST_PREDICATES:
            return number
    return min(len(choices), _CHUNK)


def rows_of(held: Mapping[int, Predicate], name: Word) -> Iterator[tuple[Pattern, Word]]:
    """The composite key in which these predicates hold, whatever the others say; and the one in which a text is too
    long for one of them and all others hold."""
    yield _key(dict.fromkeys(held, "1")), name
    if any(predicate.limit for predicate in held.values()):
        yield _key({index: "[1x]" if predicate.limit else "1" for index, predicate in held.items()}), REFUSED


def _key(held: Mapping[int, str]) -> Pattern:
    return Pattern("^" + "".join(held.get(index, ".") for index in range(max(held) + 1)))
