"""`check` for pipelines: what is new, where, and which exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("without_proxy")
BAD = {"fairway.host": "bad.example", "fairway.rate_limit.rate": "often"}


def test_only_what_is_new_since_a_baseline_fails(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose(bad=BAD)
    before = run("check", "-f", "compose.yml", "--format", "json")
    assert before.code == 1
    (tmp_path / "old.json").write_text(before.out, encoding="utf-8")
    known = run("check", "-f", "compose.yml", "--baseline", "old.json")
    assert (known.code, known.out) == (0, "")
    assert "0 new errors" in known.err and "known before, 0 gone)" in known.err
    compose(other={"fairway.host": "other.example"}, bad=BAD, worse={"fairway.hots": "x"})
    new = run("check", "-f", "compose.yml", "--baseline", "old.json", "--strict")
    assert new.code == 1
    assert "worse" in new.out and "bad: fairway.rate_limit" not in new.out
    compose()
    gone = run("check", "-f", "compose.yml", "--baseline", "old.json", "--format", "json")
    assert (gone.code, json.loads(gone.out)["problems"], json.loads(gone.out)["gone"] > 0) == (0, [], True)


def test_problems_carry_rule_and_place_in_every_format(run: Run, compose: Callable[..., None]) -> None:
    compose(bad=BAD)
    told = {form: run("check", "-f", "compose.yml", "--format", form) for form in ("json", "sarif", "github")}
    assert {ran.code for ran in told.values()} == {1}
    (problem,) = [one for one in json.loads(told["json"].out)["problems"] if one["rule"] == "rate_limit.rate"]
    at = problem["origin"]
    region = {"startLine": at["line"], "startColumn": at["column"]}
    results = json.loads(told["sarif"].out)["runs"][0]["results"]
    places = {one["ruleId"]: one["locations"][0]["physicalLocation"]["region"] for one in results}
    assert places["rate_limit.rate"] == region
    assert f"::error file=compose.yml,line={at['line']},col={at['column']},title=fairway rate" in told["github"].out


def test_a_baseline_that_is_none_is_named(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    assert run("check", "-f", "compose.yml", "--baseline", "none.json").code == 65
    (tmp_path / "old.json").write_text("x", encoding="utf-8")
    found = run("check", "-f", "compose.yml", "--baseline", "old.json")
    assert (found.code, "old.json: this is no baseline" in found.err) == (65, True)


def test_the_rule_of_a_problem_has_a_page(run: Run, compose: Callable[..., None]) -> None:
    compose(bad=BAD, worse={"fairway.hots": "x"})
    problems = json.loads(run("check", "-f", "compose.yml", "--format", "json").out)["problems"]
    for name in {problem["rule"] for problem in problems} | {"workload", "world"}:
        assert run("explain", name).code == 0, name
