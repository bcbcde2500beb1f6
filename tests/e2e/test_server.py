"""The test server tells the truth, or every test above it is worth nothing."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.http import http_get
from tests.support.process import LocalServer
from tests.support.wait import eventually

Start = Callable[..., LocalServer]


def test_the_answer_describes_the_request_as_it_was_sent(local_server: Start) -> None:
    server = local_server(name="web-7")
    reply = http_get(server.address, host="a.example", path="/x%2Fy/../z?q=1", headers={"X-One": "1"}, body=b"abc")
    told = reply.json()
    assert (told["instance"], told["path"], told["body_length"]) == ("web-7", "/x%2Fy/../z?q=1", 3)
    assert ["Host", "a.example"] in told["headers"]
    assert ["X-One", "1"] in told["headers"]
    assert told["client"] == "127.0.0.1"


def test_health_follows_a_file(local_server: Start, tmp_path: Path) -> None:
    sick = tmp_path / "unhealthy"
    server = local_server(unhealthy_file=sick)
    assert http_get(server.address, path="/health").status == 200
    sick.touch()
    assert http_get(server.address, path="/health").status == 503


@pytest.mark.parametrize(("path", "status"), [("/status/418", 418), ("/status/204", 204), ("/slow?ms=1", 200)])
def test_special_paths_answer_with_their_status(local_server: Start, path: str, status: int) -> None:
    assert http_get(local_server().address, path=path).status == status


def test_cacheable_answers_count_and_say_for_how_long(local_server: Start) -> None:
    server = local_server()
    first, second = (http_get(server.address, path="/cacheable?ttl=7") for _ in range(2))
    assert (first.json()["counter"], second.json()["counter"]) == (1, 2)
    assert first.header("cache-control") == "public, max-age=7"


def test_events_bytes_and_headers_arrive(local_server: Start) -> None:
    server = local_server()
    assert http_get(server.address, path="/sse?n=2").body == b"data: 0\n\ndata: 1\n\n"
    assert len(http_get(server.address, path="/bytes?n=70000").body) == 70000
    assert http_get(server.address, path="/headers?X-Out=yes").header("X-Out") == "yes"


def test_a_websocket_frame_comes_back(local_server: Start) -> None:
    with socket.create_connection(local_server().address, timeout=5) as connection, connection.makefile("rb") as answer:
        connection.sendall(
            b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        head = list(iter(answer.readline, b"\r\n"))
        assert head[0].startswith(b"HTTP/1.1 101")
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
        connection.sendall(b"\x81\x82\x00\x00\x00\x00hi")
        assert answer.read(4) == b"\x81\x02hi"


def test_expect_continue_is_answered_before_the_body(local_server: Start) -> None:
    with socket.create_connection(local_server().address, timeout=5) as connection, connection.makefile("rb") as answer:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert answer.readline().startswith(b"HTTP/1.1 100")
        connection.sendall(b"ok")
        assert answer.readline() == b"\r\n"
        assert answer.readline().startswith(b"HTTP/1.1 200")


def test_a_stopped_server_refuses_connections(local_server: Start) -> None:
    server = local_server()
    server.process.terminate()
    eventually(lambda: server.process.poll() is not None, message="the end of the server")
    with pytest.raises(ConnectionRefusedError):
        http_get(server.address)
