"""Predicates: each condition beside host and path is one nginx variable that is 1 or 0.

A condition goes in, a Predicate comes out; equal conditions of any routes share one variable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from gen.build.names import identifier
from gen.decide import query_pattern
from gen.model import Match
from gen.proxies.nginx.literal import Pattern, Word
from gen.values import Condition, Regex


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """`map source variable { default 0; limit x; keys 1; }`, or `geo` for client networks. `keys` are Patterns or
    networks; `limit` is found where the source is too long for them to be tried."""

    kind: Literal["map", "geo"]
    source: Word
    variable: Word
    keys: tuple[str, ...]
    limit: Pattern | None = None


def predicates(match: Match) -> tuple[Predicate, ...]:
    """What has to hold for a choice, as variables."""
    found = [_map("$host", Pattern(host.pattern)) for host in match.hosts if host.regex is not None]
    if match.path.regex is not None:
        found.append(_regex("$uri", match.path.regex))
    if match.methods:
        found.append(_map("$request_method", *(Pattern(rf"^{method}\z") for method in match.methods)))
    for name, condition in match.headers:
        variable = "$host" if name.lower() == "host" else "$http_" + name.lower().replace("-", "_")
        regex = condition.regex
        found.append(_map(variable, _pattern(condition)) if regex is None else _regex(variable, regex))
    found.extend(_query(name, condition) for name, condition in match.query)
    if match.clients:
        found.append(_predicate("geo", "$remote_addr", *(str(client) for client in match.clients)))
    return tuple(found)


def _query(name: str, condition: Condition) -> Predicate:
    if condition.regex is None:
        return _map("$args", Pattern(query_pattern(name, condition)))
    return _regex("$arg_" + name.lower(), condition.regex)


def _regex(source: str, regex: Regex) -> Predicate:
    found = _map(source, Pattern(regex.pcre))
    return replace(found, limit=Pattern(regex.too_long)) if regex.has_limit else found


def _pattern(condition: Condition) -> Pattern:
    if condition.kind == "present":
        return Pattern(".")
    return Pattern(rf"^{exactly(condition.text)}\z")


def exactly(text: str) -> str:
    """A PCRE pattern for one text, byte by byte where it is not ASCII."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"\\x{byte:02x}" for byte in text.encode())


def _map(source: str, *keys: Pattern) -> Predicate:
    return _predicate("map", source, *keys)


def _predicate(kind: Literal["map", "geo"], source: str, *keys: str) -> Predicate:
    name = identifier(kind, source, *keys, shown="if")
    return Predicate(kind=kind, source=Word(source), variable=Word(f"$fw_{name}"), keys=keys)
