"""What one owner's labels cannot take from another owner, whatever they say."""

from __future__ import annotations

import pytest

from gen.build import Earlier, build
from gen.certificate import Certificate
from gen.decide import Request, decide
from gen.dialects import native
from gen.holding import Holding
from gen.model import Model
from gen.state import State, Workload
from gen.values import Duration
from tests.support.world import instance, model_of, settings, workload

PROJECT = "com.docker.compose.project"
GUARD = {"ip_allow": "10.0.0.0/8"}
CERTIFICATES = tuple(
    Certificate(
        name=name,
        names=names,
        certificate_file=f"/{name}.crt",
        key_file=f"/{name}.key",
        not_before=0.0,
        not_after=until,
        fingerprint=name,
    )
    for name, names, until in (("a", ("a.test",), 9e9), ("other", ("b.test",), 9e9), ("old", ("a.test",), 2.0))
)


def asked(name: str, owner: str, created: float, **labels: str) -> Workload:
    written = {f"fairway.{key.replace('__', '.')}": value for key, value in labels.items()}
    number = sum(map(ord, name)) % 250 + 1
    return workload(name, {PROJECT: owner, **written}, instance(name, f"10.0.0.{number}", 80), created=created)


def made(*workloads: Workload, **named: str) -> Model:
    named = {"listeners": "web=80, websecure=443/tls"} | named
    return model_of(workloads, settings("/srv/x", **named), certificates=CERTIFICATES, now=5.0)


def owner(model: Model, host: str, target: str = "/", method: str = "GET") -> str:
    found = decide(model, Request(host=host, target=target, listener="web", method=method))
    return found.owner if found else ""


def errors(model: Model) -> list[str]:
    return [problem.origin.workload for problem in model.problems if problem.severity == "error"]


@pytest.mark.parametrize(("own", "theirs"), [(".a.test", "a.test"), (".a.test", "*.a.test"), ("*.a.test", ".a.test")])
def test_a_subtree_is_all_of_its_names_between_owners(own: str, theirs: str) -> None:
    model = made(asked("a", "blue", 1, host=own, **GUARD), asked("b", "red", 2, host=theirs))
    assert errors(model) == ["b"]
    assert "red" not in {owner(model, "a.test"), owner(model, "x.a.test")}


def test_a_guard_is_not_avoided_below_a_subtree() -> None:
    for own, theirs, host in (("*.a.test", ".a.test", "x.a.test"), (".a.test", "a.test", "a.test")):
        model = made(asked("a", "blue", 1, host=own, **GUARD), asked("b", "red", 2, host=theirs, path="/admin"))
        assert (errors(model), owner(model, host, "/admin")) == (["b"], "blue")


def test_a_route_for_other_methods_brings_no_wider_rule_of_its_owner_before_a_guard() -> None:
    model = made(
        asked("a", "blue", 1, host="a.test", path="/admin", methods="GET", **GUARD),
        asked("b", "red", 2, host="a.test", path="/admin/x", methods="DELETE"),
        asked("c", "red", 2, host="a.test"),
    )
    assert (errors(model), owner(model, "a.test", "/admin/x"), owner(model, "a.test")) == (["b"], "blue", "red")


def test_a_wider_rule_does_not_come_before_a_guard_by_an_older_conditional_one() -> None:
    model = made(
        asked("b", "red", 1, host="a.test", path="/admin/x", methods="DELETE"),
        asked("a", "blue", 2, host="a.test", path="/admin", **GUARD),
        asked("c", "red", 3, host="a.test"),
    )
    assert (errors(model), owner(model, "a.test", "/admin/x")) == (["c"], "blue")
    assert owner(model, "a.test", "/admin/x", "DELETE") == "red"


@pytest.mark.parametrize("condition", [{"methods": "GET"}, {"client_ip": "0.0.0.0/0"}])
def test_conditions_take_no_requests_from_another_owners_path(condition: dict[str, str]) -> None:
    model = made(asked("a", "blue", 1, host="a.test"), asked("b", "red", 2, host="a.test", **condition))
    assert (errors(model), owner(model, "a.test")) == (["b"], "blue")


@pytest.mark.parametrize("path", ["/.well-known", "/.well-known/acme-challenge", "=/.well-known/acme-challenge/x"])
@pytest.mark.parametrize("own", ["/", "/app"])
def test_challenges_of_a_host_are_not_another_owners(path: str, own: str) -> None:
    model = made(asked("a", "blue", 1, host="a.test", path=own), asked("b", "red", 2, host="a.test", path=path))
    assert errors(model) == ["b"]
    assert owner(model, "a.test", "/.well-known/acme-challenge/x") != "red"


def test_the_owner_of_a_host_answers_its_challenges_beside_other_owners() -> None:
    model = made(
        asked("b", "red", 1, host="a.test", path="/blog"),
        asked("a", "blue", 2, host="a.test"),
        asked("acme", "blue", 3, host="a.test", path="/.well-known/acme-challenge"),
    )
    assert not errors(model)


def test_a_name_leads_to_no_servers_of_a_route_that_owners_share() -> None:
    model = made(
        asked("b", "red", 1, host="s.test", upstream="x"),
        asked("a", "blue", 2, host="s.test", **GUARD),
        asked("c", "red", 3, host="red.test", upstream="x"),
        shared_hosts="s.test",
    )
    route = decide(model, Request(host="red.test", target="/", listener="web"))
    [upstream] = [one for one in model.upstreams if route is not None and one.id == route.upstream]
    assert len(upstream.servers) == 1
    assert any("upstream x is ignored" in problem.message for problem in model.problems)


@pytest.mark.parametrize("chosen", ["other", "old"])
def test_another_owner_chooses_no_certificate_that_does_not_fit(chosen: str) -> None:
    older = asked("b", "red", 1, host="a.test", path="/b", certificate=chosen)
    model = made(older, asked("a", "blue", 2, host="a.test"))
    assert [one.certificate for one in model.bindings] == ["a"]


def test_a_younger_http_route_of_another_owner_takes_no_name_of_a_tcp_route() -> None:
    tcp = {
        "tcp__t__host": "a.test",
        "tcp__t__tls": "passthrough",
        "tcp__t__listeners": "websecure",
        "tcp__t__port": "1",
    }
    model = made(asked("a", "blue", 1, **tcp), asked("b", "red", 2, host="a.test"))
    assert (errors(model), [one.owner for one in model.streams]) == (["b"], ["blue"])
    model = made(asked("a", "blue", 2, **tcp), asked("b", "red", 1, host="a.test"))
    assert (errors(model), [one.owner for one in model.routes]) == (["a"], ["red"])


def remembered(model: Model) -> Earlier:
    memory = Holding(Duration(60_000), lambda: 0.0)
    memory.learn_routes(model.routes, model.streams)
    return memory.earlier()


def remade(earlier: Earlier, *workloads: Workload) -> Model:
    state = State(source="test", workloads=workloads)
    found = [one for each in workloads if (one := native.read(each, "test")) is not None]
    chosen = settings("/srv/x", listeners="web=80, websecure=443/tls")
    return build(state, found, chosen, certificates=CERTIFICATES, now=5.0, earlier=lambda: earlier)


def test_a_recreated_workload_keeps_what_age_decides_among_regex_hosts() -> None:
    own, theirs = r"~^(.+\.)?shop\.test$", r"~^(.+\.)?shop\.test()$"
    first = made(asked("a", "blue", 1, host=own, **GUARD), asked("b", "red", 2, host=theirs))
    again = remade(remembered(first), asked("a", "blue", 9, host=own, **GUARD), asked("b", "red", 2, host=theirs))
    assert owner(first, "shop.test") == owner(again, "shop.test") == "blue"


def test_a_recreated_workload_keeps_its_tcp_route() -> None:
    tcp = {
        "tcp__t__host": "a.test",
        "tcp__t__tls": "passthrough",
        "tcp__t__listeners": "websecure",
        "tcp__t__port": "1",
    }
    earlier = remembered(made(asked("a", "blue", 1, **tcp)))
    recreated = asked("a", "blue", 9, **tcp)
    model = remade(earlier, recreated, asked("b", "red", 2, **tcp), asked("c", "red", 2, host="a.test"))
    assert [one.owner for one in model.streams] == ["blue"]
    assert sorted(errors(model)) == ["b", "c"]


def test_conditions_that_would_be_written_at_many_hosts_are_bounded() -> None:
    hosts = ",".join(f"h{number}.test" for number in range(200))
    wide = {f"routes__r__headers__X-{number}": "v" * 100 for number in range(50)}
    model = made(asked("b", "red", 1, routes__r__host=hosts, **wide), asked("a", "blue", 2, host="a.test"))
    assert (errors(model), [route.owner for route in model.routes]) == (["b"], ["blue"])
    assert made(asked("b", "red", 1, routes__r__host="a.test", **wide)).routes
