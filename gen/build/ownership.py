"""Ownership: a workload and one of its routes → the owner of that route, by the setting `owner`.

The name of an owner is a text that people recognise. The names that Fairway gives itself (`operator`, `standalone`)
cannot be obtained through a label: a project of that name becomes `project:operator`.
"""

from __future__ import annotations

import re
from typing import Final

from gen.build.names import identifier
from gen.build.reach import Asker, Reach, is_network
from gen.precedence import OPERATOR
from gen.state import Workload
from gen.values import OwnerRule

STANDALONE: Final = "standalone"
"""The owner of workloads that belong to no project."""
ONE: Final = "one"
"""The single owner of all workloads under `owner=one`."""

_RESERVED: Final = frozenset({OPERATOR, STANDALONE, ONE})
_PROJECT_LABELS: Final = ("com.docker.stack.namespace", "com.docker.compose.project")
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+-]{0,63}")


def owner_of(workload: Workload, route: Asker, reach: Reach, rule: OwnerRule) -> str:
    """The owner of one route of a workload."""
    return known_owner(workload, rule) or _named("network", _network(workload, route, reach.on(workload.engine)))


def known_owner(workload: Workload, rule: OwnerRule) -> str:
    """The owner of all routes of a workload; empty where it depends on the network of each route."""
    if workload.kind == "file":
        return OPERATOR
    if rule.kind == "one":
        return ONE
    if rule.kind == "network":
        return ""
    if rule.kind == "label":
        return _named("label", _label(workload, rule.key))
    return _named("project", project(workload))


def project(workload: Workload) -> str:
    """The compose project or Swarm stack of a workload; empty where it has none."""
    if workload.kind == "compose":
        return workload.id.partition("/")[0]
    return next((text for key in _PROJECT_LABELS if (text := _label(workload, key))), "")


def _label(workload: Workload, key: str) -> str:
    return next((label.value for label in workload.labels if label.key == key), "").strip()


def _network(workload: Workload, route: Asker, reach: Reach) -> str:
    """The network over which the proxy reaches the workload, running or not; empty where there is none in common."""
    found = {address.network for instance in workload.instances for address in instance.addresses if address.network}
    shared = [name for name in found if reach.vantage.networks is None or name in reach.vantage.networks]
    if route.options.network:
        shared = [name for name in shared if is_network(name, route.options.network)]
    return min(shared, key=lambda name: (not is_network(name, reach.preferred), name == "bridge", name), default="")


def _named(kind: str, text: str) -> str:
    """A text that a workload carries as the name of an owner: unlike the reserved ones, printable and short."""
    if not text:
        return STANDALONE
    if text in _RESERVED:
        return f"{kind}:{text}"
    return text if _PLAIN.fullmatch(text) else f"{kind}:{identifier(kind, text, shown=text)}"
