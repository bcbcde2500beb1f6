"""The YAML of compose files as values: what `reading` makes of text, and what every later step works on.

A quoted scalar keeps its text, a plain one has the text of its value (`scalars`), and every node has its place.
Two nodes are equal when they say the same, wherever they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

Tag = Literal["", "reset", "override"]

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_SHOWN = 40
SECTIONS = frozenset({"services", "include", "networks", "volumes", "secrets", "configs", "models", "name", "version"})
"""The keys of a compose file, by which it is known to be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is written; `line` and `column` count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong inside one mapping without making the file unreadable, such as a key given twice."""

    place: Place
    key: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One text. `is_plain`: written without quotes and without a tag, so that `null` is nothing and `<<` merges.
    `variables`: the names of those that the text was made of; their values are not for messages. `hollow`: the variable
    that was empty where an element of the text begins or ends."""

    text: str
    place: Place = field(compare=False)
    tag: Tag = ""
    is_plain: bool = field(default=False, compare=False)
    variables: tuple[str, ...] = field(default=(), compare=False)
    hollow: str = field(default="", compare=False)

    @property
    def is_null(self) -> bool:
        return self.is_plain and self.text in _NULLS

    @property
    def value(self) -> str:
        """The text, empty for null."""
        return "" if self.is_null else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place = field(compare=False)
    tag: Tag = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a mapping, with the key's own place."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A mapping, in the order of the file, merge keys already followed."""

    entries: Mapping[str, Entry]
    place: Place = field(compare=False)
    tag: Tag = ""
    faults: tuple[Fault, ...] = field(default=(), compare=False)

    def find(self, key: str) -> Node | None:
        """The value under a key; None when it is absent, null or taken away by `!reset`."""
        entry = self.entries.get(key)
        if entry is None or entry.value.tag == "reset" or is_null(entry.value):
            return None
        return entry.value

    def section(self, key: str) -> Table:
        """The mapping under a key, empty when there is none."""
        node = self.find(key)
        return node if isinstance(node, Table) else empty(self.place)

    def without(self, *keys: str) -> Table:
        return replace(self, entries={key: entry for key, entry in self.entries.items() if key not in keys})


Node: TypeAlias = Scalar | Sequence | Table


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def shown(node: Node) -> str:
    """What was found, for messages: `'abc'`, `a list`, `a mapping`, `nothing`."""
    match node:
        case Table():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(is_null=True):
            return "nothing"
        case Scalar(variables=(_, *_)):
            return f"the value of {', '.join(f'${{{name}}}' for name in node.variables)}"
    text = node.text if len(node.text) <= _SHOWN else node.text[: _SHOWN - 3] + "..."
    return repr(text)


def kind(node: Node) -> str:
    """What was found, without its text: for what may be another's file."""
    return "a text" if isinstance(node, Scalar) and not node.is_null else shown(node)


def is_compose_file(document: Node) -> bool:
    """Whether a document has a key of compose files, or no key but extensions (`x-`)."""
    if not isinstance(document, Table):
        return False
    return bool(SECTIONS & document.entries.keys()) or all(key.startswith("x-") for key in document.entries)


def empty(place: Place) -> Table:
    return Table(entries={}, place=place)
