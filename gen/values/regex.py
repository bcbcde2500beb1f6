"""Regular expressions that every proxy and Python read alike, and that cannot be made to run for long.

Allowed: literals, `.`, classes, `\\d \\w \\s \\b` and their opposites, groups, alternation, anchors, `* + ? {m,n}`
(lazy too) and a leading `(?i)`. Refused: captures by name, back references, look-around, anything but printable ASCII;
a repeated group that can be empty, or in which a text can be read in more than one way (`(a+)+`, `(a|ab)*`); more than
1,000 parts with bounded repetitions of groups written out; and all that could take a backtracking engine more than
4,000,000 steps (`gen.values.regex_cost`) for a subject of 1,024 bytes, or of 253 for a host. So an accepted pattern is
at worst quadratic in paths and values, and cubic in hosts.

A pattern is written anew from what was read: groups do not capture, `$` means the very end (PCRE's own also matches
before a last newline), and repetitions that the next byte ends are possessive. `longest` is the length up to which it
keeps within its steps: a longer subject is never searched, and the request that brings it is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Self

from gen.errors import BadValue
from gen.values.regex_cost import Part, cost, whole
from gen.values.regex_syntax import RefusedError, parse

_EXAMPLE = "~^/v[0-9]+/"
MOST_STEPS: Final = 4_000_000
"""Below PCRE's own limit of 10,000,000, at which an engine gives up and says that nothing was found."""
LONGEST: Final = 32_768
"""No proxy here takes a longer line, so that whoever may search so much is never asked for more."""
SHORTEST: Final = 1024
_GRAIN = 256


@dataclass(frozen=True, slots=True)
class Regex:
    """A checked pattern; `text` as written, `pcre` as proxies get it. It is searched for, not anchored."""

    text: str
    pcre: str = field(compare=False)
    python: str = field(compare=False)
    longest: int = field(compare=False)
    is_deep: bool = field(compare=False)
    """It has a repeated group for whose rounds an engine needs memory, which may be used up."""

    @classmethod
    def parse(cls, text: str, *, shortest: int = SHORTEST) -> Self:
        """`shortest`: the length of a subject that it must be able to search. Raises BadValue."""
        try:
            if not text or len(text) > 512 or not all(" " <= character <= "~" for character in text):
                raise RefusedError("1 to 512 printable ASCII characters")
            flags, tree = parse(text)
            part = whole(tree)
            longest = _longest(part, shortest)
            python, pcre = (flags + part.written.replace("$", end) for end in (r"\Z", r"\z"))
            _compiled(python)
        except (RefusedError, re.error, OverflowError) as error:
            raise BadValue(text, "a regular expression we can run", _EXAMPLE, str(error)) from None
        return cls(text, pcre, python, longest, part.deep)

    def takes(self, subject: str) -> bool:
        """Whether a subject is short enough to be searched."""
        return len(subject) <= self.longest

    def matches(self, subject: str) -> bool:
        """Whether it is found in a text whose characters stand for bytes (latin-1), never in one that is too long."""
        return self.takes(subject) and _compiled(self.python).search(subject.encode("latin-1", "replace")) is not None

    def may_match(self, subject: str) -> bool:
        """Whether it is found, or the subject is too long to say."""
        return not self.takes(subject) or self.matches(subject)

    @property
    def has_limit(self) -> bool:
        """Whether a proxy may meet a subject that is too long."""
        return self.longest < LONGEST

    @property
    def too_long(self) -> str:
        """A PCRE pattern that is found in subjects that are too long."""
        return f"(?s)^.{{{self.longest + 1}}}"

    @property
    def within(self) -> str:
        """A PCRE pattern of the same, that is found in nothing longer than `longest`."""
        flags, own = _flags(self.pcre)
        return rf"{flags}\A(?=(?s:.{{0,{self.longest}}})\z)(?s:.*?)(?:{own})"

    @property
    def absent(self) -> str:
        """A PCRE pattern that is found where the subject is short enough and this pattern is not found in it. Where
        neither is found, the subject is too long or the engine gave up."""
        flags, own = _flags(self.pcre)
        return rf"{flags}\A(?=(?s:.{{0,{self.longest}}})\z)(?!(?s:.*?)(?:{own}))"


def _flags(pcre: str) -> tuple[str, str]:
    return ("(?i)", pcre.removeprefix("(?i)")) if pcre.startswith("(?i)") else ("", pcre)


def _longest(part: Part, shortest: int) -> int:
    """The longest subject that takes no more steps than are allowed. Raises RefusedError."""
    if cost(part.steps, shortest) > MOST_STEPS:
        raise RefusedError(
            f"it may take more than {MOST_STEPS:,} steps for {shortest:,} characters: begin it with ^, let fewer"
            " repetitions meet that take the same characters (such as .* and .*), or write [^/]+ for .*"
        )
    lengths = (LONGEST, *range(LONGEST - _GRAIN, shortest, -_GRAIN))
    return next((length for length in lengths if cost(part.steps, length) <= MOST_STEPS), shortest)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())
