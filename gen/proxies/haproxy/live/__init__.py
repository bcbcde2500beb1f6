"""Live: two bundles and what this HAProxy can do → the runtime API's commands from one to the other, or reasons.

The files are compared as values: haproxy.cfg without its backends (any difference is a reload), each backend without
its servers (the same), servers, entries of maps, certificates and the lists of their names. The digest in
`maps/release.map` is set to nothing valid before the first change and to the new one after the last: whoever comes in
between, or after a Fairway that broke off there, sees that neither configuration is served.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from gen.bundle import Bundle
from gen.proxies.haproxy.live import backends, certificates, maps
from gen.proxies.haproxy.live.change import Change, Phase
from gen.proxies.haproxy.live.sections import defaults, difference
from gen.proxies.live import Command, Leftover, Live

CHANGING = "changing"
"""What stands for the digest during a change."""
MOST_COMMANDS = 3000
"""More than so many take longer than a reload."""
_IGNORED = ("release.json", maps.RELEASE)

__all__ = ["CHANGING", "live"]


def live(
    old: Bundle, new: Bundle, capabilities: frozenset[str] = frozenset(), leftovers: Iterable[Leftover] = ()
) -> Live:
    """How a HAProxy that serves `old`, and still has `leftovers`, gets to `new`."""
    known = {one.name: one for one in leftovers}
    change = Change(capabilities=capabilities, defaults=partial(defaults, new), leftovers=known)
    try:
        backends.compare(difference(old, new), change)
        maps.compare(old, new, change)
        certificates.compare(old, new, change)
    except ValueError as error:
        change.reload(f"the configuration cannot be compared: {error}")
    _compare_others(old, new, change)
    count = sum(map(len, change.commands.values()))
    if count > MOST_COMMANDS:
        change.reload(f"{count} commands would take longer than a reload")
    reasons = tuple(way.what for way in change.ways if way.how == "reload")
    if reasons:
        return Live(ways=tuple(change.ways), reasons=reasons)
    return Live(
        ways=tuple(change.ways),
        begin=Command(line=f"get map {maps.RELEASE} digest", reply=f'value="{old.digest}"'),
        phases=((_digest(CHANGING),), *(tuple(change.commands[phase]) for phase in Phase if change.commands[phase])),
        expectations=tuple(change.expectations),
        end=_digest(new.digest),
        retakes=tuple(change.retakes),
        leaves=tuple(change.leaves),
    )


def _digest(value: str) -> Command:
    return Command(line=f"set map {maps.RELEASE} digest {value}")


def _compare_others(old: Bundle, new: Bundle, change: Change) -> None:
    """Files that are only read when HAProxy starts."""
    before, after = _others(old), _others(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            change.reload(f"{name} differs")


def _others(bundle: Bundle) -> dict[str, bytes]:
    known = (maps.FOLDER, certificates.FOLDER)
    return {
        file.name: file.content
        for file in bundle.files
        if file.name not in (bundle.main, *_IGNORED) and not file.name.startswith(known)
    }
