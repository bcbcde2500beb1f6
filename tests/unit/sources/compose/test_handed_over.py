"""Files that a command hands over: streams, stack files, files of variables, another directory; YAML that is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gen.errors import InputError
from gen.sources.compose import ComposeSource
from tests.unit.sources.compose.project import Project, labels, names

GOOD = "services: {web: {image: x, labels: {a: $A}}}"


def source(project: Project, *files: str, environment: dict[str, str] | None = None, **options: Any) -> ComposeSource:
    return ComposeSource(files, environment or {}, directory=str(project.directory), **options)


def test_a_pipe_is_read_once_and_remembered(project: Project) -> None:
    end, begin = os.pipe()
    os.write(begin, b"name: piped\nservices: {web: {image: x}}")
    os.close(begin)
    piped = source(project, f"/dev/fd/{end}")
    first = piped.read()
    assert first.workloads[0].id == "piped/web"
    assert piped.read() == first
    os.close(end)


def test_files_of_variables_come_in_place_of_the_usual_one(project: Project) -> None:
    project.write("compose.yaml", GOOD)
    for name, value in ((".env", "usual"), ("one", "1"), ("two", "2")):
        project.write(name, f"A={value}\n")
    assert labels(source(project).read()) == {"a": "usual"}
    assert labels(source(project, env_files=("one", "two")).read()) == {"a": "2"}
    listed = {"COMPOSE_ENV_FILES": "one"}
    assert labels(source(project, environment=listed).read()) == {"a": "1"}
    assert labels(source(project, environment=listed, env_files=("two",)).read()) == {"a": "2"}
    with pytest.raises(InputError, match="none: there is no such file of variables"):
        source(project, env_files=("none",)).read()


def test_relative_paths_begin_in_the_projects_directory(project: Project) -> None:
    project.write("other/.env", "A=there\n")
    project.write("compose.yaml", GOOD)
    state = source(project, "compose.yaml", project_directory="other").read()
    assert labels(state) == {"a": "there"}
    assert state.workloads[0].id == "other/web"


def test_a_stack_file_has_labels_of_the_service_over_those_of_its_containers(project: Project) -> None:
    project.write("s.yml", "services: {web: {image: x, labels: {a: 1, b: 1}, deploy: {labels: [b=2, c=2]}}}")
    assert labels(source(project, "s.yml", is_stack=True).read()) == {"a": "1", "b": "2", "c": "2"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_override_says_nothing(project: Project, text: str) -> None:
    project.write("o.yaml", text)
    assert names(project.read("services: {web: {image: x}}", "compose.yaml", "o.yaml")) == ["web"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("services: {web: {image: x, labels: {a: *.example.com}}}", "needs quotes, as in '*.example.com'"),
        ("services:\n  web:\n    labels:\n      a: *example\n", "needs quotes, as in '*.example.com'"),
        ("services:\n  web:\n\t  image: x\n", "a tab stands here; YAML is indented with spaces"),
    ],
)
def test_common_slips_of_yaml_are_explained(project: Project, text: str, hint: str) -> None:
    with pytest.raises(InputError) as trouble:
        project.read(text)
    assert hint in trouble.value.hint


def test_settings_say_what_is_wrong_in_them(tmp_path: Path) -> None:
    from gen.entries import entries_of
    from gen.errors import SettingsError

    for text, message in (
        ("proxy: nginx\nproxy: haproxy\n", ":2:1: this setting is given twice, first in line 1"),
        ("templates: ~\n", ":1:12: this setting has no value"),
        ("listeners: [[web=80]]\n", ":1:13: listeners: found a list inside; write a text"),
        ("a: &a {b: c}\n<<: *a\n", ":2:1: << merges mappings"),
    ):
        path = tmp_path / "fairway.yml"
        path.write_text(text)
        with pytest.raises(SettingsError) as trouble:
            entries_of(path)
        assert message in str(trouble.value)
