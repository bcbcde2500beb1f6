"""How nginx spells values: each as exactly one token, whatever it holds.

The tokenizer knows `\\` and the quote inside quotes; `$` is expanded later, by most directives, and has no escape:
a literal one is written as a variable that holds it. Control characters cannot be written at all.
"""

from __future__ import annotations

import re

from gen.errors import TemplateError
from gen.values import Cidr, Duration, Name, Rate, Resolver, Size, Status

DOLLAR = "${fw_dollar}"
_BARE = re.compile(r"[A-Za-z0-9_@:/.$=~*,\[\]%+&|?!<>()^-][A-Za-z0-9_@:/.$=~*,\[\]%+&|?!<>()^#-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST = 4000


class Word(str):
    """Text of our own making that stands bare: a variable, an address, `weight=2`."""

    __slots__ = ()


class Expression(str):
    """Text of our own making in which `$` means variables."""

    __slots__ = ()


class Plain(str):
    """Foreign text for a directive that does not expand `$`."""

    __slots__ = ()


class MapKey(str):
    """Foreign text as a key of `map`: marked, so that none is taken for one of map's own words or for a regex."""

    __slots__ = ()


class Pattern(str):
    """A regular expression, for keys of `map`; `Regex.pcre` or our own."""

    __slots__ = ()


def literal(value: object) -> str:
    """One token. Raises TemplateError for what cannot be written."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (Word, Name, Cidr, Resolver, Status)):
        return _bare(str(value))
    if isinstance(value, Duration):
        return f"{value.milliseconds}ms" if value.milliseconds % 1000 else str(value)
    if isinstance(value, Size):
        return str(value.bytes)
    if isinstance(value, Rate):
        return _rate(value)
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, MapKey):
        return quote("\\" + value)
    if isinstance(value, Pattern):
        return quote("~" + value)
    if isinstance(value, (Plain, Expression)):
        return quote(value)
    if isinstance(value, str):
        return quote(value).replace("$", DOLLAR)
    raise TemplateError(f"nothing says how nginx spells a {type(value).__name__}")


def _bare(text: str) -> str:
    if _BARE.fullmatch(text) is None:
        raise TemplateError(f"{text!r} is not a bare word for nginx")
    return text


def _rate(rate: Rate) -> str:
    if rate.period == 3600:
        raise TemplateError(f"nginx has no rate per hour: {rate}")
    return f"rate={rate.count}r/{'s' if rate.period == 1 else 'm'}"


def quote(text: str) -> str:
    """A quoted token that nginx reads back as this text. Raises TemplateError."""
    try:
        size = len(text.encode())
    except UnicodeError as error:
        raise TemplateError(f"{text!r} is not UTF-8") from error
    if _CONTROL.search(text) or size > LONGEST:
        raise TemplateError(f"nginx cannot be given {text[:40]!r}…: control characters, or over {LONGEST} bytes")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def expression(*parts: str) -> Expression:
    """A text of variables (Word `$name`, Expression) and literal parts (any other str)."""
    return Expression("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if isinstance(part, Word):
        return "${" + part.removeprefix("$") + "}" if part.startswith("$") else str(part)
    return str(part) if isinstance(part, Expression) else part.replace("$", DOLLAR)
