"""Problems as pipelines read them; a label's text stays text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from gen.errors import Origin, Problem
from gen.explain.page import written
from gen.report import github, sarif

PROBLEM = Problem(
    severity="error",
    origin=Origin(source="compose", workload="web", key="fairway.rate_limit.rate", file="a b/c.yml", line=3, column=5),
    message="'often' is not a rate",
    hint="write 10/s",
)
RUNNING = Problem(severity="warning", origin=Origin(source="docker", workload="db"), message="no")


def run(*problems: Problem) -> dict[str, Any]:
    found = json.loads(sarif(problems, fairway="1.2.3", manual=written))
    assert (found["version"], len(found["runs"])) == ("2.1.0", 1)
    return dict(found["runs"][0])


def test_sarif_names_rule_place_and_mark() -> None:
    found = run(PROBLEM, RUNNING)
    first, second = found["results"]
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert (first["level"], first["ruleId"], rules[first["ruleIndex"]]) == ("error", *["rate_limit.rate"] * 2)
    assert first["message"]["text"] == "web: fairway.rate_limit.rate: 'often' is not a rate (write 10/s)"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b/c.yml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 5}
    assert re.fullmatch("[0-9a-f]{32}", first["partialFingerprints"]["fairway/v1"])
    assert (second["level"], list(second["locations"][0])) == ("warning", ["logicalLocations"])
    assert second["locations"][0]["logicalLocations"] == [{"name": "db", "fullyQualifiedName": "docker/db"}]


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    assert run()["results"] == []


def test_an_absolute_path_and_a_file_without_a_line() -> None:
    origin = Origin(source="certificates", file="/etc/tls/a.pem")
    (place,) = run(replace(PROBLEM, origin=origin))["results"][0]["locations"]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "file:///etc/tls/a.pem"}}


def test_a_workflow_command_stands_at_its_line() -> None:
    command = "::error file=a b/c.yml,line=3,col=5,title=fairway rate_limit.rate::"
    assert github([PROBLEM]) == f"{command}{str(PROBLEM).replace('%', '%25')}\n"
    assert github([RUNNING]).startswith("::warning title=fairway workload::db: no")


@pytest.mark.parametrize("text", ["x\n::set-env name=A::b", "x\r::stop-commands::y", "100%0A::error::", "\x1b[2J"])
def test_a_label_writes_no_command_of_its_own(text: str) -> None:
    origin = replace(PROBLEM.origin, workload=text, file=f"a,line=9::{text}")
    found = github([replace(PROBLEM, origin=origin, message=text, hint=text)])
    assert (found.count("\n"), "\r" in found, "\x1b" in found) == (1, False, False)
    properties, _, data = found.removeprefix("::error ").partition("::")
    assert len(properties.split(",")) == 4
    assert "%0A::error::" not in data
