"""`$VARIABLE` in values."""

from __future__ import annotations

import pytest

from gen.sources.compose.interpolation import Malformed, Missing, substitute
from tests.unit.sources.compose.project import Project, labels, names, said

VARIABLES = {"SET": "value", "EMPTY": "", "A": "a b"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$SET-${SET}", "value-value"),
        ("${NO:-d}|${EMPTY:-d}|${SET:-d}", "d|d|value"),
        ("${NO-d}|${EMPTY-d}|${SET-d}", "d||value"),
        ("${NO:+x}|${EMPTY:+x}|${SET:+x}", "||x"),
        ("${NO+x}|${EMPTY+x}|${SET+x}", "|x|x"),
        ("${SET:?no}|${EMPTY?no}", "value|"),
        ("${NO:-${NO2-${A}}}", "a b"),
        ("${NO:-{}}|${NO:-{a}-x}|${NO-a:-b}", "{}|{a}-x|a:-b"),
        ("$$SET|$${SET}", "$SET|${SET}"),
        ("$ 5 $5 ^(.*)$", "$ 5 $5 ^(.*)$"),
    ],
)
def test_a_variable_is_written_as_compose_reads_it(text: str, result: str) -> None:
    unset: list[str] = []
    assert substitute(text, VARIABLES, unset.append) == result
    assert unset == []


@pytest.mark.parametrize("text", ["${A", "${}", "${A b}", "${é}", "${A:-${B}", "${1}"])
def test_a_malformed_expression_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        substitute(text, VARIABLES, lambda name: None)


def test_a_default_that_is_not_used_is_not_judged() -> None:
    assert substitute("${SET:-${NO:?never}}", VARIABLES, lambda name: None) == "value"


def test_the_reason_of_a_missing_variable_is_substituted_too() -> None:
    with pytest.raises(Missing, match="variable NO must be set: see a b"):
        substitute("${NO:?see $A}", VARIABLES, lambda name: None)


def test_deeply_nested_defaults_are_refused() -> None:
    with pytest.raises(Malformed, match="nested deeper"):
        substitute("${N:-" * 5000 + "}" * 5000, VARIABLES, lambda name: None)


def test_an_unset_variable_is_a_warning_and_an_empty_text(project: Project) -> None:
    state = project.read("services: {web: {image: x, labels: {a: '[$NO]'}}}\n")
    assert labels(state) == {"a": "[]"}
    what = "variable NO is not set; an empty text is used (${NO:-x} gives a default)"
    assert said(state) == [f"warning compose.yaml:1:40: web: labels.a: {what}"]


def test_a_missing_variable_takes_out_its_own_service_only(project: Project) -> None:
    state = project.read("services: {web: {image: '${NO:?set it}'}, api: {image: x}}\n")
    assert names(state) == ["api"]
    assert said(state) == ["error compose.yaml:1:25: web: image: variable NO must be set: set it"]


def test_a_malformed_expression_takes_out_its_own_service_only(project: Project) -> None:
    state = project.read("services: {web: {labels: {a: '${NO'}}, api: {image: x}}\n")
    assert names(state) == ["api"]
    assert said(state)[0].startswith("error compose.yaml:1:30: web: labels.a: '${NO' is not closed")


def test_a_malformed_value_of_the_environment_is_not_shown(project: Project) -> None:
    state = project.read("services: {web: {environment: {P: 'pass${word'}}}\n")
    assert "word" not in said(state)[0]
    assert "web: environment.P: an expression is not closed" in said(state)[0]


def test_keys_are_not_substituted(project: Project) -> None:
    state = project.read("services: {web: {labels: {$A: 1}}}\n", environment={"A": "b"})
    assert labels(state) == {"$A": "1"}


def test_the_name_of_the_project_is_a_variable(project: Project) -> None:
    state = project.read("name: other\nservices: {web: {labels: ['p=$COMPOSE_PROJECT_NAME']}}\n")
    assert labels(state) == {"p": "other"}
