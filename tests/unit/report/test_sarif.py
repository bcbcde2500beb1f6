"""SARIF as the standard and code scanning take it, whatever the labels are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen.errors import Origin, Problem
from gen.explain.page import written
from gen.report import rule, sarif
from gen.report.rules import rules
from tests.support.sarif import SARIF

PROBLEM = Problem(
    severity="error",
    origin=Origin(source="compose", workload="web", key="fairway.rate_limit.rate", file="a b/c.yml", line=3, column=5),
    message="'often' is not a rate",
    hint="write 10/s",
)
VALIDATOR = jsonschema.Draft202012Validator(SARIF)


def run(*problems: Problem, is_whole: bool = True) -> dict[str, Any]:
    found = json.loads(sarif(problems, fairway="1.2.3", manual=written, is_whole=is_whole))
    VALIDATOR.validate(found)
    (only,) = found["runs"]
    used = [one["id"] for one in only["tool"]["driver"]["rules"]]
    assert all(used[one["ruleIndex"]] == one["ruleId"] for one in only["results"])
    return dict(only)


def path_of(file: str) -> dict[str, str]:
    (result,) = run(replace(PROBLEM, origin=replace(PROBLEM.origin, file=file)))["results"]
    return dict(result["locations"][0]["physicalLocation"]["artifactLocation"])


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_run_that_found_nothing_is_one(is_whole: bool) -> None:
    found = run(is_whole=is_whole)
    assert (found["results"], found["tool"]["driver"]["rules"]) == ([], [])
    assert found["invocations"] == [{"executionSuccessful": is_whole, "toolExecutionNotifications": []}]


def test_every_rule_is_described_and_has_the_page_that_explain_prints() -> None:
    for name, one in rules().items():
        key = name if name in ("compose", "input", "file", "workload", "world", "label") else f"fairway.{name}"
        origin = Origin(source="compose", workload="web", key=key)
        told = run(replace(PROBLEM, origin=origin))["tool"]["driver"]["rules"][0]
        if told["id"] == name:
            assert told["help"]["text"] == written(name)
            assert one.text.startswith(told["fullDescription"]["text"].removesuffix("…"))
            assert told["shortDescription"]["text"].startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("./compose.yml", "compose.yml"),
        ("a b/ü%?#.yml", "a%20b/%C3%BC%25%3F%23.yml"),
        ("c:d.yml", "c%3Ad.yml"),
        ("../up.yml", "../up.yml"),
        ("bad\udcff.yml", "bad%FF.yml"),
    ],
)
def test_a_path_is_relative_and_percent_encoded(file: str, uri: str) -> None:
    assert path_of(file) == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_an_absolute_path_has_no_base() -> None:
    assert path_of("/etc/a b.yml") == {"uri": "file:///etc/a%20b.yml"}


def test_a_mark_stays_when_lines_move_and_changes_with_what_is_said() -> None:
    moved = replace(PROBLEM, origin=replace(PROBLEM.origin, line=90, column=1))
    marks = [
        one["partialFingerprints"]
        for one in run(PROBLEM, moved, replace(PROBLEM, message="'x' is not a rate"))["results"]
    ]
    assert marks[0] == marks[1] != marks[2]


def test_a_label_is_no_link_and_no_more_than_people_read() -> None:
    text = r"a [click](https://evil.test) \[b]" + "x" * 10_000_000
    (result,) = run(replace(PROBLEM, message=text))["results"]
    shown = result["message"]["text"]
    assert r"\[click\](https://evil.test) \\\[b\]" in shown


def test_of_too_many_the_errors_are_told_and_that_there_are_more() -> None:
    warning = replace(PROBLEM, severity="warning")
    few = 5
    found = run(*[warning] * 25_000, *[PROBLEM] * few)
    levels = [one["level"] for one in found["results"]]
    assert (levels.count("error"), len(levels)) == (few, 25_000)
    (note,) = found["invocations"][0]["toolExecutionNotifications"]
    assert "25005 problems were found" in note["message"]["text"]


wild = st.text(max_size=30)


@given(wild, wild, wild, wild, st.integers(0, 3))
def test_any_text_makes_a_valid_log(workload: str, key: str, file: str, message: str, line: int) -> None:
    name = file.replace("\x00", "") if file.strip("./") else ""
    origin = Origin(source="compose", workload=workload, key=f"fairway.{key}", file=name, line=line, column=line)
    problem = Problem(severity="warning", origin=origin, message=message or "x")
    assert rule(problem) in rules()
    run(problem)
