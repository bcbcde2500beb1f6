"""HAProxy's tokenizer, and the proof that no value changed the structure of a rendered text.

While rendering, each expression stands between two marks. Afterwards the text is read as HAProxy reads it: every marked
stretch has to be exactly one word, never the keyword of a line, never a word that ends a condition's braces or begins
an option of `acl`, and free of control characters however they are spelled. What is not marked, the structure, is the
template's alone: sections start in column 0, what belongs to them is indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gen.errors import TemplateError

OPEN, CLOSE = "\x01", "\x02"
_SECTIONS = """
    global defaults frontend backend listen userlist cache resolvers peers fcgi-app http-errors ring mailers program
    log-forward log-profile crt-store traces acme
"""
SECTIONS = frozenset(_SECTIONS.split())
MOST_WORDS = 64
_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+)|(?P<end>(?:\#[^\n\x03]*)?\n)|(?P<insert>\x03[0-9]+\x03)
    |(?P<word>(?:[^ \t\n'"\\\#\x03]|'[^'\n]*'|"(?:\\[^\n]|[^"\\\n])*"|\\[^\t\n])+)""",
    re.VERBOSE,
)
_PIECE = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|((?:\\.|[^'"\\])+)""")
_ESCAPE = re.compile(r"""\\(x[0-9A-Fa-f]{2}|[ \\tnr#'"$x])""")
_BYTES = {"t": "\t", "n": "\n", "r": "\r"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FOREIGN = re.compile(r"[\x00\x04-\x08\x0b-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9_.:-]+")
_BEFORE_KEYWORD = frozenset({"no", "default"})


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, offset); kinds are `word`, `end` of a line, `insert`. Raises TemplateError."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise TemplateError(f"the rendered text is no HAProxy configuration at {text[at : at + 40]!r}")
        kind = str(found.lastgroup)
        if kind != "blank":
            yield kind, found[0], at
        at = found.end()


def read(word: str) -> str:
    """What HAProxy takes a word for, quotes and escapes undone; a variable of its environment stays as written."""
    if not any(special in word for special in "'\"\\"):
        return word
    return "".join(_read_piece(found) for found in _PIECE.finditer(word))


def _read_piece(piece: re.Match[str]) -> str:
    single, double, bare = piece.groups()
    if single is not None:
        return str(single)
    return _ESCAPE.sub(lambda found: _byte(found[1], is_bare=double is None), bare if double is None else double)


def _byte(escaped: str, *, is_bare: bool) -> str:
    if escaped == "x":
        raise TemplateError("the rendered text has a \\x without two hexadecimal digits")
    if escaped == "$" and is_bare:
        return "\\$"
    return chr(int(escaped[1:], 16)) if len(escaped) > 1 else _BYTES.get(escaped, escaped)


def _expands(word: str) -> bool:
    """Whether HAProxy would look into its environment for a part of the word."""
    return any(re.search(r"(?<!\\)(?:\\\\)*\$", found[2] or "") for found in _PIECE.finditer(word))


def lines(text: str) -> Iterator[tuple[str, ...]]:
    """The words of each line that has some, as HAProxy takes them. Raises TemplateError."""
    line: list[str] = []
    for kind, word, _ in tokens(text):
        if kind == "word":
            line.append(read(word))
        elif line:
            yield tuple(line)
            line = []
    if line:
        raise TemplateError(f"the last line has no end: {line[0]!r}")


def check(marked: str) -> str:
    """The text without marks. Raises TemplateError where an expression is not one word of data, or a line is none."""
    clean, spans = _unmark(marked)
    if found := _FOREIGN.search(clean):
        raise TemplateError(f"a control character in the rendered text: {clean[max(0, found.start() - 40) :][:60]!r}")
    if clean and not clean.startswith(("\n", "#", "\x03")):
        raise TemplateError(f"a block has to begin on a line of its own, not with {clean[:40]!r}")
    line: list[_Word] = []
    before = ""
    for kind, raw, at in tokens(clean):
        if kind == "word":
            if before == "insert":
                raise TemplateError(f"nothing may stand behind a block on its line: {raw!r}")
            line.append(_Word(read(raw), raw, at, spans.get(at) == at + len(raw)))
            if line[-1].is_expression:
                del spans[at]
        else:
            _check_line(line, clean)
            line = []
        before = kind
    if line:
        raise TemplateError(f"the last line has no end: {line[0].raw!r}")
    for start, end in spans.items():
        raise TemplateError(f"an expression is not one whole word: {clean[max(0, start - 30) : end + 30]!r}")
    return clean


class _Word(NamedTuple):
    value: str
    raw: str
    at: int
    is_expression: bool


def _check_line(line: list[_Word], text: str) -> None:
    """A keyword of the template's, in its place, with words that HAProxy keeps apart."""
    if not line:
        return
    keyword = next((word for word in line if word.value not in _BEFORE_KEYWORD), line[0])
    first = line[0]
    if keyword.is_expression or first.is_expression:
        raise TemplateError(f"an expression stands where a keyword belongs: {keyword.raw!r}")
    if first.value.startswith("."):
        raise TemplateError(f"{first.value!r} would be read before the configuration is")
    is_at_start = text[first.at - 1 : first.at] in ("", "\n")
    if is_at_start != (first.value in SECTIONS):
        raise TemplateError(f"sections start in column 0 and what they hold is indented, unlike {first.value!r}")
    if len(line) > MOST_WORDS:
        raise TemplateError(f"a line of {len(line)} words; HAProxy reads {MOST_WORDS}: {first.value!r}")
    if any(not word.value for word in line):
        raise TemplateError(f"an empty word in a line with {first.value!r}; HAProxy would stop reading there")
    _check_expressions(line)


def _check_expressions(line: list[_Word]) -> None:
    """What a word means beyond its line: a condition's braces and names, the options of `acl`."""
    has_flags = line[0].value == "acl"
    is_condition = is_inside = False
    for value, raw, _, is_expression in line:
        if is_expression:
            bare_condition = is_condition and not is_inside
            if _CONTROL.search(value) or _expands(raw):
                raise TemplateError(f"an expression that HAProxy would expand: {raw!r}")
            if (is_inside and value == "}") or (bare_condition and not _is_name(value)):
                raise TemplateError(f"an expression that would change a condition: {raw!r}")
            if has_flags and value.startswith("-"):
                raise TemplateError(f"an expression that begins an option; write -- before it: {raw!r}")
        elif value.lstrip("!") == "{":
            is_inside = has_flags = True
        elif value in ("}", "--"):
            is_inside, has_flags = is_inside and value != "}", False
        elif value in ("if", "unless") and line[0].value != "acl":
            is_condition = True


def _is_name(value: str) -> bool:
    return _NAME.fullmatch(value) is not None and value != "or"


def _unmark(marked: str) -> tuple[str, dict[int, int]]:
    """The text without marks and where the marked stretches are in it, by their beginnings."""
    parts: list[str] = []
    spans: dict[int, int] = {}
    at = 0
    for number, part in enumerate(re.split("[\x01\x02]", marked)):
        if number % 2:
            if not part:
                raise TemplateError("an expression is not one whole word: it is nothing")
            spans[at] = at + len(part)
        parts.append(part)
        at += len(part)
    return "".join(parts), spans
