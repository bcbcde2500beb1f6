"""TCP and UDP routes of several owners: no pool between them, no wildcard of one for the hosts of another."""

from __future__ import annotations

import pytest

from gen.build import build
from gen.certificate import Certificate
from gen.decide import decide_stream
from gen.model import Model
from gen.settings import Settings
from gen.state import Workload
from gen.values import HostPattern, Listen, OwnerClaim
from tests.support.labelled import declared, messages, workload, world

PROJECT = "com.docker.compose.project"
LISTENERS = tuple(map(Listen.parse, ("web=80", "websecure=443/tls", "db=5432/tcp", "dns=53/udp")))

CERTIFICATE = Certificate(
    name="w",
    names=("*.w.test", "w.test", "*.b.w.test"),
    certificate_file="/w.crt",
    key_file="/w.key",
    not_before=0.0,
    not_after=9e9,
    fingerprint="w",
)


def asked(owner: str, created: float, kind: str = "tcp.x", **labels: str) -> Workload:
    written = {f"fairway.{kind}.{key}": value for key, value in {"port": "1", **labels}.items()}
    at = {"red": "10.0.0.1", "blue": "10.0.0.2"}[owner]
    return workload(f"{owner}-1", {**written, PROJECT: owner}, host=at, created=created)


def http(owner: str, host: str, listeners: str, created: float = 1.0) -> Workload:
    labels = {"fairway.host": host, "fairway.listeners": listeners, PROJECT: owner}
    return workload(f"{owner}-http", labels, created=created)


def made(*workloads: Workload, shared: tuple[str, ...] = (), claims: tuple[str, ...] = ()) -> Model:
    state = world(*workloads)
    settings = Settings(
        listeners=LISTENERS,
        shared_hosts=tuple(map(HostPattern.parse, shared)),
        claims=tuple(map(OwnerClaim.parse, claims)),
    )
    return build(state, declared(state), settings, certificates=(CERTIFICATE,), now=1.0)


@pytest.mark.parametrize(
    ("kind", "labels", "what"),
    [
        ("tcp.db", {}, "db"),
        ("udp.dns", {}, "dns"),
        ("tcp.x", {"listeners": "db", "host": "a.test"}, "a.test on db"),
        ("tcp.x", {"listeners": "websecure", "tls": "passthrough", "host": "a.test"}, "a.test on websecure"),
    ],
)
def test_an_equal_route_of_another_owner_is_refused(kind: str, labels: dict[str, str], what: str) -> None:
    alone = made(asked("red", 1.0, kind, **labels))
    both = made(asked("red", 1.0, kind, **labels), asked("blue", 2.0, kind, **labels))
    assert (both.streams, both.upstreams) == (alone.streams, alone.upstreams)
    [told] = messages(both)
    option = "host" if "host" in labels else "port"
    assert told.startswith(f"blue-1: fairway.{kind}.{option}: owner blue: {what} is a route of owner red, declared by ")
    assert "blue-1 receives no connection for it (red-1 is older and prevails; use other hosts or " in told


def test_a_shared_host_is_one_pool_of_all_owners() -> None:
    labels = {"listeners": "db", "host": "a.test"}
    model = made(asked("red", 1.0, **labels), asked("blue", 2.0, **labels), shared=("a.test",))
    assert len(model.upstreams[0].servers) == 2 and not model.problems


def test_a_named_upstream_is_its_owners() -> None:
    model = made(
        asked("red", 1.0, listeners="db", host="a.test", upstream="pool"),
        asked("blue", 2.0, listeners="db", host="b.test", upstream="pool"),
    )
    assert [len(upstream.servers) for upstream in model.upstreams] == [1, 1]


def test_claims_say_whose_a_listener_and_a_name_are() -> None:
    claims = ("listener:db = red", "a.test = red")
    whole, named = made(asked("blue", 1.0, "tcp.db"), claims=claims), asked("blue", 1.0, listeners="db", host="a.test")
    assert (
        not whole.streams and "the setting claims gives listener:db to red, and not to owner blue" in messages(whole)[0]
    )
    assert not made(named, claims=claims).streams


@pytest.mark.parametrize("listeners", ["websecure", "web, websecure", "web"])
def test_a_wildcard_takes_no_connection_for_another_owners_host(listeners: str) -> None:
    passed = asked("blue", 2.0, listeners="websecure", tls="passthrough", host="*.w.test")
    model = made(http("red", "a.w.test, *.b.w.test", listeners), passed)
    names = ("a.w.test", "c.b.w.test", "x.b.w.test", "other.w.test")
    found = [decide_stream(model, "websecure", name) for name in names]
    assert [route.owner if route else "" for route in found] == ["", "", "", "blue"]


def test_another_owners_exact_host_on_another_listener_is_its_own_place() -> None:
    passed = asked("blue", 2.0, listeners="websecure", tls="passthrough", host="*.w.test, a.w.test")
    model = made(http("red", "a.w.test, b.w.test", "web"), passed)
    found = [decide_stream(model, "websecure", name) for name in ("a.w.test", "b.w.test", "c.w.test")]
    assert [route.owner if route else "" for route in found] == ["blue", "", "blue"]


def test_an_owners_own_wildcard_takes_what_its_plain_listener_has() -> None:
    passed = asked("red", 2.0, listeners="websecure", tls="passthrough", host="*.w.test")
    model = made(http("red", "a.w.test", "web"), passed)
    found = decide_stream(model, "websecure", "a.w.test")
    assert found is not None and found.owner == "red"
