"""What Docker Compose refuses or reads elsewhere is not passed over in silence."""

from __future__ import annotations

import pytest

from tests.unit.sources.compose.project import Project, names, said, workload


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("services: {web: {image: x, lables: {a: b}}}", "web: lables: 'lables' is not a key of a service"),
        ("services: {web: {image: x, lables: {a: b}}}", "did you mean labels?"),
        ("service: {}\nservices: {web: {image: x}}", "service: 'service' is not a key of a compose file"),
        ("services: {web: {image: x}}\nnetworks: {a: {externl: true}}", "networks.a.externl: 'externl' is not a key"),
        ("services: {web: {image: x, depends_on: [db]}}", "web: depends_on: service 'db' does not exist"),
        ("services: {web: {image: x, deploy: {replicas: -1}}}", "write a number of copies such as 2"),
        (
            "services: {web: {image: x, depends_on: [db]}, db: {image: x, profiles: [p]}}",
            "service 'db' has a profile that is not active",
        ),
        (
            "services: {web: {build: {labels: {fairway.host: a}}}}",
            "web: build.labels: fairway.host under build is a label",
        ),
        ("services: {web: {provider: {type: x}, labels: {fairway.host: a}}}", "a provider runs the service"),
        (
            "services: {web: {image: x}, off: {image: x, profiles: [p], labels: {fairway.host: a}}}",
            "profiles: fairway.host of service off is not read: no profile of the service is active (--profile p",
        ),
    ],
)
def test_what_compose_refuses_or_does_not_read_is_a_warning(project: Project, text: str, problem: str) -> None:
    (line,) = said(project.read(text))
    assert line.startswith("warning ")
    assert problem in line


def test_a_service_without_an_image_is_a_warning(project: Project) -> None:
    project.write("compose.yaml", "services: {web: {expose: [80]}}")
    (line,) = said(project.source().read())
    assert "web: image: there is neither image nor build" in line


@pytest.mark.parametrize(
    "text",
    [
        "x-own: 1\nservices: {web: {image: x, x-own: {a: b}}}",
        "services: {web: {image: x, depends_on: {db: {condition: service_started, required: false}}}}",
        "services: {web: {image: x, depends_on: [db]}, db: {build: .}}",
        "services: {off: {image: x, profiles: [p], labels: {team: a}}}",
    ],
)
def test_what_compose_takes_is_no_problem(project: Project, text: str) -> None:
    assert said(project.read(text)) == []


@pytest.mark.parametrize("address", ["oci://example.com/a:1", "https://example.com/a.git", "git@example.com:a.git"])
def test_an_include_from_afar_loses_its_own_part_alone(project: Project, address: str) -> None:
    state = project.read(f"include: ['{address}']\nservices: {{web: {{image: x}}}}")
    assert names(state) == ["web"]
    (line,) = said(state)
    assert f"include: '{address}' is not on this machine" in line
    assert "hand over the output of `docker compose config`" in line


def test_a_service_that_extends_one_from_afar_is_left_out_alone(project: Project) -> None:
    far = "{extends: {service: a, file: 'https://example.com/c.yml'}}"
    state = project.read(f"services: {{web: {{image: x}}, far: {far}}}")
    assert names(state) == ["web"]
    assert "far: extends.file: 'https://example.com/c.yml' is not on this machine" in said(state)[0]


def test_the_mode_of_a_network_may_be_the_name_of_one(project: Project) -> None:
    state = project.read(
        "services: {web: {image: x, network_mode: edge}, api: {image: x, network_mode: edge, container_name: c}}"
    )
    found = {name: workload(state, name).instances[0].addresses[0] for name in names(state)}
    assert {name: (one.network, one.host) for name, one in found.items()} == {
        "web": ("edge", "shop-web-1"),
        "api": ("edge", "c"),
    }


def test_long_ranges_stay_ranges(project: Project) -> None:
    services = ", ".join(f"s{at}: {{image: x, expose: ['1-65535']}}" for at in range(100))
    state = project.read(f"services: {{{services}}}")
    assert {(p.number, p.last) for one in state.workloads for p in one.instances[0].ports} == {(1, 65535)}


def test_a_host_in_front_of_a_port_is_an_address(project: Project) -> None:
    (line,) = said(project.read("services: {web: {image: x, ports: ['localhost:8080:80']}}"))
    assert "'localhost:8080:80' is not a port (localhost is not an IP address)" in line


def test_a_torn_hash_is_said_to_need_double_dollars(project: Project) -> None:
    lines = said(project.read("services: {web: {image: x, labels: {a: 'u:$2y$05$abcdefgh'}}}"))
    assert "write each $ of it as $$" in lines[0]
