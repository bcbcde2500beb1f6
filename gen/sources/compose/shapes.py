"""One service as written → the same service in one shape, so that two of them can be merged.

Labels and networks may be lists or mappings: here they become mappings. Paths of label files become paths that
can be opened, because a service that is extended from elsewhere speaks of its own directory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gen.sources.compose.files import below
from gen.sources.compose.report import Report
from gen.sources.compose.tree import Entry, Node, Scalar, Sequence, Table, is_null, shown


def shaped(service: Table, directory: Path, report: Report) -> Table:
    """`directory`: where relative paths of this service begin. What cannot be brought in shape is an error."""
    shapes: dict[str, Callable[[Node], Node]] = {
        "labels": lambda node: as_labels(node, report),
        "networks": lambda node: _as_table(node, "networks", "", report),
        "label_file": lambda node: _as_paths(node, directory, report),
        "profiles": lambda node: _as_texts(node, "profiles", report),
    }
    entries = dict(service.entries)
    for key, shape in shapes.items():
        entry = entries.get(key)
        if entry is not None and entry.value.tag != "reset" and not is_null(entry.value):
            entries[key] = replace(entry, value=shape(entry.value))
    return replace(service, entries=entries)


def as_labels(node: Node, report: Report) -> Node:
    """A label without a value has the empty text, which replaces what an earlier file says."""
    table = _as_table(node, "labels", "=", report)
    entries = {name: replace(entry, value=_label_value(entry.value)) for name, entry in table.entries.items()}
    return replace(table, entries=entries)


def _label_value(node: Node) -> Node:
    return replace(node, text="", is_plain=False) if isinstance(node, Scalar) and node.is_null else node


def _as_table(node: Node, key: str, separator: str, report: Report) -> Table:
    if isinstance(node, Table):
        return node
    if isinstance(node, Sequence):
        entries: dict[str, Entry] = {}
        for item in _texts(node, key, report):
            name, _, value = item.text.partition(separator) if separator else (item.text, "", "")
            entries[name] = Entry(
                key=replace(item, text=name, tag=""), value=replace(item, text=value, tag="", is_plain=True)
            )
        return Table(entries=entries, place=node.place, tag=node.tag)
    report.error(node.place, key, f"found {shown(node)}; write a list or a mapping")
    return Table(entries={}, place=node.place, tag=node.tag)


def _as_texts(node: Node, key: str, report: Report) -> Sequence:
    if isinstance(node, Sequence):
        return replace(node, items=_texts(node, key, report))
    report.error(node.place, key, f"found {shown(node)}; write a list")
    return Sequence(items=(), place=node.place, tag=node.tag)


def _as_paths(node: Node, directory: Path, report: Report) -> Sequence:
    listed = Sequence(items=(replace(node, tag=""),), place=node.place, tag=node.tag)
    paths = _as_texts(listed if isinstance(node, Scalar) else node, "label_file", report)
    texts = (item for item in paths.items if isinstance(item, Scalar))
    return replace(paths, items=tuple(replace(item, text=str(below(directory, item.text))) for item in texts))


def _texts(node: Sequence, key: str, report: Report) -> tuple[Scalar, ...]:
    """The items that are texts; each other one is an error."""
    texts: list[Scalar] = []
    for item in node.items:
        if isinstance(item, Scalar) and not item.is_null:
            texts.append(item)
        else:
            report.error(item.place, key, f"found {shown(item)} in the list; write texts")
    return tuple(texts)
