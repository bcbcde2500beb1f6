"""TCP and UDP routes: `fairway.tcp.<name>.<option>` and `fairway.udp.<name>.<option>` → StreamDeclarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gen.dialects import StreamDeclaration, TcpOptions, UdpOptions
from gen.dialects.asked import Asked, Entries, Kind
from gen.errors import Problem
from gen.model import Transport

STREAMS = ("tcp.", "udp.")
"""What stands before the name of such a route."""
TAKEN = ("network", "resolve", "resolve_name")
"""What such a route takes from the workload's default one where it says nothing itself."""
_KINDS: dict[Transport, Kind] = {
    "tcp": Kind(options=TcpOptions, deciding=("listeners", "host", "tls", "certificate"), transport="tcp"),
    "udp": Kind(options=UdpOptions, deciding=("listeners",), transport="udp"),
}


def declared(
    groups: Mapping[str, Entries], default: Mapping[str, Any], problems: list[Problem]
) -> tuple[StreamDeclaration, ...]:
    """The routes by name. `groups`: entries by `tcp.<name>`; `default`: what the workload's default route says. One
    whose conditions cannot be known is left out."""
    found: list[StreamDeclaration] = []
    taken = {name: value for name, value in default.items() if name in TAKEN}
    for group, entries in sorted(groups.items()):
        transport: Transport = "udp" if group.startswith("udp.") else "tcp"
        kind = _KINDS[transport]
        asked = Asked.of(kind, entries, problems)
        if asked.lost:
            continue
        found.append(
            StreamDeclaration(
                name=group.partition(".")[2],
                transport=transport,
                options=kind.options(**(taken | dict(asked.values))),
                policies=asked.policies,
                withheld=asked.withheld,
                origins=tuple(sorted(asked.origins.items())),
            )
        )
    return tuple(found)
