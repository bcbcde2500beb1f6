"""Which files are read, and what the project is called."""

from __future__ import annotations

import pytest

from gen.errors import InputError
from gen.sources.compose import ComposeSource
from tests.unit.sources.compose.project import Project, labels, names, said, workload


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("compose.yaml", "compose.yml", "docker-compose.yml"), ["compose.yaml"]),
        (("docker-compose.yaml", "docker-compose.yml"), ["docker-compose.yaml"]),
        (("compose.yml", "compose.override.yml"), ["compose.override.yml", "compose.yml"]),
        (
            ("docker-compose.yml", "docker-compose.override.yaml"),
            ["docker-compose.override.yaml", "docker-compose.yml"],
        ),
    ],
)
def test_the_usual_names_are_found(project: Project, files: tuple[str, ...], expected: list[str]) -> None:
    for file in files:
        project.write(file, f"services: {{web: {{labels: ['{file}']}}}}")
    assert sorted(labels(project.read())) == expected


def test_files_are_named_by_a_variable_of_the_environment_or_the_env_file(project: Project) -> None:
    project.write("a.yaml", "services: {a: {image: x}}")
    project.write("b.yaml", "services: {b: {image: x}}")
    assert names(project.read(environment={"COMPOSE_FILE": "a.yaml:b.yaml"})) == ["a", "b"]
    project.write(".env", "COMPOSE_FILE=b.yaml\n")
    assert names(project.read()) == ["b"]


def test_a_directory_without_a_compose_file_ends_the_reading(project: Project) -> None:
    with pytest.raises(InputError, match=r"there is no compose file; looked for compose\.yaml, "):
        project.read()


def test_a_named_file_that_is_not_there_ends_the_reading(project: Project) -> None:
    with pytest.raises(InputError, match=r"nope\.yaml: cannot be read: No such file or directory"):
        project.read("", "nope.yaml")


def test_a_file_that_is_not_text_ends_the_reading(project: Project) -> None:
    (project.directory / "compose.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(InputError, match="not UTF-8 text: invalid start byte at byte 3"):
        project.read()
    with pytest.raises(InputError, match="not a regular file"):
        project.read("", ".")


@pytest.mark.parametrize(
    ("argument", "variable", "written", "expected"),
    [
        ("arg", "var", "file", "arg"),
        ("", "var", "file", "var"),
        ("", "", "${NAME:-file}", "file"),
        ("", "", "", "shop"),
        ("", "", "My.Shop_1", "myshop_1"),
        ("", "", "--x", "x"),
    ],
)
def test_the_project_is_named_by_whoever_comes_first(
    project: Project, argument: str, variable: str, written: str, expected: str
) -> None:
    project.write("compose.yaml", f"name: {written}\nservices: {{web: {{image: x}}}}")
    environment = {"COMPOSE_PROJECT_NAME": variable} if variable else {}
    state = ComposeSource((), environment, project=argument, directory=str(project.directory)).read()
    assert workload(state, "web").id == f"{expected}/web"


def test_a_name_without_a_usable_letter_is_a_warning(project: Project) -> None:
    state = project.read("name: ...\nservices: {web: {image: x}}")
    assert workload(state, "web").id == "shop/web"
    assert said(state) == ["warning compose.yaml:1:1: name: '...' is not the name of a project; write for example shop"]
