"""A plain scalar as written → the text that Docker Compose makes of its value: `010` → 8, `1.10` → 1.1, `True` → true.

Numbers are those that Compose reads: the spellings of YAML 1.2 and the octal of YAML 1.1; `yes`, `on` and `22:22` are
texts. Quoted scalars keep their text.
"""

from __future__ import annotations

import re
from decimal import Decimal

_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9]\d*))",
    re.ASCII,
)
_FLOAT = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)
_TRUTH = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"}
_BASES = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}
_LONGEST = 100
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_EXPONENTS = range(-4, 6)


def value_text(text: str) -> str:
    """Return the value of a plain scalar as text; what is no number, truth or date is returned as it is."""
    if text in _TRUTH:
        return _TRUTH[text]
    if not text or text[0] not in "+-.0123456789" or len(text) > _LONGEST:
        return text
    if date := _DATE.fullmatch(text):
        return f"{date[1]}-{int(date[2]):02}-{int(date[3]):02} 00:00:00 +0000 UTC"
    plain = text.replace("_", "")
    if found := _INTEGER.fullmatch(plain):
        base = next(name for name in _BASES if found[name] is not None)
        number = int(found["sign"] + found[base], _BASES[base])
        if _LOWEST <= number <= _HIGHEST:
            return str(number)
    return _float_text(float(plain), text) if _FLOAT.fullmatch(plain) else text


def _float_text(number: float, written: str) -> str:
    """The shortest digits that mean the number, with an exponent where it is below 1e-4 or at least 1e6."""
    if number in (float("inf"), float("-inf")):
        return written
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    power = len(digits) - 1 + int(exponent)
    text = "".join(map(str, digits))
    if number and power not in _EXPONENTS:
        tail = f".{text[1:]}" if len(text) > 1 else ""
        return f"{'-' * sign}{text[0]}{tail}e{'-' if power < 0 else '+'}{abs(power):02}"
    return "-" * sign + format(abs(Decimal(repr(number)).normalize()), "f")
