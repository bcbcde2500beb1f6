"""A part of the networks: Networks → those instances in which a word occurs, as many as one can look at.

A picture of ten thousand instances is large, takes seconds to draw, and shows nobody anything.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from gen.picture.links import Networks


def part(found: Networks, word: str, most: int) -> tuple[Networks, int]:
    """Those instances, `most` at most, with their networks; how many were left out of those in which the word occurs.

    Who is not reached comes first. Without a word the networks on which nobody is are there too, `most` at most.
    """
    told = _told(found)
    wanted = word.lower()
    unreached = {one.instance for one in found.unreached}
    matching = sorted(
        (name for name, words in told.items() if not wanted or wanted in "\n".join(words).lower()),
        key=lambda name: (name not in unreached, name),
    )
    shown = frozenset(matching[:most])
    segments = (
        replace(one, members=tuple(member for member in one.members if member.instance in shown))
        for one in found.segments
    )
    kept = [one for one in segments if one.members]
    empty = [one for one in found.segments if not one.members and wanted in one.name.lower()]
    return replace(
        found,
        segments=tuple(sorted((*kept, *empty[:most]), key=lambda one: one.name)),
        links=tuple(link for link in found.links if (link.instance or link.server) in shown),
        unreached=tuple(one for one in found.unreached if one.instance in shown),
    ), len(matching) - len(shown)


def _told(found: Networks) -> dict[str, list[str]]:
    """Every instance with the words that are said of it."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for segment in found.segments:
        for member in segment.members:
            told[member.instance] += [member.instance, member.workload, member.host, segment.name]
    for link in found.links:
        told[link.instance or link.server] += [link.instance, link.network, link.server, link.route]
    for one in found.unreached:
        told[one.instance] += [one.instance, one.workload, *one.networks, one.reason]
    return told
