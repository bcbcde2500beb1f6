"""Predicates: each condition beside host and path is one nginx variable that is 1 or 0.

A condition goes in, a Predicate comes out; equal conditions of any routes share one variable.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from gen.build.names import identifier
from gen.decide import query_pattern
from gen.model import Match
from gen.proxies.nginx.facts import Forwarded
from gen.proxies.nginx.literal import Pattern, Plain, Word
from gen.values import Condition, Regex

_NOTHING = "$http_"
"""A field that no request has: its name is empty."""
_TRIMMED = "$fw_field_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """A header field without the blanks and tabs around it, which nginx keeps and servers do not."""

    source: Word
    variable: Word


def trimmed(those: Iterable[Predicate]) -> tuple[Trimmed, ...]:
    """The fields that predicates compare, by name."""
    found = sorted({one.source for one in those if one.source.startswith(_TRIMMED)})
    return tuple(Trimmed(source=Word("$http_" + name.removeprefix(_TRIMMED)), variable=name) for name in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """`map source variable { default 0; limit x; keys 1; }`, or `geo` for client networks. `keys` are Patterns (or an
    empty text, for what is absent) or networks; `limit` is found where the source is too long for them to be tried."""

    kind: Literal["map", "geo"]
    source: Word
    variable: Word
    keys: tuple[str, ...]
    limit: Pattern | None = None

    @property
    def is_usual(self) -> bool:
        """Whether it looks at nginx's own word of the client's address."""
        return self.source == "$remote_addr"


def predicates(match: Match, told: Forwarded) -> tuple[Predicate, ...]:
    """What has to hold for a choice, as variables. `told`: what nginx computes of the client, compared in place of the
    client's own fields."""
    own = {
        "host": "$host",
        "x-real-ip": told.address,
        "x-forwarded-for": told.client,
        "x-forwarded-proto": told.proto,
        "x-forwarded-host": "$fw_host",
        "x-forwarded-port": told.port,
        "x-forwarded-prefix": told.prefix or _NOTHING,
        "forwarded": told.header or _NOTHING,
    }
    found = [_map("$host", Pattern(host.pattern)) for host in match.hosts if host.regex is not None]
    if match.path.regex is not None:
        found.append(_searched("$uri", match.path.regex))
    if match.methods:
        found.append(_map("$request_method", *(Pattern(rf"^{method}\z") for method in match.methods)))
    for name, condition in match.headers:
        variable = own.get(name.lower(), _TRIMMED + name.lower().replace("-", "_"))
        found.append(_value(variable, condition))
    found.extend(_query(name, condition) for name, condition in match.query)
    if match.clients:
        found.append(_predicate("geo", told.address, *(str(client) for client in match.clients)))
    return tuple(found)


def _query(name: str, condition: Condition) -> Predicate:
    if condition.regex is None:
        return _map("$args", Pattern(query_pattern(name, condition)))
    return _value("$arg_" + name.lower(), condition)


def _searched(source: str, regex: Regex, *absence: Plain) -> Predicate:
    found = _map(source, Pattern(regex.pcre), *absence)
    return replace(found, limit=Pattern(regex.too_long)) if regex.has_limit else found


def _value(source: str, condition: Condition) -> Predicate:
    """A condition on a text. nginx tries no regex on an empty one: what is absent has a key of its own."""
    absence = (Plain(""),) if condition.matches("") else ()
    if condition.regex is not None:
        return _searched(source, condition.regex, *absence)
    return _map(source, _pattern(condition), *absence)


def _pattern(condition: Condition) -> Pattern:
    if condition.kind == "present":
        return Pattern(".")
    return Pattern(rf"^{exactly(condition.text)}\z")


def exactly(text: str) -> str:
    """A PCRE pattern for one text, byte by byte where it is not ASCII."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"\\x{byte:02x}" for byte in text.encode())


def _map(source: str, *keys: str) -> Predicate:
    return _predicate("map", source, *keys)


def _predicate(kind: Literal["map", "geo"], source: str, *keys: str) -> Predicate:
    name = identifier(kind, source, *keys, shown="if")
    return Predicate(kind=kind, source=Word(source), variable=Word(f"$fw_{name}"), keys=keys)
