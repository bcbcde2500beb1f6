"""TCP and UDP routes: whole ports, names of TLS clients, TLS ended and passed through, clients by PROXY protocol."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gen.certificate import Certificate
from gen.state import Workload
from gen.values import Secret
from tests.conformance.conftest import Serve
from tests.support.client import Ask, Client, ask, trusting
from tests.support.echo import Echo, ask_udp, say
from tests.support.proxy import NginxRunner, free_port
from tests.support.servers import Servers
from tests.support.tls import NOW, Paths, make_certificate
from tests.support.world import PROXIES, instance, workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Echoing servers before a proxy with one port for anything, and certificates for `*.test`."""

    port: int
    echo: Echo
    serve: Serve
    paths: Paths

    def run(self, listener: str, *workloads: Workload, **named: str) -> None:
        listeners = f"any={self.port}{listener}, web={free_port()}"
        certificate = Certificate(
            name="test",
            names=("*.test", "*.w.test"),
            certificate_file=str(self.paths.certificate),
            key_file=str(self.paths.key),
            not_before=NOW - 86400,
            not_after=NOW + 86400,
            fingerprint="test",
            pem=Secret(self.paths.combined().decode()),
        )
        self.serve(*workloads, **({"listeners": listeners} | named), certificates=(certificate,), now=NOW)

    @property
    def server_tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.paths.certificate, self.paths.key)
        return context

    def tls(self, sni: str, **named: str) -> str:
        return say(self.port, tls=trusting(), sni=sni, **named)  # type: ignore[arg-type]


@pytest.fixture
def stand(runner: NginxRunner, serve: Serve, port: int) -> Iterator[Stand]:
    with Echo() as echo:
        paths = make_certificate(Path(runner.directory), "test", names=("*.test", "*.w.test"))
        yield Stand(port=port, echo=echo, serve=serve, paths=paths)


def tcp(name: str, port: int, kind: str = "tcp", **options: str) -> Workload:
    """A workload with one route without HTTP to the only listener."""
    labels = {f"fairway.{kind}.x.{key}": value for key, value in ({"listeners": "any"} | options).items()}
    return workload(name, labels | {f"fairway.{kind}.x.port": str(port)}, instance(name, "127.0.0.1", port))


def test_a_port_is_a_workloads(stand: Stand) -> None:
    stand.run("/tcp", tcp("a", stand.echo.tcp("a")))
    assert say(stand.port, "hello") == "a 127.0.0.1 hello"


def test_connections_are_spread_as_the_label_says(stand: Stand) -> None:
    ports = {name: stand.echo.tcp(name) for name in ("a", "b")}
    stand.run("/tcp", *(tcp(name, port) for name, port in ports.items()))
    assert {say(stand.port)[0] for _ in range(8)} == {"a", "b"}
    stand.run("/tcp", *(tcp(name, port, balance="source") for name, port in ports.items()))
    assert len({say(stand.port)[0] for _ in range(8)}) == 1


def test_a_dead_server_is_passed_over(stand: Stand) -> None:
    stand.run("/tcp", tcp("a", stand.echo.tcp("a")), tcp("dead", free_port()))
    assert {say(stand.port)[:1] for _ in range(6)} == {"a"}


def test_strangers_are_not_let_in(stand: Stand) -> None:
    stand.run("/tcp", tcp("a", stand.echo.tcp("a"), ip_allow="127.0.0.2"))
    assert say(stand.port, client="127.0.0.2") == "a 127.0.0.1 hi"
    assert say(stand.port, client="127.0.0.3") == ""


def test_a_route_whose_guard_cannot_be_kept_lets_nobody_in(stand: Stand) -> None:
    stand.run("/tcp", tcp("a", stand.echo.tcp("a"), rate_limit="1/s", basic_auth="x"))
    assert say(stand.port) == ""


def test_a_route_without_servers_lets_nobody_wait(stand: Stand) -> None:
    one = tcp("a", 9)
    stand.run("/tcp", workload("a", {label.key: label.value for label in one.labels}))
    assert say(stand.port) == ""


def test_tls_ends_at_the_proxy(stand: Stand) -> None:
    stand.run("/tcp/tls", tcp("a", stand.echo.tcp("a"), host="a.test"), tcp("b", stand.echo.tcp("b"), host="b.test"))
    assert stand.tls("a.test") == "a 127.0.0.1 hi"
    assert stand.tls("B.test") == "b 127.0.0.1 hi"
    assert stand.tls("c.test") == ""


def test_tls_ends_for_a_whole_port(stand: Stand) -> None:
    stand.run("/tcp/tls", tcp("a", stand.echo.tcp("a"), certificate="test"))
    assert stand.tls("a.test") == "a 127.0.0.1 hi"


def test_names_are_passed_through_to_who_has_them(stand: Stand) -> None:
    servers = {name: stand.echo.tcp(name, tls=stand.server_tls) for name in ("exact", "wide", "rest")}
    stand.run(
        "/tcp",
        tcp("exact", servers["exact"], host="a.w.test"),
        tcp("wide", servers["wide"], host="*.w.test"),
        tcp("rest", servers["rest"], tls="passthrough"),
    )
    found = [stand.tls(name).split()[0] for name in ("a.w.test", "b.w.test", "c.b.w.test", "w.test", "")]
    assert found == ["exact", "wide", "wide", "rest", "rest"]


def test_a_guard_of_one_name_is_not_the_others(stand: Stand) -> None:
    servers = {name: stand.echo.tcp(name, tls=stand.server_tls) for name in "ab"}
    stand.run(
        "/tcp", tcp("a", servers["a"], host="a.test", ip_allow="127.0.0.2"), tcp("b", servers["b"], host="b.test")
    )
    assert stand.tls("a.test", client="127.0.0.2") == "a 127.0.0.1 hi"
    assert stand.tls("a.test", client="127.0.0.3") == ""
    assert stand.tls("b.test", client="127.0.0.3") == "b 127.0.0.1 hi"


def test_a_server_learns_the_client_by_proxy_protocol(stand: Stand) -> None:
    servers = {name: stand.echo.tcp(name, proxied=True, tls=stand.server_tls) for name in "ab"}
    stand.run("/tcp", tcp("p", stand.echo.tcp("p", proxied=True), proxy_protocol="1"))
    assert say(stand.port, client="127.0.0.9") == "p 127.0.0.9 hi"
    stand.run("/tcp", *(tcp(name, servers[name], host=f"{name}.test", proxy_protocol="1") for name in "ab"))
    assert stand.tls("b.test", client="127.0.0.9") == "b 127.0.0.9 hi"


def test_a_trusted_peer_says_who_the_client_is(stand: Stand) -> None:
    one = tcp("a", stand.echo.tcp("a", proxied=True), proxy_protocol="1", ip_allow="192.0.2.0/24")
    stand.run("/tcp/proxy", one, trusted_proxies="127.0.0.2")
    header = b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 443\r\n"
    assert say(stand.port, before=header, client="127.0.0.2") == "a 192.0.2.7 hi"
    assert say(stand.port, before=header, client="127.0.0.3") == ""


def test_http_learns_the_client_from_a_trusted_peer_alone(stand: Stand, servers: Servers) -> None:
    server = servers.open("h")
    one = workload("h", {"fairway.host": "h.test", "fairway.listeners": "any"}, instance("h", "127.0.0.1", server.port))
    stand.run("/proxy", one, trusted_proxies="127.0.0.2")
    with Client(stand.port, client="127.0.0.2") as client:
        client.socket.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 443\r\n")
        headers = client.send(Ask(host="h.test", headers=(("X-Forwarded-For", "198.51.100.1"),))).echo["headers"]
    assert (headers["x-real-ip"], headers["x-forwarded-for"]) == ("192.0.2.7", "192.0.2.7")


def test_names_are_passed_through_beside_https(stand: Stand, servers: Servers) -> None:
    own = {"fairway.host": "h.test, g.w.test", "fairway.listeners": "any", "fairway.ip_allow": "127.0.0.5"}
    http = workload("h", own, instance("h", "127.0.0.1", servers.open("h").port))
    server = stand.echo.tcp("a", tls=stand.server_tls)
    stand.run("/tls", http)
    assert ask(stand.port, Ask(host="h.test", sni="h.test", client="127.0.0.5")).status == 200
    stand.run("/tls", http, tcp("a", server, host="a.test, *.w.test, h.test", tls="passthrough"))
    assert [stand.tls(name)[:1] for name in ("a.test", "b.w.test")] == ["a", "a"]
    answer = ask(stand.port, Ask(host="h.test", sni="h.test", client="127.0.0.5"))
    assert (answer.echo["headers"]["x-real-ip"], answer.echo["headers"]["x-forwarded-port"]) == (
        "127.0.0.5",
        "443",
    )
    assert ask(stand.port, Ask(host="h.test", sni="h.test", client="127.0.0.6")).status == 403
    assert ask(stand.port, Ask(host="g.w.test", sni="h.test", client="127.0.0.6")).status == 403
    context = trusting()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Client(stand.port, tls=context, sni="h.test") as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() == "h2"
    stand.run("/tls", http)
    assert ask(stand.port, Ask(host="h.test", sni="h.test", client="127.0.0.5")).status == 200
    assert stand.tls("a.test") == ""


@pytest.mark.parametrize("proxy", [name for name in PROXIES if name.startswith("nginx")], indirect=True)
def test_udp_is_answered(stand: Stand) -> None:
    stand.run("/udp", tcp("u", stand.echo.udp("u"), kind="udp"))
    assert ask_udp(stand.port, "hello") == "u 127.0.0.1 hello"
