"""Bodies of HTTP/2 that no field announces, on routes with a cache or a limit."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import pytest

from gen.certificate import Certificate
from gen.values import Secret
from tests.conformance.conftest import Serve
from tests.support.client import Client, trusting
from tests.support.proxy import HaproxyRunner, Runner
from tests.support.servers import Servers
from tests.support.tls import NOW, make_certificate
from tests.support.world import instance, workload

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_SETTINGS, _HEADERS, _DATA, _END_STREAM, _END_HEADERS = 4, 1, 0, 1, 4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame (RFC 9113 section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def fields(path: bytes) -> bytes:
    """GET https://a.test with this path, spelled without compression (RFC 7541 section 6)."""
    return b"\x82\x87" + b"\x04" + bytes((len(path),)) + path + b"\x01\x06a.test"


def get(port: int, path: bytes, body: bytes = b"") -> bytes:
    """One request on a connection of its own, read to the end of its answer; the start of the answer's fields."""
    context = trusting()
    context.set_alpn_protocols(["h2"])
    end = 0 if body else _END_STREAM
    with Client(port, tls=context, sni="a.test") as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        client.socket.sendall(PREFACE + frame(_SETTINGS, 0, 0))
        client.socket.sendall(frame(_HEADERS, _END_HEADERS | end, 1, fields(path)))
        if body:
            client.socket.sendall(frame(_DATA, _END_STREAM, 1, body))
        with client.socket.makefile("rb") as answer:
            found = b""
            while True:
                head = answer.read(9)
                assert len(head) == 9, "closed before the answer ended"
                payload = answer.read(int.from_bytes(head[:3], "big"))
                if head[5:] == b"\0\0\0\x01" and head[3] in (_HEADERS, _DATA):
                    found = found or payload
                    if head[4] & _END_STREAM:
                        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A TLS port, and a workload with some labels behind it."""

    serve: Serve
    servers: Servers
    port: int
    certificate: Certificate
    is_haproxy: bool

    def run(self, **labels: str) -> None:
        own = {"fairway.host": "a.test"} | {f"fairway.{name}": value for name, value in labels.items()}
        one = workload("a", own, instance("a-1", "127.0.0.1", self.servers.open("a-1").port))
        self.serve(one, listeners=f"websecure={self.port}/tls", certificates=(self.certificate,), now=NOW)


@pytest.fixture
def site(serve: Serve, servers: Servers, port: int, runner: Runner) -> Site:
    paths = make_certificate(runner.directory, "test", names=("a.test",))
    certificate = Certificate(
        name="test",
        names=("a.test",),
        certificate_file=str(paths.certificate),
        key_file=str(paths.key),
        not_before=NOW - 86400,
        not_after=NOW + 86400,
        fingerprint="test",
        pem=Secret(paths.combined().decode()),
    )
    return Site(
        serve=serve, servers=servers, port=port, certificate=certificate, is_haproxy=isinstance(runner, HaproxyRunner)
    )


def test_a_body_without_a_length_is_neither_stored_nor_answered_from_the_store(site: Site) -> None:
    site.run(cache="1m")
    reached = []
    for body in (b"x", b"y", b"", b"", b"z"):
        get(site.port, b"/x", body)
        reached.append(len(site.servers.seen()))
    assert reached == [1, 1, 1, 0, 1]


@pytest.mark.parametrize("limit", ["1k", "20k"])
def test_a_body_without_a_length_is_no_way_past_the_limit(site: Site, limit: str) -> None:
    site.run(body_limit=limit)
    get(site.port, b"/x", b"x" * 2000)
    assert len(site.servers.seen()) == (limit == "20k" and not site.is_haproxy)
