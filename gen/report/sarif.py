"""Problems → SARIF 2.1.0 (OASIS), which code scanning and editors read.

A problem of a file has its place there; one of a running container has its container's name alone, as a logical
location (§3.33).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from gen.errors import Origin, Problem
from gen.report.rules import fingerprint, rule, rules

VERSION: Final = "2.1.0"
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(problems: Sequence[Problem], *, fairway: str) -> str:
    """A log of one run. `fairway`: the version that ran."""
    used = sorted({rule(problem) for problem in problems})
    driver = {"name": "Fairway", "semanticVersion": fairway, "rules": [_rule(name) for name in used]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, used.index(rule(problem))) for problem in problems],
    }
    return json.dumps({"$schema": SCHEMA, "version": VERSION, "runs": [run]}, indent=2) + "\n"


def _rule(name: str) -> dict[str, Any]:
    text = rules()[name].text
    return {"id": name, "shortDescription": {"text": f"fairway {name}"}, "fullDescription": {"text": text}}


def _result(problem: Problem, index: int) -> dict[str, Any]:
    hint = f" ({problem.hint})" if problem.hint else ""
    who = ": ".join(part for part in (problem.origin.workload, problem.origin.key) if part)
    return {
        "ruleId": rule(problem),
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": f"{who}{': ' * bool(who)}{problem.message}{hint}"},
        "locations": _locations(problem.origin),
        "partialFingerprints": {"fairway/v1": fingerprint(problem)},
    }


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
    if file.startswith("/"):
        return {"uri": f"file://{quote(file)}"}
    return {"uri": quote(file.removeprefix("./")), "uriBaseId": "%SRCROOT%"}
