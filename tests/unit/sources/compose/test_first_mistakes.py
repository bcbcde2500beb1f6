"""What people hand over for a compose file the first time, and what they are told."""

from __future__ import annotations

import pytest

from gen.errors import InputError
from tests.unit.sources.compose.project import Project, said

GOOD = "services: {web: {image: x}}"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_file_in_another_encoding_is_told_apart_from_broken_yaml(project: Project, encoding: str) -> None:
    (project.directory / "compose.yaml").write_bytes(GOOD.encode(encoding))
    with pytest.raises(InputError, match="not UTF-8 text: it has zero bytes, as UTF-16 has") as trouble:
        project.read()
    assert trouble.value.hint == "save it as UTF-8"


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, GOOD.replace(" ", "  ") + "\r\n", "# x\r\n" + GOOD])
def test_marks_and_line_ends_of_other_systems_make_no_difference(project: Project, text: str) -> None:
    (project.directory / "compose.yaml").write_bytes(text.encode())
    assert [workload.name for workload in project.read().workloads] == ["web"]


def test_for_a_file_that_is_not_there_those_that_are_there_are_named(project: Project) -> None:
    for name in ("values.yml", "docker-compose.yml"):
        project.write(name, GOOD)
    with pytest.raises(InputError) as trouble:
        project.read("", "compose.yml")
    assert trouble.value.hint == "there is docker-compose.yml, values.yml"
    with pytest.raises(InputError) as trouble:
        project.read("", "below/compose.yml")
    assert trouble.value.hint == f"there is no directory {project.directory / 'below'}"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("service: {web: {image: x}}", "did you mean services instead of service?"),
        ("web: {image: x}", "services stand below the key `services`"),
    ],
)
def test_a_mapping_without_services_is_no_compose_file(project: Project, text: str, hint: str) -> None:
    with pytest.raises(InputError, match=r"compose\.yaml: there are no services in it") as trouble:
        project.read(text)
    assert trouble.value.hint == hint


def test_one_of_several_files_may_be_without_services(project: Project) -> None:
    project.write("one.yaml", GOOD)
    project.write("two.yaml", "networks: {edge: {}}")
    assert [workload.name for workload in project.read("", "one.yaml", "two.yaml").workloads] == ["web"]


@pytest.mark.parametrize("labels", ["{fairway.host: a.test}", "['fairway.host=a.test']"])
def test_labels_for_a_swarm_are_not_left_out_in_silence(project: Project, labels: str) -> None:
    state = project.read(f"services: {{web: {{image: x, deploy: {{labels: {labels}}}}}}}")
    (line,) = said(state)
    assert "deploy.labels: fairway.host under deploy is a label of a swarm service, and not read from a file" in line


def test_others_labels_for_a_swarm_are_nobodys_business(project: Project) -> None:
    assert said(project.read("services: {web: {image: x, deploy: {labels: {team: shop}}}}")) == []
