"""`ports` and `expose`."""

from __future__ import annotations

import pytest

from gen.state import Port
from tests.unit.sources.compose.project import Project, names, said, workload


def ports(project: Project, text: str, key: str = "ports") -> tuple[Port, ...]:
    state = project.read(f"services: {{web: {{{key}: [{text}]}}}}")
    assert said(state) == []
    return workload(state, "web").instances[0].ports


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("80", Port(number=80)),
        ("'8080:80'", Port(number=80, host_port=8080)),
        ("8080:80", Port(number=80, host_port=8080)),
        ("3000:22", Port(number=22, host_port=3000)),
        ("'127.0.0.1:8080:80/udp'", Port(number=80, host_port=8080, host_ip="127.0.0.1", protocol="udp")),
        ("'127.0.0.1::80'", Port(number=80, host_ip="127.0.0.1")),
        ("'[::1]:5:6/TCP'", Port(number=6, host_port=5, host_ip="::1")),
        ("'8000-9000:80'", Port(number=80)),
        ("'0:80'", Port(number=80)),
        ("{target: 80}", Port(number=80)),
        (
            "{target: 80, published: '8080', host_ip: 10.0.0.1, protocol: udp, name: dns, mode: host}",
            Port(number=80, host_port=8080, host_ip="10.0.0.1", protocol="udp", name="dns"),
        ),
        ("{target: 80, published: 8000-9000}", Port(number=80)),
    ],
)
def test_a_published_port_in_every_syntax(project: Project, text: str, port: Port) -> None:
    assert ports(project, text) == (port,)


def test_ranges_pair_up(project: Project) -> None:
    found = ports(project, "'9000-9001:90-91', '3001-3002'")
    assert [(port.number, port.host_port) for port in found] == [(90, 9000), (91, 9001), (3001, 0), (3002, 0)]


def test_exposed_ports_have_no_host_port(project: Project) -> None:
    found = ports(project, "'1', 2-3, 5/udp", key="expose")
    assert [(port.number, port.protocol) for port in found] == [(1, "tcp"), (2, "tcp"), (3, "tcp"), (5, "udp")]


def test_an_exposed_port_that_is_published_appears_once(project: Project) -> None:
    state = project.read("services: {web: {expose: [80, 81], ports: ['8080:80']}}")
    assert workload(state, "web").instances[0].ports == (Port(number=80, host_port=8080), Port(number=81))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("'99999:80'", "'99999:80' is not a port (99999 is not within 0 and 65535); write for example 8080:80"),
        ("'80:0'", "'80:0' is not a port (0 is not within 1 and 65535); write for example 8080:80"),
        ("web", "'web' is not a port; write for example 8080:80"),
        ("''", "'' is not a port; write for example 8080:80"),
        ("80/foo", "'foo' is not a protocol of tcp, udp, sctp; write for example 80/tcp"),
        (
            "'1-3:1-2'",
            "'1-3:1-2' is not a pair of ranges (3 host ports for 2 ports); write for example 8000-8001:80-81",
        ),
        ("9-8", "'9-8' is not a range of ports (it goes backwards); write for example 8000-8010"),
        ("'127.0.0.1:80'", "'127.0.0.1:80' is not a port; write for example 8080:80"),
        ("{published: 80}", "'a mapping' is not a port (it has no target); write for example target: 80"),
        ("{target: 80-81}", "'80-81' is not a single port (a target is no range); write for example 80"),
        ("[80]", "'a list' is not a port; write for example 8080:80"),
    ],
)
def test_a_bad_port_takes_out_its_own_service_only(project: Project, text: str, problem: str) -> None:
    state = project.read(f"services: {{web: {{ports: [{text}]}}, api: {{image: x}}}}")
    assert names(state) == ["api"]
    assert said(state) == [f"error compose.yaml:1:26: web: ports: {problem}"]


def test_a_bad_exposed_port_is_a_problem_too(project: Project) -> None:
    state = project.read("services: {web: {expose: ['80:80']}}")
    assert (names(state), state.problems[0].origin.key) == ([], "expose")
