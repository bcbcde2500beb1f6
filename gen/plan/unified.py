"""Unified: the lines of two files → their unified diff, quick where little of much differs.

Lines that stand once in both files, in the same order, are taken for the same before `difflib` looks at what is between
them (a patience diff): with the lines of ten thousand sites at once it would take seconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

_CONTEXT: Final = 3
_UNENDED: Final = "\\ No newline at end of file\n"


class Edit(NamedTuple):
    """Lines of `before` in whose place come lines of `after`: from the first on, up to the second."""

    start: int
    end: int
    new_start: int
    new_end: int


def unified(before: Sequence[str], after: Sequence[str], *, old: str, new: str) -> str:
    """Lines keep their ends; `old` and `new` are the names of the two. Empty where nothing differs."""
    hunks: list[list[Edit]] = []
    for edit in _edits(before, after):
        if hunks and edit.start - hunks[-1][-1].end <= 2 * _CONTEXT:
            hunks[-1].append(edit)
        else:
            hunks.append([edit])
    lines = [line for hunk in hunks for line in _hunk(before, after, hunk)]
    return "".join((f"--- {old}\n", f"+++ {new}\n", *lines)) if lines else ""


def _edits(before: Sequence[str], after: Sequence[str]) -> Iterator[Edit]:
    """Those between anchors. An anchor is the first line of what is after it."""
    start = new_start = 0
    for end, new_end in (*_anchors(before, after), (len(before), len(after))):
        ours, theirs = before[start:end], after[new_start:new_end]
        if ours != theirs:
            for tag, *those in SequenceMatcher(None, ours, theirs).get_opcodes():
                if tag != "equal":
                    yield Edit(start + those[0], start + those[1], new_start + those[2], new_start + those[3])
        start, new_start = end, new_end


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Where the lines stand that each side has once: the longest row of them in the order of both."""
    once = _once(after)
    pairs = [(place, once[line]) for line, place in _once(before).items() if line in once]
    ends: list[int] = []  # of the rows of each length the smallest last place in `after`
    last: list[int] = []  # and which pair that is
    previous = [-1] * len(pairs)
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place)
        ends[at : at + 1], last[at : at + 1] = [place], [number]
        previous[number] = last[at - 1] if at else -1
    number = last[-1] if last else -1
    found = []
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]


def _once(lines: Sequence[str]) -> dict[str, int]:
    counts = Counter(lines)
    return {line: place for place, line in enumerate(lines) if counts[line] == 1}


def _hunk(before: Sequence[str], after: Sequence[str], edits: Sequence[Edit]) -> Iterator[str]:
    first, last = edits[0], edits[-1]
    above, below = min(_CONTEXT, first.start), min(_CONTEXT, len(before) - last.end)
    old = _range(first.start - above, last.end + below)
    yield f"@@ -{old} +{_range(first.new_start - above, last.new_end + below)} @@\n"
    place = first.start - above
    for edit in edits:
        yield from (f" {_ended(line)}" for line in before[place : edit.start])
        yield from (f"-{_ended(line)}" for line in before[edit.start : edit.end])
        yield from (f"+{_ended(line)}" for line in after[edit.new_start : edit.new_end])
        place = edit.end
    yield from (f" {_ended(line)}" for line in before[place : place + below])


def _ended(line: str) -> str:
    """The last line of a file may have no end, which is told as `diff` tells it."""
    return line if line.endswith("\n") else f"{line}\n{_UNENDED}"


def _range(start: int, end: int) -> str:
    """Lines are counted from one; a side of no lines says the one before it."""
    length = end - start
    return str(start + 1) if length == 1 else f"{start + (length > 0)},{length}"
