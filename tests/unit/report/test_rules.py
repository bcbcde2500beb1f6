"""What a problem is about, and how it is known again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gen.errors import Origin, Problem
from gen.explain.page import page
from gen.report import fingerprint, rule
from gen.report.rules import rules
from tests.support.cases import Case, case_files

UNKNOWN = ("this has no value", "there is no such option", "is not known to this version", "is not a name")
PROBLEM = Problem(
    severity="error",
    origin=Origin(source="compose", workload="web", key="fairway.rate_limit.rate", file="c.yml", line=3, column=5),
    message="'often' is not a rate",
)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("fairway.rate_limit.rate", "rate_limit.rate"),
        ("fairway.rate_limit", "rate_limit"),
        ("fairway.routes.api.rate_limit.rate", "rate_limit.rate"),
        ("fairway.routes.host.path", "path"),
        ("fairway.tcp.db.listeners", "listeners"),
        ("fairway.request_headers.X-Env", "request_headers"),
        ("fairway.hots", "label"),
        ("fairway.routes", "label"),
        ("labels.fairway.host", "host"),
        ("labels", "compose"),
        ("networks.front", "compose"),
        ("resolve", "compose"),
        ("", "workload"),
    ],
)
def test_a_rule_is_the_option_that_a_key_means(key: str, name: str) -> None:
    found = rule(replace(PROBLEM, origin=replace(PROBLEM.origin, key=key)))
    assert found == name
    assert rules()[found].text


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (Origin(source="docker"), "world"),
        (Origin(source="docker", workload="web"), "workload"),
        (Origin(source="engine far", workload="far/web", key="fairway.port"), "port"),
        (Origin(source="settings", key="resolve"), "resolve"),
        (Origin(source="certificates", file="a.pem"), "certificates"),
        (Origin(source="file", file="routes/a.yml"), "file"),
        (Origin(source="file", file="routes/a.yml", workload="a", key="host"), "host"),
        (Origin(source="input", file="compose.yml"), "input"),
        (Origin(source="compose", file="compose.yml", key="include"), "compose"),
    ],
)
def test_what_is_no_labels_is_of_what_found_it(origin: Origin, name: str) -> None:
    assert rule(replace(PROBLEM, origin=origin)) == name
    assert page(name)


def test_a_moved_line_makes_nothing_new_and_another_message_does() -> None:
    moved = replace(PROBLEM, origin=replace(PROBLEM.origin, line=30, column=1))
    assert fingerprint(moved) == fingerprint(PROBLEM)
    for other in (replace(PROBLEM, message="x"), replace(PROBLEM, origin=replace(PROBLEM.origin, workload="x"))):
        assert fingerprint(other) != fingerprint(PROBLEM)


def test_every_rule_has_a_page() -> None:
    assert [name for name in rules() if not page(name)] == []


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_what_labels_of_cases_get_wrong_is_the_rule_of_an_option(path: Path) -> None:
    case = Case.read(path)
    found = [problem for name in ("nginx", "haproxy") for problem in case.model(name).problems]
    for problem in found:
        assert page(rule(problem)), problem
        if problem.origin.key.startswith("fairway.") and not any(why in problem.message for why in UNKNOWN):
            assert rule(problem) != "label", problem
