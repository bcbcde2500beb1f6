"""Labels of one service: those that are read, with their places, and those that stand where they are not read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gen.sources.compose.report import Report
from gen.sources.compose.shapes import as_labels
from gen.sources.compose.tree import Node, Scalar, Sequence, Table, shown
from gen.state import Label

PREFIX = "fairway."
_ELSEWHERE = (
    (
        "deploy",
        "is a label of a swarm service, and not read from a file",
        "for containers write it under labels; of a stack file --stack reads it, of a swarm --swarm",
    ),
    (
        "build",
        "is a label of the image: the engine reads it from the container, a file view does not",
        "write it under labels",
    ),
)
_STACK = (_ELSEWHERE[1],)


def read_labels(node: Node | None, report: Report) -> dict[str, Label]:
    """Labels written as a mapping → labels by key. One that is no text is an error."""
    labels: dict[str, Label] = {}
    for key, entry in node.entries.items() if isinstance(node, Table) else ():
        if isinstance(entry.value, Scalar):
            place = entry.key.place
            labels[key] = Label(
                key=key,
                value=entry.value.value,
                file=place.file,
                line=place.line,
                column=place.column,
                variables=entry.value.variables,
                hollow=entry.value.hollow,
            )
        elif entry.value.tag != "reset":
            report.error(entry.value.place, key, f"the label is {shown(entry.value)}; write one text")
    return labels


def with_stack_labels(labels: tuple[Label, ...], service: Table, report: Report) -> tuple[Label, ...]:
    """The labels under `deploy`, which a swarm's service has, over those of its containers; by key."""
    node = service.section("deploy").find("labels")
    own = read_labels(as_labels(node, report) if node is not None else None, report)
    found = {label.key: label for label in labels} | own
    return tuple(found[key] for key in sorted(found))


def warn_labels_elsewhere(service: Table, own: Collection[str], report: Report, *, is_stack: bool) -> None:
    """Warn where labels that mean a route stand below `deploy` or `build`, which are not read from a file."""
    for section, message, hint in _STACK if is_stack else _ELSEWHERE:
        for key in _keys_of(service.section(section).find("labels")):
            if key.text.startswith(PREFIX) and key.text not in own:
                report.warning(key.place, f"{section}.labels", f"{key.text} under {section} {message}", hint=hint)
                break


def _keys_of(node: Node | None) -> list[Scalar]:
    """The keys of labels written as a mapping or as a list."""
    if isinstance(node, Table):
        return [entry.key for entry in node.entries.values()]
    items = node.items if isinstance(node, Sequence) else ()
    return [replace(item, text=item.text.partition("=")[0]) for item in items if isinstance(item, Scalar)]
