"""What a problem is about, and how it is known again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.errors import InputError, Origin, Problem
from gen.report import compare, fingerprint, rule
from gen.report.rules import rules

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
        ("resolve", "resolve"),
        ("", "workload"),
    ],
)
def test_a_rule_is_the_option_that_a_key_means(key: str, name: str) -> None:
    found = rule(replace(PROBLEM, origin=replace(PROBLEM.origin, key=key)))
    assert found == name
    assert rules()[found].text


def test_what_is_nobodys_is_the_worlds() -> None:
    assert rule(replace(PROBLEM, origin=Origin(source="docker"))) == "world"


def test_a_moved_line_makes_nothing_new_and_another_message_does() -> None:
    moved = replace(PROBLEM, origin=replace(PROBLEM.origin, line=30, column=1))
    assert fingerprint(moved) == fingerprint(PROBLEM)
    for other in (replace(PROBLEM, message="x"), replace(PROBLEM, origin=replace(PROBLEM.origin, workload="x"))):
        assert fingerprint(other) != fingerprint(PROBLEM)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"problems": 1}', '{"problems": [{}]}', '{"problems": [[]]}'])
def test_what_is_no_baseline_is_said(text: str) -> None:
    with pytest.raises(InputError, match=r"old\.json: this is no baseline"):
        compare((PROBLEM,), text, name="old.json")
