"""Two trees → one, as several compose files and `extends` lay one over the other.

Mappings merge key by key, lists are appended, a text replaces; null leaves what was there
(https://docs.docker.com/reference/compose-file/merge/). `!reset` takes away, `!override` replaces instead of merging.
Labels and networks were made mappings before (`shapes`); ports and exposed ports become unique when they are read.
"""

from __future__ import annotations

from dataclasses import replace

from gen.sources.compose.tree import Entry, Node, Scalar, Sequence, Table, empty, is_null

_REPLACED = frozenset({("command",), ("entrypoint",), ("healthcheck", "test")})
"""Lists within a service that are one value."""


def merge_tables(base: Table, over: Table, path: tuple[str, ...] = (), *, keep_tags: bool = False) -> Table:
    """`over` laid over `base`. `path` is where both stand: `("services", "web")`.

    `keep_tags`: what `over` resets or overrides still says so, because it comes to lie over something else as well.
    """
    entries = dict(base.entries)
    for name, entry in over.entries.items():
        below = entries.get(name)
        merged = _merge(below.value if below else None, entry.value, (*path, name), keep_tags=keep_tags)
        if merged is None:
            entries.pop(name, None)
        else:
            key = below.key if below and merged is below.value else entry.key
            entries[name] = Entry(key=key, value=merged)
    return replace(base, entries=entries, faults=base.faults + over.faults)


def _merge(base: Node | None, over: Node, path: tuple[str, ...], *, keep_tags: bool) -> Node | None:
    if over.tag == "reset":
        return over if keep_tags else None
    if base is not None and over.tag != "override":
        if is_null(over):
            return base
        if isinstance(base, Table) and isinstance(over, Table):
            return merge_tables(base, over, path, keep_tags=keep_tags)
        if isinstance(base, Sequence) and isinstance(over, Sequence) and path[2:] not in _REPLACED:
            return replace(over, items=base.items + over.items)
    return over if keep_tags else _settled(over)


def settled(table: Table) -> Table:
    """The mapping as it is when nothing lies below it."""
    return merge_tables(empty(table.place), table)


def _settled(node: Node) -> Node:
    """A tree with nothing below it: tags have done their work. Without tags it is the same tree."""
    if not _is_tagged(node):
        return node
    match node:
        case Table():
            kept = {name: entry for name, entry in node.entries.items() if entry.value.tag != "reset"}
            entries = {name: replace(entry, value=_settled(entry.value)) for name, entry in kept.items()}
            return replace(node, entries=entries, tag="")
        case Sequence():
            return replace(node, items=tuple(_settled(item) for item in node.items if item.tag != "reset"), tag="")
    return replace(node, tag="")


def _is_tagged(node: Node) -> bool:
    if node.tag or isinstance(node, Scalar):
        return node.tag != ""
    children = node.items if isinstance(node, Sequence) else (entry.value for entry in node.entries.values())
    return any(_is_tagged(child) for child in children)
