"""`check` for pipelines: what is new, where, and which exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from tests.integration.cli.conftest import Run
from tests.support.sarif import SARIF

pytestmark = pytest.mark.usefixtures("without_proxy")
BAD = {"fairway.host": "bad.example", "fairway.rate_limit.rate": "often"}


def test_only_what_is_new_since_a_baseline_fails(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose(bad=BAD)
    before = run("check", "-f", "compose.yml", "--format", "json")
    assert before.code == 1
    (tmp_path / "old.json").write_text(before.out, encoding="utf-8")
    known = run("check", "-f", "compose.yml", "--baseline", "old.json")
    assert (known.code, known.out) == (0, "")
    assert "0 errors, 0 warnings that old.json does not have; 1 known problem is not shown" in known.err
    assert "gone" not in known.err
    compose(other={"fairway.host": "other.example"}, bad=BAD, worse={"fairway.hots": "x"})
    new = run("check", "-f", "compose.yml", "--baseline", "old.json", "--strict")
    assert new.code == 1
    assert "worse" in new.out and "bad: fairway.rate_limit" not in new.out
    told = json.loads(run("check", "-f", "compose.yml", "--baseline", "old.json", "--format", "json").out)
    assert (told["known"], told["gone"], {one["origin"]["workload"] for one in told["problems"]}) == (1, 0, {"worse"})


def test_a_baseline_says_what_of_it_is_gone(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose(bad=BAD)
    (tmp_path / "old.json").write_text(run("check", "-f", "compose.yml", "--format", "json").out, encoding="utf-8")
    compose()
    gone = run("check", "-f", "compose.yml", "--baseline", "old.json", "--format", "json")
    assert (gone.code, json.loads(gone.out)["problems"], json.loads(gone.out)["gone"]) == (0, [], 1)
    assert (
        "1 problem of it is gone, so write it anew" in run("check", "-f", "compose.yml", "--baseline", "old.json").err
    )


@pytest.mark.parametrize("name", ["compose.yml", "none.yml"])
def test_a_file_that_cannot_be_read_is_told_in_every_format(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "compose.yml").write_text("services:\n  web: [", encoding="utf-8")
    told = {form: run("check", "-f", name, "--format", form) for form in ("text", "json", "sarif", "github")}
    assert {ran.code for ran in told.values()} == {65}
    assert len({ran.err for ran in told.values()}) == 1
    (problem,) = json.loads(told["json"].out)["problems"]
    assert (problem["rule"], problem["origin"]["file"]) == ("input", name)
    log = json.loads(told["sarif"].out)
    jsonschema.validate(log, SARIF)
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert log["runs"][0]["results"][0]["locations"]
    assert told["github"].out.startswith(f"::error file={name}")


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
