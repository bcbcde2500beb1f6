"""Who a client is behind the PROXY protocol, and what an old nginx keeps closed."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import Serve
from tests.support.binaries import capabilities
from tests.support.client import Answer, Ask, Client, ask
from tests.support.servers import Servers
from tests.support.world import instance, workload

TRUSTED = "127.0.0.0/24, 10.0.0.0/8"
CDN, STRANGER = "10.0.0.9", "198.51.100.1"


def _said(port: int, client: str, target: str, *fields: str) -> Answer:
    """A request that a balancer passes on for a client by the PROXY protocol."""
    headers = tuple(("X-Forwarded-For", field) for field in fields)
    with Client(port) as connection:
        connection.socket.sendall(f"PROXY TCP4 {client} 127.0.0.1 1000 {port}\r\n".encode())
        return connection.send(Ask(target=target, host="a.test", headers=(*headers, ("X-Forwarded-Proto", "https"))))


@pytest.fixture
def proxied(serve: Serve, servers: Servers, port: int) -> int:
    """A listener with the PROXY protocol, and routes that let one client in or the trusted proxies alone."""
    there = instance("a-1", "127.0.0.1", servers.open("a-1").port)
    labels = {"fairway.host": "a.test"}
    for name, networks in (("client", "203.0.113.7"), ("inside", "10.0.0.0/8"), ("stranger", STRANGER)):
        own = {"host": "a.test", "path": f"/{name}", "ip_allow": networks}
        labels |= {f"fairway.routes.{name}.{key}": value for key, value in own.items()}
    serve(workload("a", labels, there), listeners=f"web={port}/proxy", trusted_proxies=TRUSTED)
    return port


def test_a_trusted_client_of_the_proxy_protocol_may_say_who_its_own_is(proxied: int) -> None:
    answer = _said(proxied, CDN, "/client", "203.0.113.7")
    assert answer.status == 200
    seen = answer.echo["headers"]
    assert (seen["x-real-ip"], seen["x-forwarded-for"]) == ("203.0.113.7", f"203.0.113.7, {CDN}")
    assert (seen["x-forwarded-proto"], seen["x-forwarded-port"]) == ("https", "443")
    assert _said(proxied, CDN, "/client", "198.51.100.2, 203.0.113.7:443").status == 200
    assert _said(proxied, CDN, "/client", "203.0.113.7, 198.51.100.2").status == 403
    assert _said(proxied, CDN, "/inside", "203.0.113.7").status == 403
    assert _said(proxied, CDN, "/inside").status == 200


def test_another_client_of_the_proxy_protocol_may_not(proxied: int) -> None:
    assert _said(proxied, STRANGER, "/client", "203.0.113.7").status == 403
    answer = _said(proxied, STRANGER, "/stranger", "203.0.113.7")
    assert answer.status == 200
    seen = answer.echo["headers"]
    assert (seen["x-real-ip"], seen["x-forwarded-for"], seen["x-forwarded-proto"]) == (STRANGER, STRANGER, "http")


def test_no_guard_takes_a_second_trusted_proxy_for_the_client(proxied: int, proxy: str) -> None:
    assert _said(proxied, CDN, "/inside", "203.0.113.7, 10.0.0.8").status == 403
    assert _said(proxied, CDN, "/inside", "203.0.113.7", "10.0.0.8").status == 403
    expected = 200 if proxy.startswith("haproxy") else 403
    assert _said(proxied, CDN, "/client", "203.0.113.7, 10.0.0.8").status == expected
    assert _said(proxied, CDN, "/inside", "10.0.0.8").status == 200
    assert _said(proxied, CDN, "/inside", "unknown").status == 200  # the proxy that sent it


@pytest.mark.parametrize(
    "field",
    [
        "1.2.3.4,,10.0.0.7",
        "1.2.3.4 10.0.0.7",
        "01.2.3.4",
        "10.0.0.7,",
        '"10.0.0.7"',
        "[10.0.0.7]",
        ", ".join(["10.0.0.7"] * 11),
    ],
)
def test_what_proxies_could_read_differently_is_refused(proxied: int, field: str) -> None:
    for path in ("/inside", "/client", "/stranger"):
        assert _said(proxied, CDN, path, field).status == 400
    assert _said(proxied, STRANGER, "/stranger", field).status == 200


def test_a_guard_that_a_repeated_field_could_lead_around_is_kept_closed(
    serve: Serve, servers: Servers, port: int, proxy: str
) -> None:
    there = instance("a-1", "127.0.0.1", servers.open("a-1").port)
    guarded = {"host": "a.test", "path": "/g", "ip_allow": "127.0.0.1"}
    labels = {"fairway.host": "a.test", "fairway.path": "/g", "fairway.headers.X-A": "1"}
    labels |= {f"fairway.routes.guarded.{key}": value for key, value in guarded.items()}
    labels |= {"fairway.routes.apart.host": "a.test", "fairway.routes.apart.path": "/p"}
    labels |= {"fairway.routes.apart.ip_allow": "127.0.0.1"}
    serve(workload("a", labels, there))
    is_old = proxy.startswith("nginx") and "joined_fields" not in capabilities(proxy)
    twice = (("X-A", "1"), ("X-A", "2"))
    assert ask(port, Ask(target="/g", host="a.test", headers=twice)).status == 200
    assert ask(port, Ask(target="/g", host="a.test", headers=twice[1:])).status == (503 if is_old else 200)
    assert ask(port, Ask(target="/p", host="a.test", headers=twice)).status == 200
