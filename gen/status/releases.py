"""Entry → what a page tells of a release: how it went, its times, its changes, and the difference of its files.

A difference is worked out when somebody asks for it. No secret is in it: files that hold some are left out, and of
lines what lets somebody in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gen.apply import Applied, RolledBack
from gen.bundle import Bundle
from gen.picture.chart import Mood
from gen.plan import Change, differences
from gen.sources.redaction import redacted_value
from gen.status.board import Entry

MOST_LINES: Final = 1500
_LONGEST_LINE: Final = 500
_WORDS: Final = {"+": "new", "-": "gone", "~": "changed"}
_KINDS: Final = {"+": "add", "-": "gone", "~": "at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    kind: str
    sign: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`reason`: why it is not served; `reasons`: why it was no live change. `times`: each with its name."""

    key: str
    at: float
    digest: str
    how: str
    mood: Mood
    summary: str
    total: str
    why: str
    times: tuple[tuple[str, str], ...]
    reason: str
    reasons: tuple[str, ...]
    repaired: str
    changes: tuple[ChangeLine, ...]
    more: int
    exposures: tuple[str, ...]
    more_exposures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Lines with what they are: `add`, `gone`, `file`, `at` or nothing. `why` there are none."""

    lines: tuple[tuple[str, str], ...] = ()
    more: int = 0
    why: str = ""


def release(entry: Entry) -> Release:
    """All but the files."""
    outcome = entry.outcome
    applied = outcome if isinstance(outcome, Applied) else None
    times = [("event to confirmed", entry.waited)] if applied else []
    times += [("whole pass", entry.seconds)]
    times += [("check", applied.check_seconds), ("confirm", applied.confirm_seconds)] if applied else []
    return Release(
        key=entry.key,
        at=entry.at,
        digest=entry.digest,
        how=applied.how if applied else "rolled back" if isinstance(outcome, RolledBack) else "refused",
        mood="good" if applied else "bad",
        summary=_summary(entry),
        total=_seconds(entry.waited if applied else entry.seconds),
        why=entry.why,
        times=tuple((name, _seconds(seconds)) for name, seconds in times),
        reason=getattr(outcome, "reason", ""),
        reasons=applied.reasons[:5] if applied else (),
        repaired=applied.repaired if applied else "",
        changes=tuple(map(_line, entry.changes)),
        more=entry.more,
        exposures=tuple(map(str, entry.exposures)),
        more_exposures=entry.more_exposures,
    )


def _line(change: Change) -> ChangeLine:
    return ChangeLine(kind=_KINDS.get(change.sign, ""), sign=change.sign, what=change.what, detail=change.detail)


def _summary(entry: Entry) -> str:
    """The change where it is one, the number of each kind where there are more."""
    if len(entry.changes) == 1:
        return f"{entry.changes[0].sign} {entry.changes[0].what}"
    signs = Counter(change.sign for change in entry.changes)
    told = ", ".join(f"{signs[sign]} {name}" for sign, name in _WORDS.items() if signs[sign])
    if entry.more:
        return f"{told}, and {entry.more} more"
    return told or ("nothing that routes show" if isinstance(entry.outcome, Applied) else "")


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def difference(entry: Entry, files: tuple[Bundle, Bundle] | None) -> Difference:
    """Of its files to those that were served before: `files` is both, see `Board.files`."""
    if files is None:
        why = "it is the first one since the daemon started" if entry.number == 1 else "its files are not kept any more"
        return Difference(why=f"There is no difference to show: {why}.")
    before, after = files
    text = differences({file.name: file.content for file in before.files}, after)
    lines = text.splitlines()
    shown = tuple(_shown(lines[:MOST_LINES]))
    return Difference(lines=shown, more=len(lines) - len(shown), why="" if shown else "No file is another.")


def _shown(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        kind = "file" if line.startswith(("--- ", "+++ ")) else "at" if line.startswith("@@") else ""
        text = redacted_value("", line)
        cut = text[:_LONGEST_LINE] + "…" * (len(text) > _LONGEST_LINE)
        yield kind or {"+": "add", "-": "gone"}.get(line[:1], ""), cut
