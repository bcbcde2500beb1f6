"""Problems → SARIF 2.1.0 (OASIS), which code scanning and editors read.

A problem of a file has its place there; one of a running container has its container's name alone, as a logical
location (§3.33). What GitHub would refuse or cut is cut here: many results, long texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from gen.errors import Origin, Problem
from gen.report.rules import fingerprint, rule, rules

VERSION: Final = "2.1.0"
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS: Final = 25_000
"""Of one run; GitHub refuses a log with more."""
LONGEST: Final = 1024
"""Characters of a rule's text, as GitHub takes them, and of a message, as people read them."""
_ROOT: Final = "%SRCROOT%"
Manual = Callable[[str], str]


def sarif(problems: Sequence[Problem], *, fairway: str, manual: Manual, is_whole: bool = True) -> str:
    """A log of one run. `fairway`: the version that ran; `manual`: a rule's page; `is_whole`: it could look at all."""
    by_weight = sorted(problems, key=lambda problem: problem.severity != "error")
    told = problems if len(problems) <= MOST_RESULTS else by_weight[:MOST_RESULTS]
    used = sorted({rule(problem) for problem in told})
    driver = {"name": "Fairway", "semanticVersion": fairway, "rules": [_rule(name, manual) for name in used]}
    left_out = [_left_out(len(problems))] if len(told) < len(problems) else []
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": is_whole, "toolExecutionNotifications": left_out}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory in which fairway ran."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, used.index(rule(problem))) for problem in told],
    }
    return json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, indent=2) + "\n"


def _left_out(number: int) -> dict[str, Any]:
    text = f"{number} problems were found, and {MOST_RESULTS} are here, errors first."
    return {"level": "warning", "message": {"text": text}}


def _rule(name: str, manual: Manual) -> dict[str, Any]:
    text = rules()[name].text
    first = text.partition(". ")[0].removesuffix(".")
    return {
        "id": name,
        "shortDescription": {"text": _cut(f"{name}: {first}.")},
        "fullDescription": {"text": _cut(text)},
        "help": {"text": manual(name)},
    }


def _result(problem: Problem, index: int) -> dict[str, Any]:
    hint = f" ({problem.hint})" if problem.hint else ""
    who = ": ".join(part for part in (problem.origin.workload, problem.origin.key) if part)
    return {
        "ruleId": rule(problem),
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": _message(f"{who}{': ' * bool(who)}{problem.message}{hint}")},
        "locations": _locations(problem.origin),
        "partialFingerprints": {"fairway/v1": fingerprint(problem)},
    }


def _message(text: str) -> str:
    """What a label says is no link (§3.11.6)."""
    short = _cut(text)
    if "](" not in short:
        return short
    return _cut(short.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _locations(at: Origin) -> list[dict[str, Any]]:
    found: dict[str, Any] = {}
    if at.workload:
        found["logicalLocations"] = [{"name": at.workload, "fullyQualifiedName": f"{at.source}/{at.workload}"}]
    if at.file:
        region = {"region": {"startLine": at.line, "startColumn": max(at.column, 1)}} if at.line else {}
        found["physicalLocation"] = {"artifactLocation": _artifact(at.file), **region}
    return [found] if found else []


def _artifact(file: str) -> dict[str, str]:
    """By its path from where the command ran; an absolute one has no such base."""
    path = quote(file.removeprefix("./").encode(errors="surrogateescape"))
    return {"uri": f"file://{path}"} if file.startswith("/") else {"uri": path, "uriBaseId": _ROOT}
