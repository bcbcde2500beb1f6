"""Problems and those that were known → those that are new, and how many are gone.

A baseline is what `fairway check --format json` printed. A problem is known again by what it says and of whom, not by
its line, so that moved lines make nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gen.errors import InputError, Origin, Problem
from gen.report.rules import fingerprint

VERSION: Final = 1
"""Of what `fairway check --format json` prints; what was printed before there were versions reads as this one."""
_HINT = "write one by `fairway check --format json`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """`new` in their order; `known` and `gone` are numbers."""

    new: tuple[Problem, ...]
    known: int = 0
    gone: int = 0


def compare(problems: Sequence[Problem], text: str, *, name: str) -> Baseline:
    """What is new since. `name`: how messages call the text. Raises InputError."""
    before = {fingerprint(problem) for problem in _problems(text, name)}
    now = {fingerprint(problem) for problem in problems}
    new = tuple(problem for problem in problems if fingerprint(problem) not in before)
    return Baseline(new=new, known=len(problems) - len(new), gone=len(before - now))


def _problems(text: str, name: str) -> list[Problem]:
    try:
        written = json.loads(text)
        if written.get("version", VERSION) != VERSION:
            told = f"{name}: this is a baseline of version {written['version']!r}; known here: {VERSION}"
            raise InputError(told, hint=_HINT)
        if not isinstance(written["problems"], list):
            raise TypeError("problems is no list")
        return [_problem(one) for one in written["problems"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{name}: this is no baseline: {error!r}", hint=_HINT) from None


def _problem(found: dict[str, object]) -> Problem:
    origin = found["origin"]
    if not isinstance(origin, dict):
        raise TypeError("origin is no object")
    source, workload, key, file = (str(origin.get(name, "")) for name in ("source", "workload", "key", "file"))
    return Problem(
        severity="error" if found["severity"] == "error" else "warning",
        origin=Origin(source=source, workload=workload, key=key, file=file),
        message=str(found["message"]),
    )
