"""Merging: who shares a route, what it is called, who wins where they disagree."""

from __future__ import annotations

from gen.settings import Settings
from gen.state import Workload
from gen.values import Listen
from tests.support.labelled import built, instance, messages, workload


def shop(name: str, host: str = "10.0.0.1", created: float = 0.0, **labels: str) -> Workload:
    written = {f"fairway.{key}": value for key, value in {"host": "shop.test", **labels}.items()}
    return workload(name, written, host=host, created=created)


def test_equal_claims_share_one_route_and_pool() -> None:
    model = built(shop("a", "10.0.0.1"), shop("b", "10.0.0.2"))
    assert len(model.routes) == 1
    assert [server.host for server in model.upstreams[0].servers] == ["10.0.0.1", "10.0.0.2"]
    assert [origin.workload for origin in model.routes[0].origins] == ["a", "b"]


def test_a_place_is_a_server_once() -> None:
    model = built(shop("a", "10.0.0.1"), shop("b", "10.0.0.1"))
    assert [server.host for server in model.upstreams[0].servers] == ["10.0.0.1"]


def test_other_conditions_are_another_route() -> None:
    model = built(shop("a", "10.0.0.1"), shop("b", "10.0.0.2", methods="GET"), shop("c", "10.0.0.3", path="/c"))
    assert len(model.routes) == 3


def test_hosts_that_came_to_the_same_are_one_route_again() -> None:
    model = built(workload("a", {"fairway.host": "a.test, b.test"}))
    assert [[str(host) for host in route.match.hosts] for route in model.routes] == [["a.test", "b.test"]]


def test_a_shared_host_is_taken_apart_from_its_neighbours() -> None:
    model = built(
        workload("a", {"fairway.host": "a.test, b.test"}, host="10.0.0.1"),
        workload("b", {"fairway.host": "b.test"}, host="10.0.0.2"),
    )
    pools = {str(route.match.hosts[0]): route.upstream for route in model.routes}
    servers = {upstream.id: [server.host for server in upstream.servers] for upstream in model.upstreams}
    assert servers[pools["a.test"]] == ["10.0.0.1"]
    assert servers[pools["b.test"]] == ["10.0.0.1", "10.0.0.2"]


def test_the_oldest_wins_and_then_the_first_by_name() -> None:
    old = built(shop("z", created=1.0, balance="random"), shop("a", created=2.0, balance="uri"))
    same = built(shop("z", created=1.0, balance="random"), shop("a", created=1.0, balance="uri"))
    assert (str(old.upstreams[0].balance), str(same.upstreams[0].balance)) == ("random", "uri")
    assert messages(old) == [
        "a: fairway.balance: a and z (fairway.balance) share a route and disagree on balance: in effect is random, "
        "and not uri (z is older and prevails)"
    ]


def test_a_withheld_claim_has_no_say_and_no_servers() -> None:
    model = built(shop("a", "10.0.0.1", 1.0, basic_aut="x", balance="uri"), shop("b", "10.0.0.2", 2.0))
    assert model.routes[0].withheld == ""
    assert str(model.upstreams[0].balance) == "round_robin"
    assert [server.host for server in model.upstreams[0].servers] == ["10.0.0.2"]


def test_a_route_of_withheld_claims_alone_is_withheld() -> None:
    model = built(shop("a", basic_aut="x"))
    assert "basic_aut" in model.routes[0].withheld
    assert model.upstreams[0].servers == ()


def test_names_of_routes_do_not_change_with_their_servers() -> None:
    one = built(shop("a", "10.0.0.1"))
    two = built(shop("a", "10.0.0.7"), shop("b", "10.0.0.8"))
    assert [route.id for route in one.routes] == [route.id for route in two.routes]


def test_an_upstream_by_name_pools_servers_of_several_routes() -> None:
    model = built(
        shop("a", "10.0.0.1", upstream="pool"),
        workload("b", {"fairway.host": "b.test", "fairway.upstream": "pool"}, host="10.0.0.2"),
    )
    assert len({route.upstream for route in model.routes}) == 1
    assert [server.host for server in model.upstreams[0].servers] == ["10.0.0.1", "10.0.0.2"]


def test_everything_is_sorted_by_its_key() -> None:
    model = built(
        workload("a", {"fairway.host": "b.test"}, instance("a-2", "10.0.0.2"), instance("a-1", "10.0.0.1")),
        workload("b", {"fairway.host": "a.test", "fairway.zzz": "1"}),
    )
    assert [route.id for route in model.routes] == sorted(route.id for route in model.routes)
    assert [upstream.id for upstream in model.upstreams] == sorted(upstream.id for upstream in model.upstreams)
    assert [server.host for upstream in model.upstreams for server in upstream.servers][-2:] == ["10.0.0.1", "10.0.0.2"]


def test_tls_that_is_required_without_any_certificate_disables_the_route() -> None:
    listeners = (Listen("web", 80), Listen("websecure", 443, tls=True))
    model = built(shop("a", tls="required"), settings=Settings(listeners=listeners))
    assert model.routes[0].withheld == "tls is required, and no listener with TLS serves the route"
    assert messages(model) == [
        "a: fairway.tls: required cannot be kept, websecure has no certificate for shop.test; the route is disabled "
        "(503) there (add a certificate for it to the directory of the setting certificates; where another proxy ends "
        "TLS in front of this one, the operator names it in trusted_proxies)"
    ]
