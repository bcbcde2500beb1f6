"""`.env` and label files → assignments with places, in the syntax that Docker Compose reads.

`KEY=value`, `KEY: value`, `export KEY=value`, comments, 'literal' and "escaped $expanded" values over several lines;
a bare `KEY` takes its value from the environment. A line that cannot be read is a problem and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gen.sources.compose.interpolation import Malformed, Missing, substitute, warn_unset
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


def read_assignments(text: str, file: str, environment: Mapping[str, str], report: Report) -> tuple[Assignment, ...]:
    """The assignments in order; what cannot be read is an error in `report`.

    A value may use variables of `environment` and, second to them, earlier keys.
    """
    text = text.replace("\r\n", "\n")
    known = dict(environment)
    found: list[Assignment] = []
    position = _after_blank(text, 0)
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        place = Place(file=file, line=line, column=position - text.rfind("\n", 0, position))
        assignment, position = _assignment(text, position, place, known, report)
        if assignment is not None:
            found.append(assignment)
            if assignment.key not in environment:
                known[assignment.key] = assignment.value
        position = _after_blank(text, position)
    return tuple(found)


def _assignment(
    text: str, position: int, place: Place, known: Mapping[str, str], report: Report
) -> tuple[Assignment | None, int]:
    """The assignment at `position`, if it is one, and where the next may begin."""
    line_end = _line_end(text, position)
    name = _KEY.match(text, position)
    if name is None:
        report.error(place, "", f"{_cut(text[position:line_end])!r} is not an assignment; write KEY=value")
        return None, line_end
    key = name["key"]
    if not name["sign"]:
        inherited = known.get(key)
        return (None if inherited is None else Assignment(key=key, value=inherited, place=place)), line_end
    try:
        raw, after = _raw_value(text, name.end())
        value = substitute(raw, known, warn_unset(report, place, key))
    except (Malformed, Missing) as error:
        report.error(place, key, str(error))
        return None, line_end
    return Assignment(key=key, value=value, place=place), after


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


def _after_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _cut(text: str) -> str:
    return text if len(text) <= 20 else text[:17] + "..."
