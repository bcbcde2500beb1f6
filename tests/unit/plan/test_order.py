"""Requests of a guarded route that go elsewhere because of the order of trial between owners."""

from __future__ import annotations

import json

import pytest

from gen import access
from gen.access import OPEN, Access, Facts, Gate
from gen.plan.exposure import NO_ORDER, exposures
from gen.precedence import OPERATOR
from gen.values import Cidr, Host, Path
from tests.support.exposed import Setting, described, exposed, model

GUARD = Gate(allow=(Cidr.parse("10.0.0.0/8"),))


def route(owner: str, host: str, path: str = "/", *, priority: int = 0, gate: Gate = OPEN) -> Access:
    hosts = (Host.parse(host),) if host else ()
    return Access(
        kind="http",
        listeners=("web",),
        hosts=hosts,
        path=Path.parse(path),
        priority=priority,
        owner=owner,
        gate=gate,
        name=owner,
    )


def marked(before: list[Access], after: list[Access]) -> list[str]:
    """The routes that answer requests of guarded ones."""
    found = exposures(Facts(routes=tuple(before)), Facts(routes=tuple(after)))
    assert all(one.kind == "path" for one in found)
    return [one.route.removeprefix("route ").partition(" on ")[0] for one in found]


ADMIN = route("blue", "a.test", "/admin", gate=GUARD)
FIRST = route("blue", "a.test", priority=10, gate=GUARD)
EXTRA = route("red", "a.test", "/open")
WIDE = route("red", "*.test", "/admin/x", priority=5)

TAKEN = [
    # (the routes before, those after, the one that takes requests)
    ([FIRST], [FIRST, route("red", "a.test", "/x")], "a.test/x"),
    ([ADMIN], [ADMIN, route(OPERATOR, "a.test", priority=1)], "a.test/"),
    ([ADMIN], [route("red", "*.test")], "*.test/"),
    ([ADMIN, route("red", "a.test")], [route("red", "a.test")], "a.test/"),
    ([ADMIN, EXTRA, route("red", "*.test")], [EXTRA, route("red", "*.test")], "*.test/"),
]


@pytest.mark.parametrize(("before", "after", "taken_by"), TAKEN)
def test_a_route_that_is_tried_first_by_the_order_between_owners_is_marked(
    before: list[Access], after: list[Access], taken_by: str
) -> None:
    assert marked(before, after) == [taken_by]


FREE = [
    ([ADMIN], [ADMIN, route("red", "a.test", priority=5)]),
    ([ADMIN], [ADMIN, WIDE]),
    ([ADMIN], [ADMIN, route("red", "", "/admin/x", priority=5)]),
    ([ADMIN], [ADMIN, route("red", "~^a", "/admin/x", priority=5)]),
    ([ADMIN], [ADMIN, route(OPERATOR, "*.test", "/admin", priority=0)]),
    ([ADMIN], [ADMIN, route(OPERATOR, "", priority=1)]),
    ([ADMIN, route("blue", "a.test", "/x")], [route("blue", "a.test", "/x"), route("red", "*.test")]),
]


@pytest.mark.parametrize(("before", "after"), FREE)
def test_a_priority_or_a_wider_host_of_another_owner_is_not_marked(before: list[Access], after: list[Access]) -> None:
    assert marked(before, after) == []


def test_a_wildcard_that_a_new_route_of_its_owner_brings_to_a_host_is_marked() -> None:
    assert marked([ADMIN, WIDE], [ADMIN, WIDE, EXTRA]) == []
    other = route("red", "a.test", "/admin/x/y")
    assert marked([ADMIN, WIDE], [ADMIN, WIDE, other]) == ["*.test/admin/x"]


def test_a_host_that_belongs_to_a_wider_pattern_when_its_own_route_is_gone_is_marked() -> None:
    own, around = route("blue", "a.x.test", "/y"), route("blue", "*.test", gate=GUARD)
    inner = route("red", "*.x.test")
    assert marked([own, around, inner], [around, inner]) == ["*.x.test/"]
    assert marked([around, inner], [own, around, inner]) == []


def test_the_age_of_regex_hosts_is_part_of_the_release() -> None:
    setting = Setting(projects={"one": "blue", "two": "red"})
    one, two = {"host": "~^a", "ip_allow": "10.0.0.0/8"}, {"host": "~^ab?[.]test$"}
    before, after = model(setting, one=one, two=two), model(setting, two=two, one=one)
    (found,) = exposed(before, after)
    assert (found.kind, found.owner, found.guard) == ("path", "red", "ip_allow")
    assert exposed(after, before) == ()


def test_what_a_release_without_the_order_between_owners_does_not_tell_is_marked() -> None:
    setting = Setting(projects={"one": "blue", "two": "red"})
    both = model(setting, one={"host": "a.test"}, two={"host": "b.test"})
    assert exposures(without_order(described(both)), access.facts(both)) == (NO_ORDER,)
    single = model(setting, one={"host": "a.test"})
    assert exposures(without_order(described(single)), access.facts(single)) == ()


def without_order(content: bytes) -> Facts | None:
    found = json.loads(content)
    del found["access"]["facts"]["order"]
    return access.read(json.dumps(found).encode())
