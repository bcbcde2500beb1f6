"""A plan → Markdown that fits into a comment of a pull request.

Everything that comes from labels stands in code, so that nobody's label mentions people, draws pictures or ends a
table. A comment has room for 65,536 characters at the hosts that people use; what is left out is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from gen.plan import Plan
from gen.plan.removals import Removal

MOST: Final = 60_000
_ROOM: Final = 14_000
"""Characters for each of exposures, changes, ways and problems; the differences have the rest."""
_CELL: Final = 300
_EXPOSURE: Final = ["", "**Exposure: more clients would reach a server, or an owner would change**", ""]
_SIGNS: Final = {"+": "added", "-": "removed", "~": "changed"}


def markdown(plan: Plan, *, problems: Sequence[str] = (), exceeding: Iterable[Removal] = ()) -> str:
    """A heading, a sentence, exposures, a table of changes, problems, and the differences of files behind a fold."""
    lines = ["### Fairway plan", "", f"{_sentence(plan)}."]
    lines += [f"Release `{plan.digest[:12]}`."] * (not plan.is_empty)
    lines += [line for one in exceeding for line in ("", f"**{one}: `apply` asks for `--allow-removals`.**")]
    lines += _part(_EXPOSURE, (f"- {code(str(one))}" for one in plan.exposures), "- **and {} more**")
    rows = (_row(change.sign, change.what, change.detail) for change in plan.changes)
    lines += _part(["", "| | What | Detail |", "| --- | --- | --- |"], rows, "| | and {} more | |")
    lines += _part([""], (f"- {way.how}: {code(way.what)}" for way in plan.ways), "- and {} more")
    lines += _part(["", "**Problems**", ""], (f"- {code(one)}" for one in problems), "- and {} more")
    text = "\n".join(lines) + "\n"
    return text + (_folded(plan.diff, MOST - len(text)) if plan.diff else "")


def code(text: str) -> str:
    """Text as code within a line, whatever is in it."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    clean = (clean if len(clean) <= _CELL else clean[: _CELL - 3] + "...").replace("|", "\\|")
    ticks = "`" * (_longest_run(clean) + 1)
    pad = " " if clean[:1] in ("`", "") or clean[-1:] == "`" else ""
    return f"{ticks}{pad}{clean}{pad}{ticks}"


def _sentence(plan: Plan) -> str:
    counts = {sign: sum(change.sign == sign for change in plan.changes) for sign in _SIGNS}
    said = ", ".join(f"{number} {_SIGNS[sign]}" for sign, number in counts.items() if number)
    return said or ("Nothing would change" if plan.is_empty else "Files differ, routes do not")


def _row(sign: str, what: str, detail: str) -> str:
    return f"| {sign} | {code(what)} | {code(detail) if detail else ''} |"


def _part(head: list[str], lines: Iterable[str], more: str) -> list[str]:
    """A head with as many lines as there is room for, and how many more there are; nothing where there are none."""
    every = list(lines)
    kept, room = 0, _ROOM
    while kept < len(every) and (room := room - len(every[kept]) - 1) >= 0:
        kept += 1
    rest = [more.format(len(every) - kept)] * (kept < len(every))
    return [*head, *every[:kept], *rest] if every else []


def _folded(diff: str, room: int) -> str:
    """The differences, as far as there is room; the fence is longer than any within."""
    fence = "`" * max(3, _longest_run(diff) + 1)
    clean = "".join(c if c.isprintable() or c == "\n" else "?" for c in diff)
    kept = clean[: max(0, room - 200 - 2 * len(fence))]
    rest = clean[len(kept) :].count("\n")
    note = f"\n[{rest} more lines]" if len(kept) < len(clean) else ""
    inside = f"{fence}diff\n{kept.rstrip()}{note}\n{fence}"
    return f"\n<details><summary>Differences of files</summary>\n\n{inside}\n\n</details>\n"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
