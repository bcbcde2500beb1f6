"""TCP and UDP routes in the native vocabulary: what labels ask for, and what is not to be read any wider."""

from __future__ import annotations

import pytest

from gen.dialects import Declaration, TcpOptions, native
from gen.policies import IpAllow, ProxyProtocol
from tests.support.labelled import workload


def read(**labels: str) -> Declaration:
    found = native.read(workload("db", {f"fairway.{key}": value for key, value in labels.items()}), "docker")
    assert found is not None
    return found


def problems(declaration: Declaration) -> list[str]:
    return [str(problem) for problem in declaration.problems]


def test_a_route_has_its_kind_its_name_and_its_options() -> None:
    found = read(**{"tcp.db.port": "5432", "tcp.db.balance": "least_conn", "udp.dns.port": "53"})
    assert [(route.transport, route.name) for route in found.streams] == [("tcp", "db"), ("udp", "dns")]
    assert str(found.streams[0].options.balance) == "least_conn"
    assert (found.routes, found.problems) == ((), ())


def test_policies_of_connections_are_read_in_both_forms() -> None:
    [route] = read(**{"tcp.db.ip_allow": "10.0.0.0/8", "tcp.db.proxy_protocol.version": "2"}).streams
    assert route.policies == (IpAllow(from_=route.policies[0].from_), ProxyProtocol(version=2))  # type: ignore[attr-defined]


def test_http_labels_beside_it_stay_http() -> None:
    found = read(**{"host": "a.test", "tcp.db.port": "5432"})
    assert (len(found.routes), len(found.streams)) == (1, 1)


@pytest.mark.parametrize("labels", [{"enable": "on"}, {"network": "edge"}])
def test_what_all_routes_take_is_no_http_route(labels: dict[str, str]) -> None:
    found = read(**{"tcp.db.port": "5432"} | labels)
    assert found.routes == ()
    assert found.streams[0].options.network == labels.get("network", "")


def test_a_route_may_name_a_network_of_its_own() -> None:
    assert read(**{"network": "edge", "tcp.db.network": "back"}).streams[0].options.network == "back"


@pytest.mark.parametrize(
    ("key", "value"),
    [("host", "~^a"), ("host", ""), ("listeners", "a b"), ("tls", "maybe"), ("certificate", "/"), ("hosts", "a.test")],
)
def test_what_would_be_wider_without_its_condition_is_left_out(key: str, value: str) -> None:
    found = read(**{"tcp.db.port": "5432", f"tcp.db.{key}": value})
    assert found.streams == () and len(found.problems) == 1


def test_a_bad_name_costs_itself_alone() -> None:
    [route] = (found := read(**{"tcp.db.host": "a.test, ~x"})).streams
    assert isinstance(route.options, TcpOptions) and [str(host) for host in route.options.host] == ["a.test"]
    assert len(found.problems) == 1


@pytest.mark.parametrize("key", ["basic_auth", "ip_deny", "client_cert", "ip_alow", "rate_limits"])
def test_a_guard_that_cannot_be_kept_withholds(key: str) -> None:
    found = read(**{"tcp.db.port": "5432", f"tcp.db.{key}": "x"})
    withheld = bool(found.streams[0].withheld)
    assert found.problems and withheld == (key != "rate_limits")


def test_a_policy_of_requests_is_told_not_to_be_for_connections() -> None:
    found = read(**{"udp.dns.port": "53", "udp.dns.proxy_protocol": "1", "udp.dns.compress": "on"})
    assert (found.streams[0].policies, found.streams[0].withheld) == ((), "")
    assert problems(found) == [
        "db: fairway.udp.dns.compress: a UDP route cannot have compress (there is ip_allow, timeouts)",
        "db: fairway.udp.dns.proxy_protocol: a UDP route cannot have proxy_protocol (there is ip_allow, timeouts)",
    ]


def test_an_unknown_key_names_the_nearest() -> None:
    assert "did you mean fairway.tcp.db.balance?" in problems(read(**{"tcp.db.balanse": "random"}))[0]
    assert "host" not in problems(read(**{"udp.db.hist": "random"}))[0]


def test_a_route_has_a_name_and_there_are_not_too_many() -> None:
    assert "the route's name" in problems(read(**{"tcp.": "1", "tcp..port": "1"}))[0]
    many = read(**{f"tcp.r{number}.port": "1" for number in range(150)})
    assert len(many.streams) == native.MOST_ROUTES and len(many.problems) == 150 - native.MOST_ROUTES
