"""`.env` and its syntax."""

from __future__ import annotations

import pytest

from gen.sources.compose.dotenv import read_assignments
from gen.sources.compose.report import Report
from tests.unit.sources.compose.project import Project, labels, said


def values(text: str, environment: dict[str, str] | None = None) -> dict[str, str]:
    report = Report()
    found = {a.key: a.value for a in read_assignments(text, ".env", environment or {}, report)}
    assert report.problems() == ()
    return found


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("K=a b  # comment", "a b"),
        ("K=a#b", "a#b"),
        ("export K=v", "v"),
        ("K: v", "v"),
        ("K = v", "v"),
        ("K=", ""),
        ("K='single $A # x' # c", "single $A # x"),
        (r"K='it\'s'", "it's"),
        (r'K="a\tb\\c\"d \$A"', 'a\tb\\c"d $A'),
        ('K="one\ntwo"', "one\ntwo"),
        ("K=a$$b", "a$b"),
        ("# only\n\n  K=v\r\n", "v"),
    ],
)
def test_a_line_is_read_as_compose_reads_it(line: str, value: str) -> None:
    assert values(line) == {"K": value}


def test_a_value_uses_earlier_keys_below_the_environment() -> None:
    found = values("A=1\nB=1\nC=$A-${B}-${D:-d}\n", {"B": "env"})
    assert found["C"] == "1-env-d"


def test_a_bare_key_comes_from_the_environment() -> None:
    assert values("A\nB\n", {"A": "env"}) == {"A": "env"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("A B=1", ".env:1:1: this line is not an assignment; write KEY=value"),
        ("K='open", ".env:1:1: K: the quote of the value is not closed"),
        ("K=pass${word", ".env:1:1: K: an expression is not closed; write for example ${NAME}"),
        ("K=${X:?gone}", ".env:1:1: K: variable X must be set: gone"),
    ],
)
def test_a_bad_line_is_a_problem_and_the_next_is_read(text: str, problem: str) -> None:
    report = Report()
    found = read_assignments(f"{text}\nNEXT=1\n", ".env", {}, report)
    assert [(a.key, a.place.line) for a in found] == [("NEXT", 2)]
    assert [str(p) for p in report.problems()] == [problem]


def test_doubling_variables_cannot_exhaust_memory() -> None:
    report = Report()
    lines = ["A0=xxxxxxxx", *(f"A{i}=$A{i - 1}$A{i - 1}$A{i - 1}$A{i - 1}" for i in range(1, 40))]
    found = read_assignments("\n".join(lines), ".env", {}, report)
    assert max(len(a.value) for a in found) <= 1_000_000
    assert "grows beyond" in str(report.problems()[0])


def test_the_environment_wins_over_the_file(project: Project) -> None:
    project.write(".env", "A=file\nB=file\n")
    state = project.read("services: {web: {labels: {a: $A, b: $B}}}", environment={"A": "env"})
    assert labels(state) == {"a": "env", "b": "file"}


def test_the_file_is_that_of_the_project_directory(project: Project) -> None:
    project.write("sub/.env", "A=sub\n")
    project.write(".env", "A=top\n")
    project.write("sub/c.yaml", "services: {web: {labels: {a: $A}}}")
    assert labels(project.read("", "sub/c.yaml")) == {"a": "sub"}


def test_a_bad_line_of_the_project_is_reported_with_its_place(project: Project) -> None:
    project.write(".env", "A=1\nnot a line\n")
    state = project.read("services: {web: {image: x}}")
    assert said(state) == ["error .env:2:1: this line is not an assignment; write KEY=value"]
