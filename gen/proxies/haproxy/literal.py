"""How HAProxy spells values: each as exactly one word, whatever it holds.

Foreign text stands in single quotes, where only the quote itself needs care. What a word means to its directive comes
on top: in a format `%` begins an expression, in the argument of a converter the quote and the backslash are special.
Control characters and empty words cannot be written at all.
"""

from __future__ import annotations

import re

from gen.errors import TemplateError
from gen.values import Cidr, Duration, HeaderName, Name, Size, Status

_BARE = re.compile(r"[A-Za-z0-9_./:@%+=,*-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST = 4000
LONGEST_TIME = 2**31 - 1
"""Milliseconds that HAProxy's timers can hold: 24.8 days."""


class Word(str):
    """Text of our own making that stands bare: a name, an address, a number with a unit."""

    __slots__ = ()


class Expression(str):
    """A sample expression of our own making: `var(txn.host),lower`. Foreign text in it went through `argument`."""

    __slots__ = ()


class Format(str):
    """A log-format text: expressions of ours, and foreign text in which every `%` is doubled. See `format_of`."""

    __slots__ = ()


def literal(value: object) -> str:
    """One word. Raises TemplateError for what cannot be written."""
    if isinstance(value, bool):
        raise TemplateError("HAProxy has no word for a truth value")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Duration):
        return f"{min(value.milliseconds, LONGEST_TIME)}ms"
    if isinstance(value, Size):
        return str(value.bytes)
    if isinstance(value, (Word, Name, HeaderName, Cidr, Status)):
        return _bare(str(value))
    if isinstance(value, str):
        return quote(value)
    raise TemplateError(f"nothing says how HAProxy spells a {type(value).__name__}")


def _bare(text: str) -> str:
    return text if _BARE.fullmatch(text) else quote(text)


def quote(text: str) -> str:
    """A word in single quotes that HAProxy reads back as this text. Raises TemplateError."""
    try:
        size = len(text.encode())
    except UnicodeError as error:
        raise TemplateError(f"{text!r} is not UTF-8") from error
    if not text or _CONTROL.search(text) or size > LONGEST:
        raise TemplateError(
            f"HAProxy cannot be given {text[:40]!r}: empty, control characters, or over {LONGEST} bytes"
        )
    return "'" + text.replace("'", "'\\''") + "'"


def argument(text: str) -> str:
    """Foreign text as an argument of a fetch or a converter, inside an Expression."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def format_of(*parts: str) -> Format:
    """A format of expressions (Expression) and literal parts (any other str)."""
    return Format("".join(f"%[{part}]" if isinstance(part, Expression) else part.replace("%", "%%") for part in parts))


def exactly(text: str) -> str:
    """A PCRE pattern for one text, byte by byte where it is not a letter or a digit."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"\\x{byte:02x}" for byte in text.encode())
