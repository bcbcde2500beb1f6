"""Facts of a pattern's tree: how it may begin, how long and how large it is; and simpler trees of the same texts."""

from __future__ import annotations

from dataclasses import replace

from gen.values.regex_syntax import Chars, Choice, Edge, Node, Repeat, Sequence


def first(nodes: Sequence, follow: int) -> int:
    """With which bytes a text of these nodes, with `follow` behind them, may begin."""
    found = 0
    for node in nodes:
        found |= _first(node)
        if not _passes(node):
            return found
    return found | follow


def _first(node: Node) -> int:
    if isinstance(node, Chars):
        return node.allowed
    if isinstance(node, Edge):
        return node.first
    if isinstance(node, Repeat):
        return _first(node.body)
    found = 0
    for branch in node.branches:
        found |= first(branch, 0)
    return found


def _passes(node: Node) -> bool:
    """Whether a node may be empty and says nothing of the position."""
    if isinstance(node, Choice):
        return any(all(map(_passes, branch)) for branch in node.branches)
    return isinstance(node, Repeat) and (not node.low or _passes(node.body))


def shortest(node: Node) -> int:
    """The least number of bytes of a match."""
    if isinstance(node, Choice):
        return min(sum(map(shortest, branch)) for branch in node.branches)
    return node.low * shortest(node.body) if isinstance(node, Repeat) else int(isinstance(node, Chars))


def size(node: Node) -> int:
    """The number of parts, with bounded repetitions of groups written out."""
    if isinstance(node, Choice):
        return len(node.branches) + sum(size(each) for branch in node.branches for each in branch)
    if isinstance(node, Repeat) and isinstance(node.body, Choice):
        return size(node.body) * max(node.low, node.high or 1)
    return 1


def simplified(branch: Sequence) -> Sequence:
    """The same texts with fewer ends to try: in `[0-9]+.*` and `.*[0-9]+` one digit is enough."""
    nodes: list[Node] = []
    for node in map(_within, branch):
        while nodes and _is_taken(nodes[-1], node):
            nodes[-1:] = _least(nodes[-1])
        if nodes and _is_taken(node, nodes[-1]):
            nodes.extend(_least(node))
        else:
            nodes.append(node)
    return tuple(nodes)


def _within(node: Node) -> Node:
    if isinstance(node, Repeat) and isinstance(node.body, Choice):
        return replace(node, body=Choice(branches=tuple(map(simplified, node.body.branches))))
    return Choice(branches=tuple(map(simplified, node.branches))) if isinstance(node, Choice) else node


def _is_taken(node: Node, by: Node) -> bool:
    """Whether `by`, which has no bounds, takes all that the other one repeats."""
    return (
        isinstance(node, Repeat)
        and isinstance(node.body, Chars)
        and node.low != node.high
        and isinstance(by, Repeat)
        and isinstance(by.body, Chars)
        and (by.low, by.high) == (0, None)
        and node.body.allowed & ~by.body.allowed == 0
    )


def _least(node: Node) -> tuple[Node, ...]:
    """As often as a repetition has to be there."""
    assert isinstance(node, Repeat)
    return (replace(node, high=node.low),) if node.low else ()


def trimmed(branch: Sequence) -> Sequence:
    """Without `.*` at the start and what may be missing at the end: a search finds the same without."""
    while branch and isinstance(branch[-1], Repeat) and not branch[-1].low:
        branch = branch[:-1]
    while branch and _is_anything(branch[0]):
        branch = branch[1:]
    return branch


def _is_anything(node: Node) -> bool:
    return isinstance(node, Repeat) and not node.low and isinstance(node.body, Chars)
