"""Networks, and under which names services answer on them."""

from __future__ import annotations

import pytest

from gen.state import Address, Network, Vantage
from tests.unit.sources.compose.project import Project, names, said, workload


def addresses(project: Project, service: str, rest: str = "") -> list[tuple[str, str]]:
    state = project.read(f"services:\n  web: {service}\n  api: {{image: x, networks: [n]}}\nnetworks: {{n: }}\n{rest}")
    assert said(state) == []
    return [(address.network, address.host) for address in workload(state, "web").instances[0].addresses]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("{image: x}", [("shop_default", "web")]),
        ("{networks: []}", [("shop_default", "web")]),
        ("{networks: [n, default]}", [("shop_default", "web"), ("shop_n", "web")]),
        ("{networks: {n: {aliases: [www], priority: 1}}}", [("shop_n", "web")]),
        ("{container_name: shopweb, networks: {n: }}", [("shop_n", "web")]),
        ("{network_mode: none}", []),
        ("{network_mode: 'service:api'}", [("shop_n", "api")]),
        ("{network_mode: 'container:outside'}", [("", "outside")]),
    ],
)
def test_a_service_answers_to_its_name_on_its_networks(
    project: Project, service: str, expected: list[tuple[str, str]]
) -> None:
    assert addresses(project, service) == expected


def test_addresses_are_names(project: Project) -> None:
    state = project.read("services: {web: {image: x}}")
    assert workload(state, "web").instances[0].addresses == (Address(network="shop_default", host="web", is_name=True),)


def test_networks_are_called_as_the_engine_will_call_them(project: Project) -> None:
    state = project.read(
        """\
        services: {web: {networks: [a, b, c, d, default]}}
        networks:
          a: {driver: overlay, internal: true}
          b: {name: "front-$V"}
          c: {external: true}
          d: {external: {name: old}}
          default: {name: proxy, external: true}
          unused: {}
        """,
        environment={"V": "v"},
    )
    assert state.networks == (
        Network(id="c", name="c"),
        Network(id="b", name="front-v"),
        Network(id="d", name="old"),
        Network(id="default", name="proxy"),
        Network(id="a", name="shop_a", driver="overlay", internal=True),
    )


def test_the_host_network_has_no_names(project: Project) -> None:
    state = project.read("services: {web: {network_mode: host}, api: {network_mode: 'service:web'}}")
    assert [(w.instances[0].host_network, w.instances[0].addresses) for w in state.workloads] == [(True, ())] * 2


def test_the_container_of_a_service_stands_for_the_service(project: Project) -> None:
    state = project.read("services: {web: {network_mode: 'container:c'}, api: {container_name: c}}")
    assert workload(state, "web").instances[0].addresses[0].host == "api"


def test_the_default_bridge_has_no_names_which_is_a_warning(project: Project) -> None:
    state = project.read("services: {web: {network_mode: bridge}}")
    assert workload(state, "web").instances[0].addresses == ()
    assert state.problems[0].severity == "warning"


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ("{networks: [zz]}", "'zz' is not a network of the project; there are default, n"),
        ("{networks: 5}", "found '5'; write a list or a mapping"),
        ("{networks: {n: 3}}", "found '3'; write a mapping, such as aliases: [a]"),
        ("{networks: [n], network_mode: host}", "given together with networks; keep one of the two"),
        ("{network_mode: 'service:nope'}", "'service:nope': there is no active service 'nope'"),
        ("{network_mode: 'service:web'}", "'service:web': services share the network in a circle"),
        (
            "{network_mode: 'moon:x'}",
            "'moon:x' is not host, none, service:NAME, container:NAME or the name of a network",
        ),
        ("{network_mode: [host]}", "found a list; write for example host"),
    ],
)
def test_a_bad_network_takes_out_its_own_service_only(project: Project, service: str, problem: str) -> None:
    state = project.read(f"services: {{web: {service}, api: {{image: x}}}}\nnetworks: {{n: }}")
    assert names(state) == ["api"]
    assert [(p.severity, p.origin.workload, p.message) for p in state.problems] == [("error", "web", problem)]


def test_a_bad_declaration_of_a_network_is_ignored_with_a_warning(project: Project) -> None:
    state = project.read("services: {web: {networks: [a, b]}}\nnetworks: {a: 5, b: {internal: maybe, name: [x]}}")
    assert [network.name for network in state.networks] == ["shop_a", "shop_b"]
    assert [p.origin.key for p in state.problems] == ["networks.a", "networks.b.internal", "networks.b.name"]


def test_without_a_proxy_every_network_is_reachable(project: Project) -> None:
    assert project.read("services: {web: {image: x}}").vantage == Vantage(kind="container")


def test_the_labelled_proxy_is_the_vantage(project: Project) -> None:
    state = project.read("services: {edge: {labels: [fairway.proxy], networks: [n, default]}}\nnetworks: {n: }")
    assert state.vantage == Vantage(kind="container", name="edge", networks=("shop_default", "shop_n"))


def test_a_second_proxy_is_a_warning_and_the_first_name_counts(project: Project) -> None:
    state = project.read("services: {b: {labels: {fairway.proxy: 1}}, a: {labels: {fairway.proxy: 1}}}")
    assert state.vantage.name == "a"
    assert said(state) == ["warning compose.yaml:1:25: b: fairway.proxy: a is the proxy already; this one is not"]


def test_a_proxy_on_the_host_network_reaches_published_ports(project: Project) -> None:
    state = project.read("services: {edge: {network_mode: host, labels: {fairway.proxy: 1}}}")
    loopback = "127.0.0.1"
    assert state.vantage == Vantage(kind="host", name="edge", networks=(), published_at=loopback, host_at=loopback)
