"""What an nginx cannot do for TCP and UDP routes, and what is told of it."""

from __future__ import annotations

from gen.model import Model
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import BASELINE, Nginx
from gen.proxies.nginx.capabilities import STREAM
from gen.settings import Settings
from gen.state import Workload
from gen.values import Cidr, Listen
from tests.support.labelled import built, messages, workload

LISTEN = tuple(map(Listen.parse, ("websecure=443/tls", "db=5432/tcp", "mqtts=8883/tcp/tls", "dns=53/udp")))


def model(*asked: Workload, proxied: bool = False, **named: object) -> Model:
    listeners = (*LISTEN[1:], Listen.parse("websecure=443/tls/proxy") if proxied else LISTEN[0])
    return built(*asked, settings=Settings(listeners=listeners, **named))  # type: ignore[arg-type]


def asked(kind: str = "tcp.db", **labels: str) -> Workload:
    return workload("a", {f"fairway.{kind}.{key}": value for key, value in {"port": "1", **labels}.items()})


def fitted(found: Model) -> tuple[Model, list[str]]:
    fit = Nginx().fit(found)
    return fit, messages(fit)


def test_without_the_stream_module_routes_are_left_out() -> None:
    found = Nginx(BASELINE - STREAM).fit(model(asked()))
    assert found.streams == () and "this nginx has no stream module" in messages(found)[0]


def test_tls_is_not_passed_through_where_headers_say_who_the_client_is() -> None:
    passed = asked(listeners="websecure", tls="passthrough", host="a.test")
    trusted = (Cidr.parse("10.0.0.0/8"),)
    assert len(fitted(model(passed))[0].streams) == 1
    found, told = fitted(model(passed, trusted_proxies=trusted))
    assert found.streams == () and told[0].startswith(
        "a: fairway.tcp.db.tls: nginx cannot pass TLS through on websecure"
    )
    assert len(fitted(model(passed, proxied=True, trusted_proxies=trusted))[0].streams) == 1


def test_a_directory_may_be_too_deep_for_sockets() -> None:
    found, told = fitted(
        model(asked(listeners="websecure", tls="passthrough", host="a.test"), directory="/" + "d" * 90)
    )
    assert found.streams == () and "too long for sockets" in told[0]


def test_version_1_stands_in_for_version_2() -> None:
    found, told = fitted(model(asked(proxy_protocol="2")))
    assert found.upstreams[0].policies[0].version == 1  # type: ignore[attr-defined]
    assert "version 1" in told[0]


def test_proxy_protocol_goes_without_what_nginx_has_not_beside_it() -> None:
    found, told = fitted(model(asked(host="a.test", ip_allow="10.0.0.0/8", proxy_protocol="1")))
    assert found.upstreams[0].policies == () and len(found.streams[0].policies) == 1
    assert "no proxy_protocol beside ip_allow" in told[0]
    found, told = fitted(model(asked(host="a.test", timeouts="1m", proxy_protocol="1")))
    assert len(found.upstreams[0].policies) == 1 and found.streams[0].policies == ()
    assert "timeouts" in told[0]


def test_haproxy_leaves_udp_out() -> None:
    found = Haproxy().fit(model(asked("udp.dns"), asked()))
    assert [route.protocol for route in found.streams] == ["tcp"]
    assert "HAProxy does not balance UDP" in messages(found)[0]


def test_nginx_itself_says_who_asks_unless_somebody_may_have_passed_it_on() -> None:
    """A port that is shared with streams is passed on by nginx itself."""
    alone, shared = asked(), asked(listeners="websecure", tls="passthrough", host="a.test")
    trusted = (Cidr.parse("10.0.0.0/8"),)
    for found, client in (
        (model(alone), "$remote_addr"),
        (model(shared), "$fw_forwarded_for"),
        (model(alone, trusted_proxies=trusted), "$fw_forwarded_for"),
        (model(alone, proxied=True), "$fw_forwarded_for"),
    ):
        proxy = Nginx()
        headers = {str(one.name): one.value for one in proxy.view(proxy.fit(found)).request_headers}
        assert headers["X-Forwarded-For"] == client
