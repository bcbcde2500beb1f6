"""Words: the configuration's words read, and the runtime API's written. Text in, words out, and back.

Our own templates quote with single quotes only; what is written in any other way is not guessed at.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"(?:[^\s'\"\\$#]|'[^']*'|\\['\\ ])+")
_PART = re.compile(r"'([^']*)'|\\(.)|([^'\\]+)")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]|<<")
_SPECIAL = re.compile(r"([\\ ;])")


def words(line: str) -> tuple[str, ...]:
    """The words of a line as HAProxy reads them. Raises ValueError for what we do not write."""
    if not any(sign in line for sign in "'\"\\$#"):
        return tuple(line.split())
    found: list[str] = []
    at = 0
    stripped = line.strip()
    while at < len(stripped):
        word = _WORD.match(stripped, at)
        if word is None:
            raise ValueError(f"{stripped[at:]!r} is not quoted as we do it")
        found.append("".join(quoted or escaped or bare for quoted, escaped, bare in _PART.findall(word[0])))
        at = word.end()
        at += len(stripped[at:]) - len(stripped[at:].lstrip())
    return tuple(found)


def is_writable(word: str) -> bool:
    """Whether the runtime API can be given this as one word: `<<` begins a payload, a first `#` is a reference."""
    return bool(word) and word[0] != "#" and not _FORBIDDEN.search(word) and not word.endswith("<")


def spelled(word: str) -> str:
    """A word of the runtime API, where blanks, semicolons and backslashes are escaped and quotes mean nothing."""
    return _SPECIAL.sub(r"\\\1", word)
