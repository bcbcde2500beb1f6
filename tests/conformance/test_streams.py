"""Websockets, server-sent events, large bodies: what must not wait for its end."""

from __future__ import annotations

import socket

from tests.conformance.conftest import Serve
from tests.support.client import Ask, Client, ask
from tests.support.proxy import Runner
from tests.support.servers import Servers
from tests.support.world import instance, workload

LARGE = 32 * 1024 * 1024
HANDSHAKE = (
    ("Upgrade", "WebSocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
)


def start(serve: Serve, servers: Servers, **labels: str) -> None:
    own = {f"fairway.{key}": value for key, value in labels.items()}
    serve(workload("a", own, instance("a-1", "127.0.0.1", servers.open("a-1").port)))


def read_until(peer: socket.socket, end: bytes) -> bytes:
    found = b""
    while end not in found:
        piece = peer.recv(65536)
        assert piece, f"closed after {found!r}"
        found += piece
    return found


def upgrade(client: Client) -> None:
    client.socket.sendall(Ask(host="a.test", headers=HANDSHAKE).head())
    head = read_until(client.socket, b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head


def test_a_websocket_echoes_in_both_directions(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, host="a.test")
    with Client(port) as client:
        upgrade(client)
        for frame in (b"\x81\x02hi", b"\x81\x03you"):
            client.socket.sendall(frame)
            assert read_until(client.socket, frame) == frame


def test_a_websocket_works_behind_a_condition_and_a_stripped_prefix(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, **{"host": "a.test", "methods": "GET", "strip_prefix": "/x", "request_headers.X-A": "b"})
    with Client(port) as client:
        upgrade(client)
        client.socket.sendall(b"\x81\x02hi")
        assert read_until(client.socket, b"hi") == b"\x81\x02hi"


def test_a_websocket_lives_through_a_reload(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, host="a.test")
    with Client(port) as client:
        upgrade(client)
        serve(workload("b", {"fairway.host": "b.test"}, instance("b-1", "127.0.0.1", servers.open("b-1").port)))
        client.socket.sendall(b"\x81\x02hi")
        assert read_until(client.socket, b"hi") == b"\x81\x02hi"
    assert ask(port, Ask(host="a.test")).status == 404
    assert ask(port, Ask(host="b.test")).status == 200


def test_the_first_event_arrives_while_the_answer_goes_on(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, host="a.test", compress="on")
    with Client(port) as client:
        client.socket.sendall(Ask(target="/?sse=1&hang=1", host="a.test").head())
        assert b"text/event-stream" in read_until(client.socket, b"data: 0\n\n")


def test_a_large_upload_passes_without_being_kept_on_disk(
    serve: Serve, servers: Servers, port: int, runner: Runner
) -> None:
    start(serve, servers, host="a.test")
    answer = ask(port, Ask(method="POST", host="a.test", size=LARGE))
    assert answer.echo["length"] == LARGE
    answer = ask(port, Ask(method="POST", host="a.test", size=LARGE, chunked=True))
    assert answer.echo["length"] == LARGE
    assert "buffered to a temporary file" not in runner.log()


def test_a_large_download_arrives_whole(serve: Serve, servers: Servers, port: int, runner: Runner) -> None:
    start(serve, servers, host="a.test")
    assert len(ask(port, Ask(target=f"/?size={LARGE}", host="a.test")).body) == LARGE
    assert "buffered to a temporary file" not in runner.log()


def test_a_server_that_answers_before_the_upload_ends_is_heard(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, host="a.test", body_limit="1k")
    assert ask(port, Ask(method="POST", host="a.test", size=1 << 20)).status == 413


def test_ipv6_clients_are_served_and_named(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, host="a.test", client_ip="::1/128")
    answer = ask(port, Ask(host="a.test"), host="::1")
    assert answer.echo["headers"]["x-real-ip"] == "::1"
    assert ask(port, Ask(host="a.test")).status == 404
