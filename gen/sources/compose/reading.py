"""YAML text → trees with places: the first step of the compose source.

The tree is composed from the events of PyYAML (of libyaml where it is built in), without recursion and without
YAML 1.1 typing. What cannot be understood as a whole raises InputError: broken syntax, aliases that contain
themselves, and text made to exhaust memory or stack. A key given twice is kept as a fault of its mapping.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from gen.entries import yaml_fault, yaml_hint
from gen.errors import InputError, Origin
from gen.sources.compose.scalars import value_text
from gen.sources.compose.tree import SECTIONS, Entry, Fault, Node, Place, Scalar, Sequence, Table, Tag, shown

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 64
_MAX_NODES = 1_000_000
_QUOTE = "a value that begins with * needs quotes, as in '*.example.com'"
_LINE_END = re.compile(r"\r\n|\r|\n")
_TAGS: dict[str, Tag] = {"!reset": "reset", "!override": "override"}


def read_documents(text: str, file: str) -> tuple[Node, ...]:
    """All documents of one file. `file` names it in places. Raises InputError with file:line:column."""
    lines = _Lines(file=file, starts=(0, *(found.end() for found in _LINE_END.finditer(text))))
    try:
        return tuple(_Composer(lines=lines).documents(yaml.parse(text, Loader=_LOADER)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = yaml_hint(error, text)
        raise _refusal(lines.place(mark) if mark else Place(file=file), yaml_fault(error), hint) from error
    except yaml.YAMLError as error:
        raise _refusal(Place(file=file), yaml_fault(error)) from error


def _refusal(place: Place, what: str, hint: str = "") -> InputError:
    origin = Origin(source="input", file=place.file, line=place.line, column=place.column)
    return InputError(f"{place}: {what}", hint=hint, origin=origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Where lines begin as editors count them: YAML ends lines at more characters, such as U+2028."""

    file: str
    starts: tuple[int, ...]

    def place(self, mark: Any) -> Place:
        line = bisect_right(self.starts, mark.index)
        return Place(file=self.file, line=line, column=mark.index - self.starts[line - 1] + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A finished node; `weight` nodes and `height` levels when all aliases are written out."""

    node: Node
    weight: int = 1
    height: int = 1


@dataclass(slots=True, kw_only=True)
class _Open:
    """A collection whose end has not come yet."""

    is_table: bool
    place: Place
    tag: Tag
    anchor: str | None
    parts: list[_Part] = field(default_factory=list)
    weight: int = 1


@dataclass(slots=True, kw_only=True)
class _Composer:
    lines: _Lines
    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, _Part | None] = field(default_factory=dict)

    def documents(self, events: Iterable[Any]) -> Iterator[Node]:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors.clear()
            part = self._part(event)
            if part is None:
                continue
            if self.open:
                self._add(part)
            else:
                yield part.node

    def _part(self, event: Any) -> _Part | None:
        """The node that this event finishes, if it finishes one."""
        match event:
            case yaml.AliasEvent():
                return self._aliased(event)
            case yaml.ScalarEvent():
                part = _Part(node=self._scalar(event))
                return self._anchored(event.anchor, part)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                return self._end()
        return None

    def _scalar(self, event: Any) -> Scalar:
        return Scalar(
            text=event.value, place=self._place(event), tag=_TAGS.get(event.tag, ""), is_plain=event.implicit[0]
        )

    def _begin(self, event: Any) -> None:
        if event.anchor:
            self.anchors[event.anchor] = None
        is_table = isinstance(event, yaml.MappingStartEvent)
        place, tag = self._place(event), _TAGS.get(event.tag, "")
        self.open.append(_Open(is_table=is_table, place=place, tag=tag, anchor=event.anchor))
        if len(self.open) > _MAX_DEPTH:
            raise self._refusal(place, f"nested deeper than {_MAX_DEPTH} levels")

    def _end(self) -> _Part:
        ended = self.open.pop()
        height = 1 + max((part.height for part in ended.parts), default=0)
        if height > _MAX_DEPTH:
            raise self._refusal(ended.place, f"nested deeper than {_MAX_DEPTH} levels once aliases are followed")
        nodes = [part.node for part in ended.parts]
        node = _table(ended, nodes) if ended.is_table else _sequence(ended, nodes)
        return self._anchored(ended.anchor, _Part(node=node, weight=ended.weight, height=height))

    def _add(self, part: _Part) -> None:
        parent = self.open[-1]
        parent.parts.append(part)
        parent.weight += part.weight
        if parent.weight > _MAX_NODES:
            raise self._refusal(parent.place, f"more than {_MAX_NODES} values once aliases are followed")

    def _anchored(self, anchor: str | None, part: _Part) -> _Part:
        if anchor:
            self.anchors[anchor] = part
        return part

    def _aliased(self, event: Any) -> _Part:
        if event.anchor not in self.anchors:
            what = f"{self._alias(event)} has no anchor{self._anchor(event)} before it: no usable compose file"
            raise _refusal(self._place(event), what, _QUOTE)
        part = self.anchors[event.anchor]
        if part is None:
            raise self._refusal(self._place(event), f"{self._alias(event)} is inside of what it stands for")
        return part

    def _alias(self, event: Any) -> str:
        """An alias, by its name where the file is known to be a compose file by now."""
        return f"alias *{event.anchor}" if self._is_compose_file() else "an alias"

    def _anchor(self, event: Any) -> str:
        return f" &{event.anchor}" if self._is_compose_file() else ""

    def _is_compose_file(self) -> bool:
        parts = self.open[0].parts if self.open else ()
        return any(isinstance(part.node, Scalar) and part.node.text in SECTIONS for part in parts)

    def _place(self, event: Any) -> Place:
        return self.lines.place(event.start_mark)

    def _refusal(self, place: Place, what: str) -> InputError:
        return _refusal(place, f"{what}; this is not a usable compose file")


def _sequence(ended: _Open, nodes: list[Node]) -> Sequence:
    return Sequence(items=tuple(map(_valued, nodes)), place=ended.place, tag=ended.tag)


def _table(ended: _Open, nodes: list[Node]) -> Table:
    entries: dict[str, Entry] = {}
    faults: list[Fault] = []
    merged: list[Node] = []
    for key, value in zip(nodes[::2], nodes[1::2], strict=True):
        if not isinstance(key, Scalar):
            faults.append(Fault(place=key.place, key="", message=f"found {shown(key)} as a key; a key is text"))
        elif key.is_plain and key.text == "<<":
            merged.append(value)
        else:
            if (first := entries.get(key.text)) is not None:
                faults.append(_repeated(key, first.key))
            entries[key.text] = Entry(key=key, value=_valued(value))
    for value in merged:
        faults.extend(_merge_key(entries, value))
    return Table(entries=entries, place=ended.place, tag=ended.tag, faults=tuple(faults))


def _valued(node: Node) -> Node:
    """A plain scalar with the text of its value."""
    if not isinstance(node, Scalar) or not node.is_plain or (text := value_text(node.text)) == node.text:
        return node
    return replace(node, text=text)


def _repeated(key: Scalar, first: Scalar) -> Fault:
    line = first.place.line
    return Fault(place=key.place, key=key.text, message=f"key {key.text!r} is given twice, first in line {line}")


def _merge_key(entries: dict[str, Entry], value: Node) -> Iterator[Fault]:
    """Adds what `<<` brings: own keys win, then the earlier of several (https://yaml.org/type/merge.html)."""
    for source in value.items if isinstance(value, Sequence) else (value,):
        if isinstance(source, Table):
            for key, entry in source.entries.items():
                entries.setdefault(key, entry)
            yield from source.faults
        else:
            yield Fault(place=source.place, key="<<", message=f"found {shown(source)}; << merges mappings")
