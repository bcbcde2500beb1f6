"""Regular expressions that every proxy and Python read alike, and that cannot be made to run for long.

Allowed: literals, `.`, classes, `\\d \\w \\s \\b` and their opposites, groups, alternation, anchors, `* + ? {m,n}`
(lazy too) and a leading `(?i)`. Refused: captures by name, back references, look-around, possessive and nested
unbounded repetition (catastrophic backtracking), anything but printable ASCII. The pattern is written anew from what
was read: groups do not capture, and `$` means the very end (PCRE's own also matches before a last newline).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from gen.errors import BadValue

_EXAMPLE = "~^/v[0-9]+/"
_SHORTHAND = "dDwWsS"
_MOST_REPEATS = 8


@dataclass(frozen=True, slots=True)
class Regex:
    """A checked pattern; `text` as written, `pcre` as proxies get it. It is searched for, not anchored."""

    text: str
    pcre: str = field(compare=False)
    python: str = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            if not text or len(text) > 512 or not all(" " <= character <= "~" for character in text):
                raise _RefusedError("1 to 512 printable ASCII characters")
            pattern = cls(text, _Reader(text, r"\z").whole(), _Reader(text, r"\Z").whole())
            _compiled(pattern.python)
        except (_RefusedError, re.error, OverflowError) as error:
            raise BadValue(text, "a regular expression we can run", _EXAMPLE, str(error)) from None
        return pattern

    def matches(self, subject: str) -> bool:
        """Whether it is found in a text whose characters stand for bytes (latin-1)."""
        return _compiled(self.python).search(subject.encode("latin-1", "replace")) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())


class _RefusedError(Exception):
    pass


class _Reader:
    """Reads one pattern from left to right and writes its safe form."""

    def __init__(self, text: str, end: str) -> None:
        self.flags = "(?i)" if text.startswith("(?i)") else ""
        self.text = text.removeprefix("(?i)")
        self.at = 0
        self.end = end
        self.repeats = 0

    def whole(self) -> str:
        written, _ = self._alternatives(depth=0)
        if self.at < len(self.text):
            raise _RefusedError("a ) too many")
        return self.flags + written

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise _RefusedError("it ends too early")
        self.at += 1
        return character

    def _alternatives(self, *, depth: int) -> tuple[str, bool]:
        """The text up to a closing parenthesis, and whether something in it repeats without bound."""
        if depth > 10:
            raise _RefusedError("too many groups in groups")
        written: list[str] = []
        unbounded = False
        while (character := self._peek()) not in ("", ")"):
            if character == "|":
                written.append(self._take())
                continue
            atom, inner = self._atom(depth)
            repeat, open_ended = self._repeat(atom)
            if inner and open_ended:
                raise _RefusedError("a repetition of a repetition can run for ever")
            unbounded |= inner or open_ended
            written.append(atom + repeat)
        return "".join(written), unbounded

    def _atom(self, depth: int) -> tuple[str, bool]:
        character = self._take()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self._class(), False
        if character == "\\":
            return self._escape(extra="bB"), False
        if character in "*+?":
            raise _RefusedError(f"nothing before {character} to repeat")
        if character == "$":
            return self.end, False
        return (character if character in "^." or character.isalnum() else "\\" + character), False

    def _group(self, depth: int) -> tuple[str, bool]:
        if self._peek() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise _RefusedError("of (?…) only (?:…) is allowed")
            self.at += 2
        inner, unbounded = self._alternatives(depth=depth + 1)
        if self._peek() != ")":
            raise _RefusedError("a ( is not closed")
        self.at += 1
        return f"(?:{inner})", unbounded

    def _escape(self, *, extra: str = "") -> str:
        character = self._take()
        if character in _SHORTHAND + extra:
            return "\\" + character
        if character.isalnum():
            raise _RefusedError(f"\\{character} is not among \\d \\w \\s \\b")
        return "\\" + character

    def _class(self) -> str:
        negated = self._peek() == "^"
        self.at += negated
        written: list[str] = []
        while self._peek() != "]" or not written:
            first = self._member()
            follows = self.text[self.at : self.at + 2]
            if len(follows) == 2 and follows[0] == "-" and follows[1] != "]":
                self.at += 1
                last = self._member()
                if any(len(end) == 2 and end[1] in _SHORTHAND for end in (first, last)):
                    raise _RefusedError("a range needs single characters at both ends")
                written.append(f"{first}-{last}")
            else:
                written.append(first)
        self.at += 1
        return f"[{'^' if negated else ''}{''.join(written)}]"

    def _member(self) -> str:
        character = self._take()
        if character == "\\":
            return self._escape()
        return character if character.isalnum() else "\\" + character

    def _repeat(self, atom: str) -> tuple[str, bool]:
        """The quantifier after an atom, and whether it has no upper bound."""
        found = re.compile(r"([*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})(\??)").match(self.text, self.at)
        if found is None:
            return "", False
        self.at = found.end()
        if atom in ("^", self.end, r"\b", r"\B") or self._peek() in ("*", "+", "?"):
            raise _RefusedError("a repetition of nothing, or of a repetition")
        open_ended = found[1] in "*+" or found[1].endswith(",}")
        self.repeats += open_ended
        if self.repeats > _MOST_REPEATS:
            raise _RefusedError(f"more than {_MOST_REPEATS} unbounded repetitions")
        return found[0], open_ended
