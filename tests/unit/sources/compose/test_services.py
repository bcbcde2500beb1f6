"""Services → Workloads."""

from __future__ import annotations

import pytest

from gen.errors import InputError
from gen.state import Instance, Label, Workload
from tests.unit.sources.compose.project import Project, labels, names, said, workload


def test_a_service_is_a_workload_with_one_instance(project: Project) -> None:
    state = project.read("services:\n  web:\n    labels: {fairway.host: a.example}\n    scale: 3\n")
    found = workload(state, "web")
    file = str(project.directory / "compose.yaml")
    assert state.source == "compose"
    assert found == Workload(
        id="shop/web",
        name="web",
        kind="compose",
        labels=(Label(key="fairway.host", value="a.example", file=file, line=3, column=14),),
        instances=(Instance(id="shop/web", name="web", addresses=found.instances[0].addresses),),
    )


def test_labels_have_the_value_that_compose_gives_them(project: Project) -> None:
    state = project.read("services: {web: {labels: {a: on, b: 0123, c: 22:22, d: 1.0, e: , f: ~, g: true}}}")
    assert list(labels(state).values()) == ["on", "83", "22:22", "1", "", "", "true"]


def test_labels_in_a_list_are_split_at_the_first_sign(project: Project) -> None:
    state = project.read("services: {web: {labels: [a=b=c, d, 'e= f']}}")
    assert labels(state) == {"a": "b=c", "d": "", "e": " f"}


def test_label_files_stand_below_labels_and_keep_their_places(project: Project) -> None:
    project.write("l1", "# first\na=1\nb=1\n")
    project.write("l2", "b=2\nc=2\n")
    state = project.read("services: {web: {label_file: [l1, l2], labels: {c: own}}}")
    assert labels(state) == {"a": "1", "b": "2", "c": "own"}
    place = workload(state, "web").labels[0]
    assert (place.file, place.line, place.column) == (str(project.directory / "l1"), 2, 1)


def test_labels_of_deploy_and_the_environment_are_not_kept(project: Project) -> None:
    state = project.read("services: {web: {environment: {P: secret}, deploy: {labels: {a: swarm}}}}")
    assert (labels(state), "secret" in repr(state), "swarm" in repr(state)) == ({}, False, False)


@pytest.mark.parametrize(
    ("service", "running"),
    [
        ("{scale: 0}", False),
        ("{deploy: {replicas: 0}}", False),
        ("{scale: '2'}", True),
        ("{deploy: {replicas: 2}}", True),
        ("{deploy: {mode: global}}", True),
    ],
)
def test_no_replicas_means_not_running(project: Project, service: str, running: bool) -> None:
    state = project.read(f"services: {{web: {service}}}")
    assert [instance.running for instance in workload(state, "web").instances] == [running]
    assert said(state) == []


@pytest.mark.parametrize("service", ["{scale: many}", "{deploy: {replicas: -1}}", "{deploy: 3}", "{scale: [1]}"])
def test_a_bad_number_of_replicas_is_ignored_with_a_warning(project: Project, service: str) -> None:
    state = project.read(f"services: {{web: {service}}}")
    assert workload(state, "web").instances[0].running
    assert [p.severity for p in state.problems] == ["warning"]


def test_scale_and_replicas_that_disagree_are_a_warning(project: Project) -> None:
    state = project.read("services: {web: {scale: 0, deploy: {replicas: 2}}}")
    assert not workload(state, "web").instances[0].running
    assert "scale is 0 and deploy.replicas 2; scale is used" in said(state)[0]


SERVICES = "services: {web: {image: x}, a: {profiles: [a]}, ab: {profiles: [a, b], labels: {l: '${NO:?x}'}}}"


@pytest.mark.parametrize(
    ("profiles", "environment", "expected"),
    [
        ("", {}, ["web"]),
        ("a", {}, ["a", "web"]),
        ("", {"COMPOSE_PROFILES": "z, a"}, ["a", "web"]),
        ("b", {"COMPOSE_PROFILES": "a", "NO": "1"}, ["ab", "web"]),
        ("*", {"NO": "1"}, ["a", "ab", "web"]),
    ],
)
def test_services_need_an_active_profile(
    project: Project, profiles: str, environment: dict[str, str], expected: list[str]
) -> None:
    state = project.read(SERVICES, profiles=profiles, environment=environment)
    assert names(state) == expected


def test_inactive_services_are_not_judged(project: Project) -> None:
    assert said(project.read(SERVICES)) == []


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ("[]", "service web is a list; write a mapping"),
        ("", "the service says nothing; it needs an image at least"),
        ("{labels: 5}", "found '5'; write a list or a mapping"),
        ("{labels: {a: [1]}}", "the label is a list; write one text"),
        ("{labels: [{a: b}]}", "found a mapping in the list; write texts"),
        ("{labels: {a: 1, a: 2}}", "key 'a' is given twice, first in line 1"),
        ("{profiles: x}", "found 'x'; write a list"),
        ("{image: x}, web: {image: y}", "key 'web' is given twice, first in line 1"),
        ("{<<: 5, image: x}", "found '5'; << merges mappings"),
    ],
)
def test_one_bad_service_is_left_out_and_the_others_stay(project: Project, service: str, problem: str) -> None:
    state = project.read(f"services: {{api: {{image: x}}, web: {service}}}")
    assert names(state) == ["api"]
    assert [p.message for p in state.problems if p.origin.workload == "web"][:1] == [problem]


def test_a_name_that_dns_cannot_answer_to_is_a_problem(project: Project) -> None:
    state = project.read("services: {'a b': {image: x}, api: {image: x}}")
    assert names(state) == ["api"]
    assert said(state)[0].startswith("error compose.yaml:1:12: a b: 'a b' is not the name of a service")


def test_a_label_file_that_cannot_be_read_takes_out_its_service(project: Project) -> None:
    state = project.read("services: {web: {label_file: nope}, api: {image: x}}")
    assert (names(state), state.problems[0].origin.key) == (["api"], "label_file")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "compose.yaml:1:1: the file must be a mapping; found a list"),
        ("# nothing", "compose.yaml:1:1: the file is empty; a compose file has a mapping of services"),
        ("services: [a]", "compose.yaml:1:11: services must be a mapping; found a list"),
        ("services: 'x", "compose.yaml:1:13: this is not YAML"),
    ],
)
def test_a_file_that_is_no_compose_file_ends_the_reading(project: Project, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        project.read(text)
    assert str(caught.value).removeprefix(f"{project.directory}/").startswith(message)


def test_the_same_files_give_an_equal_state(project: Project) -> None:
    text = "services: {b: {labels: {x: $NO}, networks: [m, n]}, a: {ports: [80, '99999:1']}}\nnetworks: {n: , m: }"
    assert project.read(text) == project.read(text)
