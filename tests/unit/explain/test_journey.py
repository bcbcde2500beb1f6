"""One workload's way: each mistake is told, the first one first, with what would help."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gen.explain.finding import Finding, first_wrong
from gen.state import Address, Port, Vantage
from tests.support.labelled import instance, workload
from tests.unit.explain.worlds import asked, basis, steps, wrong

HOST = {"fairway.host": "a.test"}


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_what_is_right_has_no_fault_and_ends_with_a_url(proxy: str) -> None:
    found = steps(basis(workload("a", HOST), proxy=proxy), "a")
    assert {one.level for one in found} == {"ok"}
    assert found[-1].found == "fairway explain http://a.test/"


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({}, "no label begins with fairway., there is none at all"),
        ({"fairwy.host": "a.test"}, "fairwy.host is not read → "),
        ({"FAIRWAY.HOST": "a.test"}, "FAIRWAY.HOST is not read → "),
        ({"faiway.routes.x.path": "/"}, "faiway.routes.x.path is not read → "),
        ({"traefik.enable": "true", "caddy": "a"}, "there are Traefik's, caddy-docker-proxy's, which"),
        ({"fairway.hots": "a.test"}, "fairway.hots: there is no such option → did you mean fairway.host?"),
        ({**HOST, "fairway.enable": "no"}, "fairway.enable keeps it out → take it away"),
        ({"fairway.proxy": "nginx"}, "fairway.proxy marks it as the proxy's own container"),
        ({**HOST, "fairway.listeners": "inside"}, "nobody is served by it"),
        ({**HOST, "fairway.ip_allow": "x"}, "fairway.ip_allow: 'x' is not a network"),
    ],
)
def test_a_mistake_in_labels_is_the_first_thing(labels: dict[str, str], said: str) -> None:
    assert said in wrong(basis(workload("a", labels)), "a")[0]


@pytest.mark.parametrize("key", ["com.example.fairway", "fair", "highway.host", "org.fairway.host"])
def test_a_label_of_somebody_else_is_not_taken_for_a_misspelled_one(key: str) -> None:
    assert not any("is not read" in each for each in wrong(basis(workload("a", {key: "x", **HOST})), "a"))


def test_states_are_told_with_what_they_mean() -> None:
    states = {
        "running": (False, "it does not run → docker start a"),
        "stopping": (True, "it was told to stop"),
        "health": ("unhealthy", "its health check fails, so it gets no requests"),
    }
    for name, (value, said) in states.items():
        changed = replace(instance("a"), **{name: value})  # type: ignore[arg-type]
        assert said in wrong(basis(workload("a", HOST, changed)), "a")[0]


def test_what_brings_an_instance_up_is_what_its_kind_knows() -> None:
    ended = replace(instance("a"), running=False)
    for kind, hint in (
        ("service", "docker service ps --no-trunc a"),
        ("compose", "its file asks for no copy of it: see scale and deploy.replicas"),
    ):
        of = basis(replace(workload("a", HOST, ended), kind=kind))  # type: ignore[arg-type]
        assert wrong(of, "a")[0] == f"it does not run → {hint}"


def test_an_address_out_of_reach_is_told_with_the_command_that_helps() -> None:
    vantage = Vantage(kind="container", name="proxy", networks=("edge",))
    found = wrong(basis(workload("a", HOST), vantage=vantage), "a")
    assert found[0] == "no server: a is on web; the proxy proxy reaches edge → docker network connect web proxy"


def test_ports_are_told() -> None:
    several = replace(instance("a"), ports=(Port(number=80), Port(number=81)))
    none = replace(instance("a"), ports=())
    assert "a exposes several ports: 80, 81" in wrong(basis(workload("a", HOST, several)), "a")[0]
    assert "a exposes no TCP port" in wrong(basis(workload("a", HOST, none)), "a")[0]


def test_who_shares_a_route_is_told_and_who_is_shadowed() -> None:
    shared = basis(workload("a", HOST, created=1.0), workload("b", HOST, instance("b", "10.0.0.2"), created=2.0))
    assert any("shared with a; the oldest, a, says its options" in one.found for one in steps(shared, "b"))
    other = {"fairway.host": "*.test", "fairway.priority": "5"}
    found = wrong(basis(workload("a", HOST), workload("b", other)), "a")
    assert len(found) == 1
    assert "the path / never answers on a.test: / of b comes first" in found[0]
    assert "it has priority 5, this route 0" in found[0]


def test_a_route_of_several_instances_names_the_one_that_is_not_reached() -> None:
    away = replace(instance("a-2"), addresses=(Address(network="other", host="10.9.0.2"),))
    vantage = Vantage(kind="container", name="proxy", networks=("web",))
    found = wrong(basis(workload("a", HOST, instance("a-1"), away), vantage=vantage), "a")
    assert [each for each in found if each.startswith("no server: a-2 is on other")]


def test_values_of_secrets_are_not_shown() -> None:
    hashed = "al:$apr1$Q2wE4rT6$Zdu1m6pdw7pih59hVtsK2/"
    found = steps(basis(workload("a", {**HOST, "fairway.basic_auth.users": hashed, "fairwy.basic_auth": hashed})), "a")
    assert "Zdu1m6" not in " ".join(one.found + one.hint for one in found)


@pytest.mark.parametrize("path", ["/$(reboot)", "/;reboot", "/`reboot`", "/a b&c", "/'\"", "/?x#y", "/é"])
def test_a_url_or_a_command_to_copy_is_one_harmless_word(path: str) -> None:
    found = steps(basis(workload("a", {**HOST, "fairway.path": path})), "a")[-1].found
    assert re.fullmatch(r"fairway explain http://a\.test/[A-Za-z0-9%_.~/-]*", found), found
    of = basis(workload("a", {**HOST, "fairway.path": path}))
    assert asked(of, found.removeprefix("fairway explain ")).outcome.answers
    ended = replace(instance("$(reboot)"), running=False)
    assert wrong(basis(workload("a", HOST, ended)), "a")[0].endswith("docker start '$(reboot)'")


def test_a_failure_counts_before_a_warning_and_the_first_before_others() -> None:
    words = [("ok", "a"), ("warn", "b"), ("fail", "c"), ("fail", "d")]
    found = [Finding(level=level, about=about, found="") for level, about in words]  # type: ignore[arg-type]
    assert [one.about for one in (first_wrong(found), first_wrong(found[:2]), first_wrong(found[:1])) if one] == [
        "c",
        "b",
    ]
