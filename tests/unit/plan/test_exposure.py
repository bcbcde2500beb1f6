"""What a plan marks: guards that go or let more clients through. The other direction is not marked."""

from __future__ import annotations

import json

import pytest

from gen import access
from gen.plan import exposures_between
from gen.plan.exposure import NOT_KNOWN, exposures
from tests.support.exposed import USERS, described, exposed, facts, model

HOST = {"host": "a.test"}
ALICE, BOTH = {"basic_auth": USERS["alice"]}, {"basic_auth": f"{USERS['alice']}, {USERS['bob']}"}
OTHER_HASH = {"basic_auth": "alice:$apr1$Q2wE4rT6$Zdu1m6pdw7pih59hVtsK3/"}
NEAR, FAR = {"ip_allow": "10.0.0.0/8"}, {"ip_allow": "10.0.0.0/8, 192.0.2.0/24"}
HALVES = {"ip_allow": "10.0.0.0/9, 10.128.0.0/9"}
DB = {"tcp.db.listeners": "db", "tcp.db.port": "80"}

LOOSENED = [
    (NEAR, {}, ("guard", "ip_allow", "10.0.0.0/8", "none")),
    (NEAR, FAR, ("guard", "ip_allow", "10.0.0.0/8", "10.0.0.0/8, 192.0.2.0/24")),
    (NEAR, {"ip_allow": "::/0"}, ("guard", "ip_allow", "10.0.0.0/8", "::/0")),
    (ALICE, {}, ("guard", "basic_auth", "users alice", "none")),
    (ALICE, BOTH, ("guard", "basic_auth", "users alice", "users alice, bob")),
    (ALICE, {"basic_auth.file": "staff"}, ("guard", "basic_auth", "users alice", "file staff")),
    ({"basic_auth.file": "staff"}, {"basic_auth.file": "all"}, ("guard", "basic_auth", "file staff", "file all")),
    ({"redirect": "https://b.test"}, {}, ("clients", "redirect", "redirect to https://b.test", "served")),
    ({"redirect": "https"}, {}, ("guard", "tls", "redirect to https", "served")),
    ({"client_ip": "10.0.0.0/8"}, {}, ("clients", "client_ip", "10.0.0.0/8", "none")),
    (
        {"client_ip": "10.0.0.0/8"},
        {"client_ip": "10.0.0.0/8, 192.0.2.1"},
        ("clients", "client_ip", "10.0.0.0/8", "10.0.0.0/8, 192.0.2.1/32"),
    ),
    ({"listeners": "inner"}, {"listeners": "inner, web"}, ("listener", "", "on inner", "on web")),
]
KEPT = [
    (NEAR, HALVES),
    (HALVES, NEAR),
    ({}, {}),
    ({"ip_allow": "0.0.0.0/0, ::/0"}, {}),
    (ALICE, OTHER_HASH),
    (FAR, NEAR),
    (ALICE, {**ALICE, "basic_auth.realm": "other"}),
    ({"headers.X-A": "1"}, {"headers.X-A": "2"}),
]


def found(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str, str]]:
    old, new = model(one={**HOST, **before}), model(one={**HOST, **after})
    return [(one.kind, one.guard, one.before, one.after) for one in exposed(old, new)]


@pytest.mark.parametrize(("before", "after", "mark"), LOOSENED)
def test_a_guard_that_goes_or_lets_more_through_is_marked(
    before: dict[str, str], after: dict[str, str], mark: tuple[str, ...]
) -> None:
    assert found(before, after) == [mark]


@pytest.mark.parametrize(("before", "after"), [*KEPT, *((after, before) for before, after, _ in LOOSENED[3:5])])
def test_what_keeps_or_tightens_a_guard_is_not_marked(before: dict[str, str], after: dict[str, str]) -> None:
    assert found(before, after) == []


def test_a_narrower_condition_or_fewer_listeners_are_not_marked() -> None:
    assert found({}, {"client_ip": "10.0.0.0/8"}) == []
    assert found({}, {"redirect": "https"}) == []
    assert found({"listeners": "inner, web"}, {"listeners": "inner"}) == []


def test_fewer_conditions_are_marked() -> None:
    (mark,) = exposed(model(one={**HOST, "headers.X-A": "1"}), model(one=HOST))
    assert (mark.kind, mark.guard) == ("clients", "conditions")
    assert found({}, {"headers.X-A": "1"}) == []


def test_a_disabled_route_that_is_served_is_marked_with_its_guards() -> None:
    assert found({"basic_auth": "nonsense"}, ALICE) == [
        ("clients", "", "disabled (503)", "served, guards: basic_auth users alice")
    ]
    assert found(ALICE, {"basic_auth": "nonsense"}) == []


def test_guards_of_tcp_routes_are_compared() -> None:
    guarded = {**DB, "tcp.db.ip_allow": "10.0.0.0/8"}
    (mark,) = exposed(model(one=guarded), model(one=DB))
    assert (mark.kind, mark.route, mark.guard) == ("guard", "route tcp * on db", "ip_allow")
    assert exposed(model(one=DB), model(one=guarded)) == ()


def test_no_password_is_part_of_a_description() -> None:
    assert b"apr1" not in described(model(one={**HOST, **BOTH}))


def test_a_release_without_facts_is_not_known() -> None:
    new = described(model(one=HOST))
    assert exposures_between(b'{"version": 1, "rows": {}}', new) == (NOT_KNOWN,)
    assert exposures_between(b"torn", new) == (NOT_KNOWN,)
    assert exposures_between(b"", new) == ()


@pytest.mark.parametrize("labels", [{}, NEAR, BOTH, {"headers.Authorization": "secret"}, {"path": "~^/a", **FAR}, DB])
def test_facts_are_restored_as_they_were(labels: dict[str, str]) -> None:
    one = model(one={**HOST, **labels}, two={"host": "*.b.test, ~^c$", "path": "=/x", "client_ip": "10.0.0.1"})
    assert access.read(described(one)) == facts(one)
    assert exposures(access.read(described(one)), facts(one)) == ()
    rows = json.loads(described(one))["rows"]
    keys = {f"route {each.key(host)}" for each in facts(one).routes for host in each.hosts or (None,)}
    assert keys == {key for key in rows if key.startswith("route ")}
