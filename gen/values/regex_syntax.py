"""Parse the text of a regular expression into a tree, or refuse it with the reason.

Characters are bytes. A set of them is an integer with one bit for each; bit 256 is the end of the text, so that what
may come next is one set too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

END = 1 << 256
ANY = (END << 1) - 1
_BYTES = END - 1
_NEWLINE = 1 << 10
_QUANTIFIER = re.compile(r"(?:([*+?])|\{([0-9]{1,3})(,([0-9]{0,3}))?\})(\??)")
_DEEPEST = 10


class RefusedError(Exception):
    """Why a pattern is not accepted, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chars:
    """One byte of a set."""

    allowed: int
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A condition on the position: `^`, `$`, `\\b` or `\\B`."""

    written: str

    @property
    def first(self) -> int:
        return END if self.written == "$" else ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A group: one of its branches."""

    branches: tuple[Sequence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """`body` from `low` to `high` times; None: without bound."""

    body: Chars | Choice
    low: int
    high: int | None
    lazy: bool


Node = Chars | Edge | Choice | Repeat
Sequence = tuple[Node, ...]


def parse(text: str) -> tuple[str, Choice]:
    """The flags (`(?i)` or none) and the tree of a pattern. Raises RefusedError."""
    reader = _Reader(text)
    found = reader.alternatives(depth=0)
    if reader.at < len(reader.text):
        raise RefusedError("a ) too many")
    return ("(?i)" if reader.ignores_case else ""), found


def _of(characters: Iterable[int]) -> int:
    found = 0
    for character in characters:
        found |= 1 << character
    return found


_DIGITS = _of(range(0x30, 0x3A))
_LETTERS = _of((*range(0x41, 0x5B), *range(0x61, 0x7B)))
_SETS = {"d": _DIGITS, "w": _DIGITS | _LETTERS | 1 << ord("_"), "s": _of(b" \t\n\v\f\r")}
_SETS |= {name.upper(): _BYTES ^ allowed for name, allowed in _SETS.items()}


def _in_any_case(allowed: int) -> int:
    upper, lower = _of(range(0x41, 0x5B)), _of(range(0x61, 0x7B))
    return allowed | (allowed & upper) << 32 | (allowed & lower) >> 32


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, text: str) -> None:
        self.ignores_case = text.startswith("(?i)")
        self.text = text.removeprefix("(?i)")
        self.at = 0

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise RefusedError("it ends too early")
        self.at += 1
        return character

    def alternatives(self, *, depth: int) -> Choice:
        """All up to a closing parenthesis."""
        if depth > _DEEPEST:
            raise RefusedError("too many groups in groups")
        branches: list[Sequence] = []
        own: list[Node] = []
        while (character := self._peek()) not in ("", ")"):
            if character == "|":
                self.at += 1
                branches.append(tuple(own))
                own = []
                continue
            own.append(self._repeated(self._atom(depth)))
        return Choice(branches=(*branches, tuple(own)))

    def _atom(self, depth: int) -> Chars | Edge | Choice:
        character = self._take()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self._class()
        if character == "\\" and self._peek() in ("b", "B"):
            return Edge(written="\\" + self._take())
        if character == "\\":
            return self._chars(*self._escape())
        if character in "*+?":
            raise RefusedError(f"nothing before {character} to repeat")
        if character in "^$":
            return Edge(written=character)
        if character == ".":
            return Chars(allowed=_BYTES ^ _NEWLINE, written=".")
        return self._chars(1 << ord(character), character if character.isalnum() else "\\" + character)

    def _chars(self, allowed: int, written: str) -> Chars:
        return Chars(allowed=_in_any_case(allowed) if self.ignores_case else allowed, written=written)

    def _group(self, depth: int) -> Choice:
        if self._peek() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise RefusedError("of (?…) only (?:…) is allowed")
            self.at += 2
        found = self.alternatives(depth=depth + 1)
        if self._peek() != ")":
            raise RefusedError("a ( is not closed")
        self.at += 1
        return found

    def _escape(self) -> tuple[int, str]:
        character = self._take()
        if character in _SETS:
            return _SETS[character], "\\" + character
        if character.isalnum():
            raise RefusedError(f"\\{character} is not among \\d \\w \\s \\b")
        return 1 << ord(character), "\\" + character

    def _class(self) -> Chars:
        negated = self._peek() == "^"
        self.at += negated
        allowed, written = 0, ""
        while self._peek() != "]" or not written:
            members, text = self._members()
            allowed, written = allowed | members, written + text
        self.at += 1
        found = self._chars(allowed, "")
        return Chars(
            allowed=_BYTES ^ found.allowed if negated else found.allowed,
            written=f"[{'^' if negated else ''}{written}]",
        )

    def _members(self) -> tuple[int, str]:
        """One member of a class, or a range."""
        first, text = self._member()
        follows = self.text[self.at : self.at + 2]
        if len(follows) < 2 or follows[0] != "-" or follows[1] == "]":
            return first, text
        self.at += 1
        last, end = self._member()
        if first & (first - 1) or last & (last - 1):
            raise RefusedError("a range needs single characters at both ends")
        if first > last:
            raise RefusedError(f"bad character range {text}-{end}")
        return (last << 1) - first, f"{text}-{end}"

    def _member(self) -> tuple[int, str]:
        character = self._take()
        if character == "\\":
            return self._escape()
        return 1 << ord(character), character if character.isalnum() else "\\" + character

    def _repeated(self, atom: Chars | Edge | Choice) -> Node:
        """The atom with the quantifier behind it, if there is one."""
        found = _QUANTIFIER.match(self.text, self.at)
        if found is None:
            return atom
        self.at = found.end()
        if isinstance(atom, Edge) or self._peek() in ("*", "+", "?"):
            raise RefusedError("a repetition of nothing, or of a repetition")
        mark, least, comma, most, lazy = found.groups()
        low = int(least or 0) if mark is None else int(mark == "+")
        high = (1 if mark == "?" else None) if mark else low if comma is None else int(most) if most else None
        if high is not None and (high < low or high == 0):
            raise RefusedError(f"{found[0]} is no number of times")
        return Repeat(body=atom, low=low, high=high, lazy=bool(lazy))
