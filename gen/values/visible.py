"""Text → text in which each character can be seen: control, format and bidirectional characters are escaped.

A label is foreign text: a control character moves a cursor, a bidirectional one reorders a line, a line separator
forges one. What is printed, logged or answered as JSON passes here; a configuration may hold none of them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Final

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control, format (zero-width, bidirectional), half a surrogate pair, line, paragraph."""
_PLAIN: Final = re.compile(r"[ -~]*")


def visible(text: str, *, keep: str = "") -> str:
    """The text with `\\x1b` or `\\u202e` in place of what cannot be seen. `keep`: characters that stay as they are."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if c.isprintable() or c in keep else _escaped(c) for c in text)


def visible_json(text: str) -> str:
    """JSON with `\\u202e` in place of what cannot be seen: the same document. Its own line feeds stay."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def invisible(text: str) -> str:
    """The first character that must not go into a configuration, as `U+202E`; empty where there is none."""
    if text.isprintable():
        return ""
    return next((f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in _INVISIBLE), "")


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
