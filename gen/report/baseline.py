"""Problems and those that were known → those that are new, and how many are gone.

A baseline is what `fairway check --format json` printed. A problem is known again by what it says and of whom, not by
its line, so that moved lines make nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gen.errors import InputError, Origin, Problem
from gen.report.rules import fingerprint

VERSION: Final = 1
"""Of what `fairway check --format json` prints; what was printed before there were versions reads as this one."""
HINT: Final = "write one by `fairway check --format json`"


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
    except RecursionError:
        raise _none(name, "it is nested too deeply") from None
    except ValueError as error:
        raise _none(name, f"it is no JSON: {error}") from None
    if not isinstance(written, dict):
        raise _none(name, "it is JSON, and no object")
    if "runs" in written:
        raise _none(name, "it is a SARIF log")
    version = written.get("version", VERSION)
    if version != VERSION:
        what = f"{name}: this is a baseline of version {_short(version)}; known here: {VERSION}"
        raise InputError(what, hint="the Fairway that wrote it reads it; or write it anew by `check --format json`")
    listed = written.get("problems")
    if not isinstance(listed, list):
        raise _none(name, "it has no list of problems")
    return [_problem(one, name, number) for number, one in enumerate(listed, 1)]


def _none(name: str, why: str) -> InputError:
    return InputError(f"{name}: this is no baseline: {why}", hint=HINT)


def _short(value: object) -> str:
    """A version that is a number; another file's may be anything."""
    return str(value) if isinstance(value, int) and abs(value) < 10**6 else "that is not a number"


def _problem(found: Any, name: str, number: int) -> Problem:
    origin = found.get("origin") if isinstance(found, dict) else None
    if not isinstance(origin, dict) or not {"severity", "message"} <= found.keys():
        raise _none(name, f"problem {number} of it has no origin, severity and message")
    source, workload, key, file = (str(origin.get(part, "")) for part in ("source", "workload", "key", "file"))
    return Problem(
        severity="error" if found["severity"] == "error" else "warning",
        origin=Origin(source=source, workload=workload, key=key, file=file),
        message=str(found["message"]),
    )
