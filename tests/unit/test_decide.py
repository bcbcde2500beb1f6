"""The model's own decision: which route answers a request."""

from __future__ import annotations

import pytest

from gen.decide import Request, decide, host_name, is_refused, query_matches, trace
from gen.values import Condition
from tests.support.labelled import built, workload

MODEL = built(
    workload("any", {"fairway.path": "/any"}),
    workload("exact", {"fairway.host": "a.test"}),
    workload("wide", {"fairway.host": "*.test"}),
    workload("regex", {"fairway.host": r"~^c[0-9]\.x$"}),
    workload("api", {"fairway.host": "a.test", "fairway.path": "/api"}),
    workload("one", {"fairway.host": "a.test", "fairway.path": "=/api/one"}),
    workload("version", {"fairway.host": "c1.x", "fairway.path": "~^/v[0-9]"}),
    workload("beta", {"fairway.host": "a.test", "fairway.headers.X-Env": "beta", "fairway.methods": "GET, POST"}),
    workload("inside", {"fairway.host": "in.test", "fairway.client_ip": "10.0.0.0/8"}),
    workload("query", {"fairway.host": "q.test", "fairway.query.v": "a b"}),
    workload("first", {"fairway.host": "*.test", "fairway.path": "/first", "fairway.priority": "9"}),
)


def decided(host: str, target: str = "/", **parts: object) -> str | None:
    route = decide(MODEL, Request(listener="web", host=host, target=target, **parts))  # type: ignore[arg-type]
    return route.origins[0].workload if route else None


@pytest.mark.parametrize(
    ("host", "target", "who"),
    [
        ("a.test", "/", "exact"),
        ("A.TEST:8080", "/", "exact"),
        ("a.test.", "/", "exact"),
        ("b.test", "/", "wide"),
        ("c.b.test", "/", "wide"),
        ("c1.x", "/", "regex"),
        ("c1.x", "/v1", "version"),
        ("other", "/", None),
        ("other", "/any/x", "any"),
        ("", "/any", "any"),
        ("a.test", "/api", "api"),
        ("a.test", "/apiary", "exact"),
        ("a.test", "/api/one", "one"),
        ("a.test", "/api/one/", "api"),
        ("a.test", "/x/..//%61pi", "api"),
        ("a.test", "/%", None),
        ("a.test", "/first", "first"),
        ("in.test", "/", "wide"),
    ],
)
def test_host_and_path_decide_in_the_references_order(host: str, target: str, who: str | None) -> None:
    assert decided(host, target) == who


def test_conditions_all_have_to_hold() -> None:
    beta = (("X-Env", "beta"),)
    assert decided("a.test", headers=beta) == "beta"
    assert decided("a.test", headers=(("x-ENV", "beta"),), method="POST") == "beta"
    assert decided("a.test", headers=beta, method="PUT") == "exact"
    assert decided("a.test", headers=beta * 2) == "exact"


def test_a_client_network_is_a_condition() -> None:
    assert decided("in.test", client="10.1.2.3") == "inside"
    assert decided("in.test", client="11.1.2.3") == "wide"


@pytest.mark.parametrize(
    ("condition", "query", "yes"),
    [
        ("a b", "v=a%20b", True),
        ("a b", "v=a+b", True),
        ("a b", "%76=%61%20b", True),
        ("a b", "x=1&v=a%20b&y", True),
        ("a b", "v=a%20bc", False),
        ("a b", "xv=a%20b", False),
        ("a b", "V=a%20b", False),
        ("*", "v=1", True),
        ("*", "v=", False),
        ("*", "v", False),
        ("~^a", "v=ab&v=b", True),
        ("~^a", "v=b&v=ab", False),
        ("~^a", "", False),
    ],
)
def test_a_query_parameter_is_met_however_it_is_written(condition: str, query: str, yes: bool) -> None:
    assert query_matches("v", Condition.parse(condition), f"/?{query}") is yes


@pytest.mark.parametrize(
    ("field", "name"), [("A.test:80", "a.test"), ("a.test.", "a.test"), ("[::1]:80", "[::1]"), ("", "")]
)
def test_a_host_field_is_compared_in_one_form(field: str, name: str) -> None:
    assert host_name(field) == name


def test_a_route_answers_on_its_listeners_only() -> None:
    assert decide(MODEL, Request(listener="other", host="a.test")) is None


@pytest.mark.parametrize(
    ("target", "refused"),
    [
        ("/open#/../admin", True),
        ("/open?a#b", True),
        ("/open%23/../x", False),
        ("/a b", True),
        ("/a?\x7f", True),
        ("/a\tb", True),
        ("/%", True),
        ("/a%00", True),
        ("/a?%00", False),
        ("/..", True),
        ("*", True),
        ("a", True),
        ("/" * 16_000, False),
        ("/x" * 4000 + "/.." * 4000, False),
    ],
)
def test_a_target_without_one_form_is_refused_and_has_no_route(target: str, refused: bool) -> None:
    request = Request(listener="web", host="any.test", target=target)
    assert is_refused(request) is refused
    assert trace(MODEL, request).path is None or not refused
    assert decide(MODEL, request) is None or not refused
