"""Interpolation: a tree with `$VARIABLE` in its values → the tree with their values in place.

The grammar is the compose specification's (https://docs.docker.com/reference/compose-file/interpolation/), where
it leaves room as Docker Compose reads it: `$` before anything but a name, a brace or a dollar is itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gen.sources.compose.report import Report
from gen.sources.compose.tree import Entry, Node, Place, Scalar, Sequence

Unset = Callable[[str], None]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-+?]")
_BRACE = re.compile(r"[{}]")
_PRIVATE = "environment"
_HOLE = "\0"
_HOLLOW = re.compile(r"(?:^|[,=])\s*\x00(\w+)\x00|\x00(\w+)\x00\s*(?:,|$)")
_HASH = re.compile(r"(?<!\$)\$(?:2[abxy]?|1|5|6|y|apr1|argon2\w*)\$(?!\$)")
_MAX_DEPTH = 32
_MAX_LENGTH = 1_000_000


class Malformed(ValueError):
    """A `${` that is not closed or does not hold a variable. `discreet` says so without showing what was found."""

    def __init__(self, reason: str, expression: str = "") -> None:
        super().__init__(f"{expression!r} {reason}" if expression else reason)
        self.discreet = f"an expression {reason}" if expression else reason


class Missing(ValueError):
    """A variable that must be set, by `:?` or `?`, is not."""

    discreet = "a variable that must be set is not"


def substitute(text: str, variables: Mapping[str, str], unset: Unset) -> str:
    """The text with variables in place; `unset` hears the name of each that is not set and has no default.

    Raises Malformed and Missing.
    """
    return _Substitution(variables=variables, unset=unset).run(text, 0)


def hollow(text: str, variables: Mapping[str, str]) -> str:
    """The variable that is empty or not set where an element of a list, or the value behind `KEY=`, begins or ends.
    Empty where there is none, and where an operator such as `:-` says what stands there.

    Raises Malformed and Missing.
    """
    if "$" not in text:
        return ""
    marked = _Substitution(variables=variables, unset=lambda _: None, mark=_HOLE).run(text, 0)
    found = _HOLLOW.search(marked)
    return found[1] or found[2] if found else ""


def interpolate(node: Node, variables: Mapping[str, str], report: Report, key: str = "") -> Node:
    """The tree with all values substituted; keys stay. What fails is an error, an unset variable a warning.

    Faults of the mappings passed are reported on the way, so that they appear for what is used and only for that.
    """
    match node:
        case Scalar():
            return _scalar(node, variables, report, key) if "$" in node.text else node
        case Sequence():
            return replace(node, items=tuple(interpolate(item, variables, report, key) for item in node.items))
    for fault in node.faults:
        report.error(fault.place, _below(key, fault.key), fault.message)
    entries = {
        name: _with_value(entry, interpolate(entry.value, variables, report, _below(key, name)))
        for name, entry in node.entries.items()
    }
    return replace(node, entries=entries)


def warn_unset(report: Report, place: Place, key: str, *, torn: bool = False) -> Unset:
    """What to do about a variable without a value: say so, once per place."""

    def warn(name: str) -> None:
        hint = f"${{{name}:-x}} gives a default"
        if torn:
            hint = "this is a password's hash, torn at its dollar signs: write each $ of it as $$"
        report.warning(place, key, f"variable {name} is not set; an empty text is used", hint=hint)

    return warn


def _scalar(node: Scalar, variables: Mapping[str, str], report: Report, key: str) -> Scalar:
    torn = _HASH.search(node.text) is not None
    substitution = _Substitution(variables=variables, unset=warn_unset(report, node.place, key, torn=torn))
    try:
        text = substitution.run(node.text, 0)
    except Malformed as error:
        message = error.discreet if key.startswith(_PRIVATE) else str(error)
        report.error(node.place, key, message, hint="a dollar sign of the value itself is written $$")
        return node
    except Missing as error:
        report.error(node.place, key, str(error))
        return node
    empty = hollow(node.text, variables) if key.startswith("labels") else ""
    return replace(node, text=text, is_plain=False, variables=tuple(substitution.used), hollow=empty)


def _with_value(entry: Entry, value: Node) -> Entry:
    return entry if value is entry.value else Entry(key=entry.key, value=value)


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key and name else key or name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Substitution:
    """`used`: the variables whose value, be it empty, came into a text, in the order of the text."""

    variables: Mapping[str, str]
    unset: Unset
    mark: str = ""
    """What stands around the name of a variable that is empty; nothing: the name is left out too."""
    used: dict[str, None] = field(default_factory=dict)

    def run(self, text: str, depth: int) -> str:
        if depth > _MAX_DEPTH:
            raise Malformed(f"defaults are nested deeper than {_MAX_DEPTH} levels")
        parts: list[str] = []
        length = position = 0
        while (dollar := text.find("$", position)) >= 0:
            word, after = self._word(text, dollar, depth)
            parts += (text[position:dollar], word)
            length += dollar - position + len(word)
            if length > _MAX_LENGTH:
                raise Malformed(f"the text grows beyond {_MAX_LENGTH} characters")
            position = after
        return "".join((*parts, text[position:]))

    def _word(self, text: str, dollar: int, depth: int) -> tuple[str, int]:
        """What stands for the expression that begins at `dollar`, and where the text goes on."""
        if text.startswith("$", dollar + 1):
            return "$", dollar + 2
        if text.startswith("{", dollar + 1):
            end = _closing(text, dollar + 1)
            return self._braced(text[dollar + 2 : end], depth), end + 1
        if (name := _NAME.match(text, dollar + 1)) is None:
            return "$", dollar + 1
        return self._required(name[0]), name.end()

    def _required(self, name: str) -> str:
        self.used[name] = None
        if name not in self.variables:
            self.unset(name)
        value = self.variables.get(name, "")
        return f"{self.mark}{name}{self.mark}" if self.mark and not value else value

    def _braced(self, body: str, depth: int) -> str:
        name = _NAME.match(body)
        if name is None:
            raise Malformed("does not name a variable; write for example ${NAME}", f"${{{_cut(body)}}}")
        if name.end() == len(body):
            return self._required(body)
        operator = _OPERATOR.match(body, name.end())
        if operator is None:
            raise Malformed("is not a variable; write for example ${NAME:-default}", f"${{{_cut(body)}}}")
        return self._operated(name[0], operator[0], body[operator.end() :], depth=depth)

    def _operated(self, name: str, operator: str, argument: str, *, depth: int) -> str:
        value = self.variables.get(name)
        self.used[name] = None
        if operator.startswith(":") and not value:
            value = None
        match operator[-1]:
            case "+":
                return "" if value is None else self.run(argument, depth + 1)
            case "-":
                return self.run(argument, depth + 1) if value is None else value
        if value is None:
            reason = self.run(argument, depth + 1)
            raise Missing(f"variable {name} must be set" + (f": {reason}" if reason else ""))
        return value


def _closing(text: str, brace: int) -> int:
    """Where the brace at `brace` is closed; braces inside of a default count."""
    depth = 0
    for match in _BRACE.finditer(text, brace):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    raise Malformed("is not closed; write for example ${NAME}", f"${_cut(text[brace:])}")


def _cut(text: str) -> str:
    return text if len(text) <= 20 else text[:17] + "..."
