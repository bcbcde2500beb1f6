"""`include`."""

from __future__ import annotations

import pytest

from gen.errors import InputError
from tests.unit.sources.compose.project import Project, labels, names, said, workload


def test_an_included_file_brings_services_and_networks_with_its_own_env(project: Project) -> None:
    project.write("sub/.env", "V=sub\nW=sub\n")
    project.write("sub/c.yaml", "services: {api: {networks: [n], labels: {v: $V, w: $W}}}\nnetworks: {n: }")
    state = project.read("include: [sub/c.yaml]\nservices: {web: {image: x}}", environment={"W": "env"})
    assert names(state) == ["api", "web"]
    assert labels(state, "api") == {"v": "sub", "w": "env"}
    assert workload(state, "api").instances[0].addresses[0].network == "shop_n"


def test_the_long_form_names_files_directory_and_env_files(project: Project) -> None:
    project.write("sub/a.yaml", "services: {api: {label_file: l.env, labels: {a: $A$B}}}")
    project.write("sub/b.yaml", "services: {api: {labels: {b: 1}}}")
    project.write("elsewhere/l.env", "l=1\n")
    project.write("e1", "A=1\nB=1\n")
    project.write("e2", "B=2\n")
    state = project.read(
        "include: [{path: [sub/a.yaml, sub/b.yaml], project_directory: elsewhere, env_file: [e1, e2]}]"
    )
    assert labels(state, "api") == {"a": "12", "b": "1", "l": "1"}


def test_an_included_service_can_be_extended_and_overridden(project: Project) -> None:
    project.write("inc.yaml", "services: {api: {labels: {a: $$1}}}")
    project.write("compose.override.yaml", "services: {api: {labels: {o: 1}}}")
    state = project.read("include: [inc.yaml]\nservices: {web: {extends: api}}")
    assert (labels(state, "api"), labels(state, "web")) == ({"a": "$1", "o": "1"}, {"a": "$1"})


def test_the_same_name_in_both_is_a_problem_of_that_service(project: Project) -> None:
    project.write("inc.yaml", "services: {web: {image: y}, api: {image: y}}")
    state = project.read("include: [inc.yaml]\nservices: {web: {image: x}}")
    assert names(state) == ["api"]
    assert said(state)[0].startswith("error compose.yaml:2:12: web: services: web is also in the included ")


def test_the_same_file_may_be_included_twice(project: Project) -> None:
    for depth in range(1, 30):
        project.write(f"i{depth}.yaml", f"include: [i{depth - 1}.yaml, i{depth - 1}.yaml]")
    project.write("i0.yaml", "services: {api: {image: x}}")
    state = project.read("include: [i29.yaml]")
    assert (names(state), said(state)) == (["api"], [])


@pytest.mark.parametrize(
    ("include", "message"),
    [
        ("[nope.yaml]", "nope.yaml: cannot be read: No such file or directory"),
        ("[compose.yaml]", "compose.yaml: includes itself"),
        ("nope.yaml", "include: found 'nope.yaml'; write a list of files"),
        ("[[a]]", "include: found a list without a path; write for example ./other.yaml"),
    ],
)
def test_an_include_that_cannot_be_followed_ends_the_reading(project: Project, include: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        project.read(f"include: {include}\nservices: {{web: {{image: x}}}}")
    assert message in str(caught.value)
