"""The claims of a pool and its agreed policies → the origin of each policy and option, so that a message names the
workload that declared it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gen.build.claims import Voice
from gen.errors import Origin
from gen.model import Policy

_OPTIONS: Final = ("balance", "path", "priority", "protocol", "resolve", "root", "tls")
"""The options of a pool, which its oldest claim says."""


def declared_by(
    pool: Sequence[object], heard: Sequence[Voice], policies: Iterable[Policy]
) -> tuple[tuple[str, Origin], ...]:
    """The origin of each policy and option by name; nothing where the pool has a single claim, which declares all."""
    if len(pool) < 2 or not heard:
        return ()
    found = {name: heard[0].route.origin(name) for name in _OPTIONS}
    for policy in policies:
        claim = next((one for one in heard if policy in one.route.policies), None)
        if claim is not None:
            found[policy.name] = claim.route.origin(policy.name)
    return tuple(sorted(found.items(), key=lambda item: item[0]))
