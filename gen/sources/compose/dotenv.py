"""`.env` and label files → assignments with places, in the syntax that Docker Compose reads.

`KEY=value`, `KEY: value`, `export KEY=value`, comments, 'literal' and "escaped $expanded" values over several lines;
a bare `KEY` takes its value from the environment. A line that cannot be read is a problem and is passed over; what
stands in it is not shown, as it may be a secret: neither what follows a dollar sign alone, nor, without `=`, a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gen.sources.compose.interpolation import Malformed, Missing, hollow, substitute, warn_unset
from gen.sources.compose.report import Report
from gen.sources.compose.tree import Place

_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_KEY = re.compile(r"(?:export[ \t]+)?(?P<key>[\w.\-\[\]]+)[ \t]*(?P<sign>[=:][ \t]*|(?=\n|#|$))")
_QUOTED = re.compile(r"'(?P<literal>(?:[^'\\]|\\.)*)'|\"(?P<escaped>(?:[^\"\\]|\\.)*)\"", re.DOTALL)
_COMMENT = re.compile(r"[ \t]#.*")
_ESCAPE = re.compile(r"\\([abfnrtv$\"\\])")
_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "$": "$$",
    '"': '"',
    "\\": "\\",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One key with its value, variables already put in."""

    key: str
    value: str
    place: Place
    hollow: str = ""


def read_assignments(text: str, file: str, environment: Mapping[str, str], report: Report) -> tuple[Assignment, ...]:
    """The assignments in order; what cannot be read is an error in `report`.

    A value may use variables of `environment` and, second to them, earlier keys.
    """
    reader = _Reader(text=text.replace("\r\n", "\n"), file=file, environment=environment, report=report)
    return tuple(reader.assignments())


@dataclass(slots=True, kw_only=True)
class _Reader:
    text: str
    file: str
    environment: Mapping[str, str]
    report: Report
    position: int = 0

    def assignments(self) -> Iterator[Assignment]:
        known = dict(self.environment)
        while (place := self._next_place()) is not None:
            found = self._assignment(place, known)
            if found is not None:
                yield found
                if found.key not in self.environment:
                    known[found.key] = found.value

    def _unset(self, variable: str, raw: str, place: Place, key: str) -> None:
        """Say so; without the name where it may be a piece of a password."""
        if f"${{{variable}" in raw and key:
            warn_unset(self.report, place, key)(variable)
            return
        message = "a variable of the value is not set; an empty text is used"
        self.report.warning(place, key, message, hint="a dollar sign of the value itself is written $$")

    def _next_place(self) -> Place | None:
        """Passes blanks and comments; None at the end."""
        if blank := _BLANK.match(self.text, self.position):
            self.position = blank.end()
        if self.position >= len(self.text):
            return None
        line = self.text.count("\n", 0, self.position) + 1
        return Place(file=self.file, line=line, column=self.position - self.text.rfind("\n", 0, self.position))

    def _assignment(self, place: Place, known: Mapping[str, str]) -> Assignment | None:
        start, self.position = self.position, _line_end(self.text, self.position)
        name = _KEY.match(self.text, start)
        if name is None:
            self.report.error(place, "", "this line is not an assignment; write KEY=value")
            return None
        key = name["key"]
        if not name["sign"]:
            return Assignment(key=key, value=known[key], place=place) if key in known else None
        shown = key if name["sign"].startswith("=") else ""
        try:
            raw, self.position = _raw_value(self.text, name.end())
            value = substitute(raw, known, lambda variable: self._unset(variable, raw, place, shown))
            empty = hollow(raw, known)
        except (Malformed, Missing) as error:
            self.report.error(place, shown, error.discreet if isinstance(error, Malformed) or not shown else str(error))
            return None
        return Assignment(key=key, value=value, place=place, hollow=empty)


def _raw_value(text: str, position: int) -> tuple[str, int]:
    """The value as it is substituted next, quotes and escapes resolved, and where its line ends."""
    line_end = _line_end(text, position)
    if text[position : position + 1] not in ("'", '"'):
        return _COMMENT.sub("", text[position:line_end]).strip(), line_end
    quoted = _QUOTED.match(text, position)
    if quoted is None:
        raise Malformed("the quote of the value is not closed")
    after = _line_end(text, quoted.end())
    if quoted["literal"] is not None:
        return quoted["literal"].replace("\\'", "'").replace("$", "$$"), after
    return _ESCAPE.sub(lambda match: _ESCAPES[match[1]], quoted["escaped"]), after


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
