"""What a plan marks beyond single routes: owners, requests and servers of guarded routes that others have now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.certificate import Certificate
from gen.model import Model
from gen.settings import Settings
from gen.values import Cidr, Listen
from tests.support.exposed import LISTENERS, Setting, exposed, model, modelled

SHOWN = Certificate(
    name="a",
    names=("a.test",),
    certificate_file="/a.pem",
    key_file="/a.pem",
    not_before=0,
    not_after=9e9,
    fingerprint="0",
)
GUARD = {"ip_allow": "10.0.0.0/8"}
ROOT = {"host": "a.test"}
ADMIN = {**ROOT, "path": "/admin", **GUARD}

TAKEN = [
    # (the guarded route, the others before, the others after, the one that takes requests)
    ({**ROOT, **GUARD}, {}, {"two": {**ROOT, "path": "/open"}}, "a.test/open"),
    (ADMIN, {}, {"two": {**ROOT, "path": "=/admin/x"}}, "a.test=/admin/x"),
    (ADMIN, {}, {"two": {**ROOT, "path": "~^/ad", "priority": "5"}}, "a.test~^/ad"),
    ({**ADMIN, "host": "*.test"}, {}, {"two": {**ROOT, "path": "/admin"}}, "a.test/admin"),
    ({**ADMIN, "host": "~^a"}, {}, {"two": {"host": "*.test"}}, "*.test/"),
    (ADMIN, {"two": ROOT}, {"two": {**ROOT, "priority": "5"}}, "a.test/"),
    ({**ROOT, **GUARD}, {}, {"two": {**ROOT, "headers.X-A": "1"}}, "a.test/ [X-A: 1]"),
]
FREE = [
    (ADMIN, {}, {"two": ROOT}),
    (ADMIN, {}, {"two": {**ROOT, "path": "/adm"}}),
    (ADMIN, {}, {"two": {"host": "*.test"}}),
    (ADMIN, {}, {"two": {**ROOT, "path": "/admin/x", **GUARD}}),
    (ADMIN, {}, {"two": {**ROOT, "path": "/admin/x", "ip_allow": "10.1.0.0/16"}}),
    (ADMIN, {"two": {**ROOT, "path": "/admin/x"}}, {"two": {**ROOT, "path": "/admin/x", "timeouts.read": "5s"}}),
    (ADMIN, {}, {"two": {**ROOT, "path": "/admin/x", "basic_auth": "nonsense"}}),
    (ADMIN, {}, {"two": {**ROOT, "path": "/admin/x", "listeners": "inner"}}),
]


@pytest.mark.parametrize(("guarded", "before", "after", "route"), TAKEN)
def test_a_route_that_takes_requests_from_a_guarded_one_is_marked(
    guarded: dict[str, str], before: dict[str, dict[str, str]], after: dict[str, dict[str, str]], route: str
) -> None:
    found = exposed(modelled({"one": guarded, **before}), modelled({"one": guarded, **after}))
    assert [(one.kind, one.route.partition(" on ")[0], one.guard) for one in found] == [
        ("path", f"route {route}", "ip_allow")
    ]
    assert exposed(modelled({"one": guarded, **after}), modelled({"one": guarded, **before})) == ()


@pytest.mark.parametrize(("guarded", "before", "after"), FREE)
def test_a_route_that_takes_none_is_not_marked(
    guarded: dict[str, str], before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> None:
    assert exposed(modelled({"one": guarded, **before}), modelled({"one": guarded, **after})) == ()


@pytest.mark.parametrize("other", [ROOT, {"host": "*.test"}, {"path": "/"}])
def test_what_answers_after_a_guarded_route_is_gone_is_marked(other: dict[str, str]) -> None:
    (found,) = exposed(model(one=ADMIN, two=other), model(two=other))
    assert (found.kind, found.guard, found.guarded.partition(" on ")[0]) == ("path", "ip_allow", "a.test/admin")


def test_a_guarded_route_that_another_one_replaces_with_its_guard_is_not_marked() -> None:
    assert exposed(model(one=ADMIN, two=ROOT), model(three={**ADMIN}, two=ROOT)) == ()
    assert exposed(model(one=ADMIN, two=ROOT), model(one={**ADMIN, "path": "/"}, two={"host": "b.test"})) == ()


def test_servers_of_a_guarded_route_that_an_open_one_reaches_are_marked() -> None:
    inner = {**ROOT, **GUARD, "upstream": "inner"}
    before = model(one=inner)
    (found,) = exposed(before, model(one=inner, two={"host": "b.test", "upstream": "inner"}))
    assert (found.kind, found.route.partition(" on ")[0], found.guard) == ("servers", "route b.test/", "ip_allow")
    assert exposed(before, model(one=inner, two={"host": "b.test", "upstream": "inner", **GUARD})) == ()
    assert exposed(before, model(one=inner, two={"host": "b.test"})) == ()


def test_another_open_route_to_servers_that_were_open_is_not_marked() -> None:
    routes = {"routes.a.path": "/admin", "routes.a.ip_allow": "10.0.0.0/8", "routes.b.path": "/"}
    before, after = model(one={**ROOT, **routes}), model(one={**ROOT, **routes, "routes.c.path": "/c"})
    assert exposed(before, after) == ()
    assert exposed(model(), after) == ()


def test_an_owner_of_a_route_or_a_host_that_changes_is_marked() -> None:
    def of(project: str, path: str = "/") -> Model:
        return model(Setting(projects={"one": project}), one={**ROOT, "path": path})

    (found,) = exposed(of("shop"), of("blog"))
    assert (found.kind, found.owner, found.before, found.after) == ("owner", "blog", "shop", "blog")
    assert found.route.startswith("route a.test/ on ")
    (found,) = exposed(of("shop"), of("blog", "/x"))
    assert (found.route, found.before, found.after) == ("host a.test", "shop", "blog")
    assert exposed(of("shop"), of("shop", "/x")) == ()


def test_a_path_that_another_owner_adds_is_no_change_of_the_hosts_owner() -> None:
    setting = Setting(projects={"one": "shop", "two": "blog"})
    assert exposed(model(setting, one=ROOT), model(setting, one=ROOT, two={**ROOT, "path": "/x"})) == ()


def test_wider_listeners_and_trusted_proxies_are_marked() -> None:
    def of(address: str = "", *, trusted: tuple[str, ...] = ()) -> Model:
        listeners = (replace(LISTENERS[0], address=address), *LISTENERS[1:])
        setting = Settings(listeners=listeners, trusted_proxies=tuple(map(Cidr.parse, trusted)))
        return model(Setting(settings=setting), one=ROOT)

    (found,) = exposed(of("127.0.0.1"), of())
    assert str(found) == "listener web: reachable for more clients: on 127.0.0.1 -> on all addresses"
    assert exposed(of(), of("127.0.0.1")) == ()
    (found,) = exposed(of(trusted=("10.0.0.0/8",)), of(trusted=("10.0.0.0/8", "192.0.2.1")))
    assert str(found) == "setting trusted_proxies: 10.0.0.0/8 -> 10.0.0.0/8, 192.0.2.1/32"
    assert exposed(of(trusted=("10.0.0.0/8",)), of()) == ()


def test_a_listener_without_tls_any_more_is_marked() -> None:
    def of(*, tls: bool) -> Model:
        return model(Setting(settings=Settings(listeners=(Listen("web", 80, tls=tls),))))

    assert [str(one) for one in exposed(of(tls=True), of(tls=False))] == ["listener web: tls removed: yes -> none"]


def test_a_redirect_to_https_is_a_guard_where_requests_come_in_plain() -> None:
    def of(tls: str, **more: str) -> Model:
        listeners = (Listen("web", 80), Listen("websecure", 443, tls=True))
        setting = Settings(listeners=listeners)
        return model(Setting(settings=setting, certificates=(SHOWN,)), one={**ROOT, "tls": tls, **more})

    for after in ("auto", "off"):
        (found,) = exposed(of("required"), of(after))
        assert (found.kind, found.guard, found.after) == ("guard", "tls", "served")
        assert exposed(of(after), of("required")) == ()
    assert {one.guard for one in exposed(of("required", **GUARD), of("required"))} == {"ip_allow"}
    assert exposed(of("auto", **GUARD), of("required", **GUARD)) == ()
