"""TCP and UDP routes: on which listeners, who shares, who wins, and what is told."""

from __future__ import annotations

import pytest

from gen.build import build
from gen.certificate import Certificate
from gen.decide import decide_stream
from gen.model import Model, StreamRoute
from gen.settings import Settings
from gen.state import Workload
from gen.values import Listen
from tests.support.labelled import declared, messages, workload, world

LISTEN = ("web=80", "websecure=443/tls", "db=5432/tcp", "mqtts=8883/tcp/tls", "dns=53/udp")
SETTINGS = Settings(listeners=tuple(map(Listen.parse, LISTEN)))
CERTIFICATES = tuple(
    Certificate(
        name=name,
        names=names,
        certificate_file=f"/{name}.crt",
        key_file=f"/{name}.key",
        not_before=0.0,
        not_after=9e9,
        fingerprint=name,
    )
    for name, names in (("a", ("a.test",)), ("wild", ("*.test",)))
)


def asked(name: str, at: str = "10.0.0.1", created: float = 0.0, kind: str = "tcp.x", **labels: str) -> Workload:
    written = {f"fairway.{kind}.{key}": value for key, value in {"port": "1", **labels}.items()}
    return workload(name, written, host=at, created=created)


def made(*workloads: Workload) -> Model:
    state = world(*workloads)
    return build(state, declared(state), SETTINGS, certificates=CERTIFICATES, now=1.0)


def only(model: Model) -> StreamRoute:
    [route] = model.streams
    return route


def test_a_route_goes_to_the_listener_of_its_name() -> None:
    route = only(made(asked("a", kind="tcp.db")))
    assert (route.listeners, route.hosts, route.tls) == (("db",), (), "off")


def test_tls_follows_from_the_listener_and_the_hosts() -> None:
    ways = {
        only(made(asked("a", listeners="db"))).tls,
        only(made(asked("a", listeners="db", host="a.test"))).tls,
        only(made(asked("a", listeners="mqtts", host="a.test"))).tls,
    }
    assert ways == {"off", "passthrough", "terminate"}


def test_hosts_with_other_certificates_are_other_routes() -> None:
    found = made(asked("a", listeners="mqtts", host="a.test, b.test, c.test")).streams
    assert sorted((route.certificate, len(route.hosts)) for route in found) == [("a", 1), ("wild", 2)]


def test_equal_hosts_share_one_pool_and_one_route() -> None:
    model = made(
        asked("a", listeners="db", host="a.test, b.test"), asked("b", "10.0.0.2", listeners="db", host="b.test")
    )
    servers = {str(route.hosts[0]): len(up.servers) for route, up in zip(model.streams, model.upstreams, strict=True)}
    assert servers == {"a.test": 1, "b.test": 2} and not model.problems


def test_a_whole_listener_is_shared_by_the_routes_name() -> None:
    model = made(
        asked("a", kind="tcp.db"), asked("b", "10.0.0.2", kind="tcp.db"), asked("c", "10.0.0.3", listeners="db")
    )
    assert len(model.upstreams[0].servers) == 2
    assert messages(model) == [
        "c: fairway.tcp.x.listeners: db is all taken by fairway.tcp.db of a; name hosts, or another listener "
        "(a prevails, as it comes first by name; on an engine the older one prevails)"
    ]


def test_the_oldest_says_how_tls_is_dealt_with() -> None:
    model = made(
        asked("a", created=2.0, listeners="mqtts", host="a.test", tls="passthrough"),
        asked("b", created=1.0, listeners="mqtts", host="a.test"),
    )
    assert only(model).tls == "terminate" and "is older and prevails" in messages(model)[0]


def test_a_named_pool_is_apart_from_http() -> None:
    model = made(
        asked("a", listeners="db", upstream="pool"),
        workload("b", {"fairway.host": "b.test", "fairway.upstream": "pool"}),
    )
    assert sorted(upstream.protocol for upstream in model.upstreams) == ["http", "tcp"]


def test_names_are_decided_by_the_best_one() -> None:
    http = workload("h", {"fairway.host": "h.w.test, w.test", "fairway.certificate": "a"})
    passed = asked("p", listeners="websecure", tls="passthrough", host="*.w.test, .v.test, w.test")
    exact = asked("e", "10.0.0.2", listeners="websecure", tls="passthrough", host="x.w.test")
    model = made(http, passed, exact)

    def who(name: str) -> str:
        route = decide_stream(model, "websecure", name)
        return route.origins[0].workload if route else "http"

    names = ("x.w.test", "Y.w.test.", "h.w.test", "w.test", "v.test", "a.v.test", "other.test", "")
    assert [who(name) for name in names] == ["e", "p", "http", "http", "p", "p", "http", "http"]
    assert any("an HTTP route has w.test on websecure too" in line for line in messages(model))


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"listeners": "web"}, "'web' is a listener of HTTP"),
        ({"listeners": "no"}, "there is no listener 'no'; TCP listeners: db, mqtts"),
        ({"listeners": "dns"}, "'dns' is a listener of UDP"),
        ({"listeners": "websecure"}, "websecure is shared with HTTP"),
        ({"listeners": "websecure", "tls": "passthrough"}, "websecure is shared with HTTP"),
        ({"listeners": "db", "tls": "terminate"}, "db has no TLS to end"),
        ({"listeners": "db", "tls": "off", "host": "a.test"}, "nobody looks for one"),
        ({"listeners": "mqtts", "tls": "off"}, "mqtts is for TLS"),
        ({"listeners": "mqtts"}, "nobody knows which certificate"),
        ({"listeners": "mqtts", "certificate": "no"}, "there is no certificate 'no'"),
        ({"listeners": "mqtts", "certificate": "a", "host": "b.test"}, "is not for b.test"),
        ({"listeners": "mqtts", "host": "b.example"}, "no certificate covers b.example"),
    ],
)
def test_what_no_listener_can_have_is_told_and_left_out(labels: dict[str, str], told: str) -> None:
    model = made(asked("a", **labels))  # type: ignore[arg-type]
    assert model.streams == () and any(told in line for line in messages(model))


def test_a_withheld_route_keeps_its_place() -> None:
    model = made(asked("a", kind="tcp.db", basic_auth="x"), asked("b", "10.0.0.2", listeners="db"))
    assert only(model).withheld and only(model).origins[0].workload == "a"
