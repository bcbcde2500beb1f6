"""What is no baseline is said to be none, instead of being taken for one in which nothing was known."""

from __future__ import annotations

import pytest

from gen.errors import InputError
from gen.report import compare


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON: Expecting value"),
        ("services: {}", "it is no JSON"),
        ("[" * 100_000, "it is nested too deeply"),
        ("[]", "it is JSON, and no object"),
        ("{}", "it has no list of problems"),
        ('{"problems": {}}', "it has no list of problems"),
        ('{"problems": [{}]}', "problem 1 of it has no origin, severity and message"),
        ('{"problems": [[]]}', "problem 1 of it has no origin"),
        ('{"version": "2.1.0", "runs": []}', "it is a SARIF log"),
        ('{"version": 1, "problems": [{"origin": 3, "severity": "error", "message": ""}]}', "problem 1 of it"),
    ],
)
def test_what_is_no_baseline_is_refused_and_why_is_said(text: str, why: str) -> None:
    with pytest.raises(InputError) as raised:
        compare((), text, name="old.json")
    assert f"old.json: this is no baseline: {why}" in str(raised.value)
    assert "check --format json" in raised.value.hint


def test_a_baseline_of_another_version_is_refused() -> None:
    with pytest.raises(InputError, match="of version 2; known here: 1"):
        compare((), '{"version": 2, "problems": []}', name="old.json")


@pytest.mark.parametrize("text", ['{"version": 1, "problems": []}', '{"problems": []}'])
def test_a_baseline_with_nothing_in_it_is_one(text: str) -> None:
    assert compare((), text, name="old.json").known == 0
