"""Nodes as nginx has to have them: what its locations would do of their own is said instead. Nodes in, nodes out."""

from __future__ import annotations

from gen.proxies.routing import Node, around


def with_twins(found: tuple[Node, ...]) -> tuple[Node, ...]:
    """Every location that ends in a slash gets the exact one without: nginx would answer a 301 of its own there."""
    exact = {node.path for node in found if node.exact}
    written = {node.path: node.choices for node in found if not node.exact}
    twins: list[Node] = []
    for node in found:
        bare = node.path.removesuffix("/") if node.exact else node.path
        ends_in_slash = bool(node.path) and (not node.exact or node.path.endswith("/"))
        if ends_in_slash and bare and bare not in exact:
            exact.add(bare)
            twins.append(Node(path=bare, exact=True, choices=around(bare, written)))
    return tuple(sorted((*found, *twins), key=lambda node: (node.path, node.exact)))
