"""Where a label is really written: `§` in a text stands before what a place has to point to, and is not written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.errors import InputError
from tests.unit.sources.compose.project import Project, workload

LABEL = "fairway.weight"


def written(project: Project, name: str, text: str, *, newline: str = "\n") -> tuple[str, int, int]:
    """Writes the text and says where its mark was."""
    before, _, after = text.partition("§")
    path = project.write(name, "")
    path.write_bytes((before + after).replace("\n", newline).encode())
    return str(path), before.count("\n") + 1, len(before) - before.rfind("\n")


def place_of_label(project: Project, *files: str, service: str = "web") -> tuple[str, int, int]:
    (found,) = [label for label in workload(project.read("", *files), service).labels if label.key == LABEL]
    return found.file, found.line, found.column


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web:\n    labels:\n      a: b\n      §fairway.weight: x\n",
        "services:\n  web:\n    labels:\n      -   §fairway.weight=x\n",
        'services:\n  web:\n    labels:\n      - §"fairway.weight=x"\n',
        'services: {web: {labels: {"ключ": "ä💥", §fairway.weight: x}}}\n',
        "services:\n  web:\n    labels:\n      §fairway.weight:\t\tx\t# tab\n",
        "services:\n  web:\n    labels:\n      a: |\n        one\n\n        two\n      §fairway.weight: >\n        x\n",
        'services:\n  web:\n    labels:\n      a: "one\n\n        two"\n      §fairway.weight: x\n',
        'services:\n  web:\n    labels:\n      a: "\u2028\u2029\x85"\n      §fairway.weight: x\n',
        "services:\n  web:\n    labels:\n      ? §fairway.weight\n      : x\n",
        "x-w: &w 3\nservices:\n  web:\n    labels:\n      §fairway.weight: *w\n",
        "x-l: &l\n  §fairway.weight: x\nservices:\n  web:\n    labels:\n      <<: *l\n      a: b\n",
        "x-l: &l {fairway.weight: y}\nservices:\n  web:\n    labels:\n      §fairway.weight: x\n      <<: *l\n",
        "x-l: &l {a: b}\nx-m: &m {§fairway.weight: y}\nservices: {web: {labels: {<<: [*l, *m]}}}\n",
        "x-s: &s\n  labels: [§fairway.weight=x]\nservices:\n  web:\n    <<: *s\n    image: x\n",
        "services:\n  web: {extends: base}\n  base:\n    labels:\n      §fairway.weight: x\n",
        "services:\n  web: {profiles: [on], labels: {§fairway.weight: x}}\n",
        "services:\n  web:\n    labels:\n      §fairway.weight: ${W:-x}\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_label_has_the_place_where_it_is_written(project: Project, text: str, newline: str) -> None:
    place = written(project, "compose.yaml", text, newline=newline)
    (found,) = [label for label in workload(project.read(profiles="on"), "web").labels if label.key == LABEL]
    assert (found.file, found.line, found.column) == place


def test_a_label_of_another_file_has_its_place_there(project: Project) -> None:
    place = written(project, "common.yaml", "services: {base: {labels: {§fairway.weight: x}}}")
    project.write("sites/web.yaml", "services: {web: {extends: {file: ../common.yaml, service: base}}}")
    project.write("compose.yaml", "include: [sites/web.yaml]")
    assert place_of_label(project) == place


def test_of_several_files_the_one_that_counts_has_the_place(project: Project) -> None:
    first = written(project, "a.yaml", "services: {web: {labels: {§fairway.weight: x}}, db: {image: x}}")
    other = written(project, "b.yaml", "services:\n  web:\n    labels: [a=b]\n  db: {labels: [§fairway.weight=y]}")
    assert place_of_label(project, "a.yaml", "b.yaml") == first
    assert place_of_label(project, "a.yaml", "b.yaml", service="db") == other
    over = written(project, "b.yaml", "services:\n  web:\n    labels: [§fairway.weight=y]\n")
    assert place_of_label(project, "a.yaml", "b.yaml") == over


def test_a_label_of_a_label_file_has_its_place_there(project: Project) -> None:
    place = written(project, "web.labels", "# é\na='1\n2'\n  §fairway.weight=x\n", newline="\r\n")
    project.write("compose.yaml", "services: {web: {label_file: [sites/../web.labels]}}")
    project.write("sites/empty", "")
    assert place_of_label(project) == place


def test_a_symlink_is_not_made_shorter_into_another_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "far" / "sites").mkdir(parents=True)
    (tmp_path / "far" / "common.yaml").write_text("services: {base: {labels: {fairway.weight: far}}}")
    (project.directory / "sites").symlink_to(tmp_path / "far" / "sites")
    project.write("common.yaml", "services: {base: {labels: {fairway.weight: near}}}")
    project.write("compose.yaml", "services: {web: {extends: {file: sites/../common.yaml, service: base}}}")
    (label,) = workload(project.read(), "web").labels
    assert label.value == "far"


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web:\n    labels:\n      fairway.weight: §${MISSING}\n",
        'services:\n  web:\n    labels:\n      "é": §"${A:-${MISSING}}"\n',
        "services:\n  web:\n    labels:\n      - §fairway.weight=${MISSING?}\n",
        "services:\n  web:\n    labels:\n      fairway.weight: §[a, b]\n",
        "services:\n  web:\n    labels:\n      a: '\u2028'\n      §a: b\n",
        "services:\n  web: {deploy: {labels: {a: b, §fairway.weight: x}}}\n",
        "services:\n  web:\n    deploy:\n      labels:\n      - §fairway.weight=x\n",
    ],
)
def test_a_problem_of_a_file_has_the_place_of_the_key_or_the_value(project: Project, text: str) -> None:
    place = written(project, "compose.yaml", text)
    (problem,) = project.read().problems
    assert (problem.origin.file, problem.origin.line, problem.origin.column) == place


def test_labels_of_deploy_that_the_service_has_too_are_no_problem(project: Project) -> None:
    state = project.read("services: {web: {labels: {fairway.host: a}, deploy: {labels: {fairway.host: a, b: c}}}}")
    assert state.problems == ()


@pytest.mark.parametrize("text", ["a: '\u2028'\nb: §]\n", "services:\n  web:\n    labels: §*none\n"])
def test_what_cannot_be_read_is_an_error_with_its_place(project: Project, text: str) -> None:
    place = written(project, "compose.yaml", text)
    with pytest.raises(InputError) as raised:
        project.read()
    problem = raised.value.problem
    assert (problem.origin.file, problem.origin.line, problem.origin.column) == place
    hint = f" ({raised.value.hint})" if raised.value.hint else ""
    assert str(problem) == f"{raised.value}{hint}"
