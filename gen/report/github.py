"""Problems → GitHub's workflow commands, which put a note at the line of a change.

A label must not write a command of its own: whatever ends a command, a property or a line is escaped, as the runner
undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from gen.errors import Problem
from gen.report.rules import rule


def github(problems: Sequence[Problem]) -> str:
    """One line for each."""
    return "".join(f"{_command(problem)}\n" for problem in problems)


def _command(problem: Problem) -> str:
    at = problem.origin
    place = {"file": at.file, "line": at.line, "col": at.column} if at.file else {}
    named = {**place, "title": f"fairway {rule(problem)}"}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in named.items() if value)
    return f"::{problem.severity} {written}::{_data(str(problem))}"


def _data(text: str) -> str:
    clean = "".join(c if c.isprintable() or c in "\r\n" else "?" for c in text)
    return clean.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
