"""nginx's tokenizer, and the proof that no value changed the structure of a rendered text.

While rendering, each expression stands between two marks. Afterwards the text is read as nginx reads it: every marked
stretch has to be exactly one token, never the name of a directive (but in `map`, `geo` and their like, whose entries
are data), and blocks have to close where they opened. So what is not marked, the structure, is the template's alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gen.errors import TemplateError

OPEN, CLOSE = "\x01", "\x02"
INSERT = "\x03"
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:(?P<comment>\#[^\n]*)|(?P<insert>\x03\d+\x03)|(?P<mark>[;{}])
    |(?P<word>"(?:\\.|[^"\\])*"(?=[ \t\r\n;{)])
    |'(?:\\.|[^'\\])*'(?=[ \t\r\n;{)])
    |(?!["'])(?:\\.|\$\{+|[^ \t\r\n;{\\])+)
    |\Z)""",
    re.DOTALL | re.VERBOSE,
)
_DATA = frozenset({"map", "geo", "split_clients", "types", "match"})
_LONGEST = 4000
_SHORT = 1000
"""So many characters are at most as many bytes as fit."""


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, offset) of words and marks; kinds are `word`, `;`, `{`, `}`, `insert`. Raises TemplateError."""
    at = 0
    for found in _TOKEN.finditer(text):
        if found.start() != at:
            break
        kind, at = found.lastgroup, found.end()
        if kind == "word" or kind == "insert":
            yield kind, found[kind], found.start(kind)
        elif kind == "mark":
            yield found["mark"], found["mark"], at - 1
    if at < len(text):
        raise TemplateError(f"the rendered text is no nginx configuration at {text[at : at + 40]!r}")


def check(marked: str) -> str:
    """The text without marks. Raises TemplateError where an expression is not one token of data, or a block is open."""
    clean, spans = _unmark(marked)
    words: dict[int, int] = {}
    first: set[int] = set()
    names: list[str] = []
    statement: list[str] = []
    for kind, text, at in tokens(clean):
        if kind == "word":
            words[at] = at + len(text)
            if not statement and not (names and names[-1] in _DATA):
                first.add(at)
            statement.append(text)
            if len(text) > _SHORT and len(text.encode()) > _LONGEST + 90:
                raise TemplateError(f"a word of the rendered text is too long for nginx: {text[:40]!r}…")
        elif kind == "insert":
            statement = []
        else:
            _structure(kind, names, statement)
            statement = []
    if names or statement:
        raise TemplateError(f"the rendered text ends inside {(names or statement)[-1]!r}")
    for start, end in spans:
        if words.get(start) != end:
            raise TemplateError(f"an expression is not one whole word: {clean[max(0, start - 30) : end + 30]!r}")
        if start in first:
            raise TemplateError(f"an expression stands where a directive's name belongs: {clean[start:end]!r}")
    return clean


def _structure(kind: str, names: list[str], statement: list[str]) -> None:
    """One of `;`, `{`, `}`: closes a statement, opens a block, closes a block."""
    if kind == "{":
        if not statement:
            raise TemplateError("a block without a name")
        names.append(statement[0])
    elif kind == ";":
        if not statement:
            raise TemplateError("a ; without a directive")
    elif statement or not names:
        raise TemplateError("a } that nothing opened, or a directive without ;")
    else:
        names.pop()


def _unmark(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without marks and where the marked stretches are in it."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for number, part in enumerate(re.split("[\x01\x02]", marked)):
        if number % 2:
            spans.append((at, at + len(part)))
        parts.append(part)
        at += len(part)
    return "".join(parts), spans
