"""The native vocabulary: which workloads speak it, and which routes their labels ask for."""

from __future__ import annotations

import pytest

from gen.dialects import Declaration, native
from gen.policies import IpAllow, Timeouts
from tests.support.labelled import workload


def read(**labels: str) -> Declaration:
    found = asked({f"fairway.{key}": value for key, value in labels.items()})
    assert found is not None
    return found


def asked(labels: dict[str, str]) -> Declaration | None:
    return native.read(workload("shop", labels), "docker")


def problems(declaration: Declaration) -> list[str]:
    return [str(problem) for problem in declaration.problems]


@pytest.mark.parametrize("labels", [{}, {"traefik.enable": "true"}, {"fairwayhost": "x"}])
def test_who_says_nothing_asks_for_nothing(labels: dict[str, str]) -> None:
    assert asked(labels) is None


def test_the_proxys_own_container_is_no_workload() -> None:
    assert asked({"fairway.proxy": "nginx", "fairway.host": "a.test"}) is None


@pytest.mark.parametrize("value", ["off", "false", "0", "maybe"])
def test_a_workload_takes_part_unless_it_is_told_not_to(value: str) -> None:
    assert read(host="a.test", enable=value).routes == ()
    assert len(read(host="a.test", enable="on").routes) == 1


def test_one_label_is_the_default_route() -> None:
    [route] = read(host="a.test").routes
    assert (route.name, [str(host) for host in route.options.host]) == ("default", ["a.test"])


def test_short_and_long_form_mean_the_same() -> None:
    short, long = read(host="a.test", ip_allow="10.0.0.0/8"), read(**{"host": "a.test", "ip_allow.from": "10.0.0.0/8"})
    assert short.routes[0].policies == long.routes[0].policies
    assert isinstance(short.routes[0].policies[0], IpAllow)


def test_policies_come_in_the_order_of_the_list() -> None:
    labels = {"timeouts": "5s", "redirect": "/x", "compress": "usual", "ip_allow": "10.0.0.0/8", "host": "a.test"}
    assert [policy.name for policy in read(**labels).routes[0].policies] == [
        "ip_allow",
        "redirect",
        "timeouts",
        "compress",
    ]


def test_a_named_route_takes_where_and_how_from_the_default_one() -> None:
    labels = {"host": "a.test", "port": "80", "path": "/a", "timeouts": "5s", "priority": "7", "routes.x.path": "/x"}
    named = read(**labels).routes[1]
    assert (named.name, str(named.options.path), named.options.priority) == ("x", "/x", 0)
    assert (str(named.options.host[0]), str(named.options.port)) == ("a.test", "80")
    assert named.policies == ()


def test_what_a_named_route_says_itself_wins() -> None:
    named = read(**{"host": "a.test", "routes.x.host": "b.test", "routes.x.timeouts.read": "5s"}).routes[1]
    assert str(named.options.host[0]) == "b.test"
    assert isinstance(named.policies[0], Timeouts)


def test_default_options_alone_are_no_route_beside_named_ones() -> None:
    assert [route.name for route in read(**{"port": "80", "routes.x.host": "b.test"}).routes] == ["x"]


@pytest.mark.parametrize(
    "key", ["host", "path", "methods", "headers.X-A", "query.a-b", "client_ip", "listeners", "pth"]
)
def test_a_condition_that_cannot_be_read_drops_its_route(key: str) -> None:
    declaration = read(**{"path": "/", key: "~("})
    assert declaration.routes == ()
    assert len(declaration.problems) == 1


def test_broken_default_listeners_are_not_inherited_as_the_usual_ones() -> None:
    assert read(**{"listeners": "a b", "routes.x.host": "b.test"}).routes == ()
    labels = {"listeners": "a b", "routes.x.host": "b.test", "routes.x.listeners": "web"}
    assert [route.name for route in read(**labels).routes] == ["x"]


def test_a_broken_default_host_is_not_inherited_as_every_host() -> None:
    assert read(**{"host": "a b", "routes.x.path": "/x"}).routes == ()
    assert [route.name for route in read(**{"host": "a b", "routes.x.host": "b.test"}).routes] == ["x"]


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({"basic_auth": "alice:secret"}, "basic_auth cannot be kept: 'alice:…' is not a user with a hash"),
        ({"basic_auth.realm": "x"}, "basic_auth cannot be kept: either users or file"),
        ({"basic_auth.raelm": "x"}, "basic_auth cannot be kept: there is no such option"),
        ({"ip_allow": ""}, "ip_allow cannot be kept: from is empty"),
        ({"ip_alow": "10.0.0.0/8"}, "ip_alow may have been meant to protect it"),
        ({"client_cert.ca": "x"}, "client_cert is not known to this version"),
    ],
)
def test_a_guard_that_cannot_be_had_withholds_the_route(labels: dict[str, str], why: str) -> None:
    declaration = read(host="a.test", **labels)
    assert declaration.routes[0].withheld.startswith(why)
    assert declaration.routes[0].policies == ()
    assert len(declaration.problems) == 1


def test_a_guard_of_a_named_route_withholds_that_one_only() -> None:
    default, named = read(**{"host": "a.test", "routes.x.path": "/x", "routes.x.forward_auth": "u"}).routes
    assert (default.withheld, bool(named.withheld)) == ("", True)


def test_what_fits_together_badly_is_left_out_with_its_reason() -> None:
    declaration = read(host="a.test", timeouts="0")
    assert declaration.routes[0].policies == ()
    assert problems(declaration) == ["shop: fairway.timeouts: 0 would end every request; write for example 30s"]


def test_the_order_of_labels_does_not_matter() -> None:
    labels = {"host": "a.test", "sticky.secure": "on", "sticky.max_age": "1d", "zzz": "1"}
    assert read(**labels).routes == read(**dict(reversed(labels.items()))).routes


def test_every_value_knows_who_wrote_it() -> None:
    [route] = read(**{"host": "a.test", "rate_limit.rate": "1/s"}).routes
    assert (route.origin("rate_limit").key, route.origin("host").key) == ("fairway.rate_limit.rate", "fairway.host")
    assert route.origin("port").workload == "shop"


@pytest.mark.parametrize(
    "key", ["", ".", "routes", "routes.", "routes..host", "routes.x", "routes.x.", "host.", "retry.", "tcp."]
)
def test_a_key_without_sense_is_a_problem(key: str) -> None:
    assert problems(read(**{"host": "a.test", key: "x"}))
