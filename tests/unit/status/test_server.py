"""Where it answers, whom, and whom not."""

from __future__ import annotations

import http.client
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.errors import BadValue, FairwayError
from gen.status.answers import Answers
from gen.status.board import Board
from gen.status.server import StatusServer
from gen.values import StatusAddress
from tests.support.proxy import free_port


@pytest.fixture
def answers() -> Answers:
    return Answers(Board(), lambda: None)


@pytest.fixture
def port(answers: Answers) -> Iterator[int]:
    found = free_port()
    server = StatusServer(StatusAddress.parse(f"127.0.0.1:{found}"), answers)
    yield found
    server.close()


def ask(port: int, path: str = "/healthz", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
    finally:
        connection.close()


def test_it_answers_with_headers_that_keep_pages_in_their_place(port: int) -> None:
    status, headers, body = ask(port)
    assert (status, headers["content-type"], b'"in_sync": false' in body) == (503, "application/json", True)
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    status, _, body = ask(port, "/problems", "HEAD")
    assert (status, body) == (200, b"")


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", "localhost.evil.test", "127.0.0.1.evil.test"])
def test_a_name_that_leads_here_is_not_answered(port: int, host: str) -> None:
    assert ask(port, Host=host)[0] == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:9180", "127.0.0.1:9180", "[::1]:9180", "10.0.0.5"])
def test_an_address_or_localhost_is(port: int, host: str) -> None:
    assert ask(port, "/problems", Host=host)[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(port: int, method: str) -> None:
    assert ask(port, "/", method)[0] == 501


def test_a_client_that_says_nothing_keeps_nobody_waiting(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"GET / HT")
        assert ask(port)[0] == 503


def test_a_unix_socket_is_for_its_owner_and_group_and_is_removed(answers: Answers, tmp_path: Path) -> None:
    path = tmp_path / "new" / "status.sock"
    for _ in range(2):
        server = StatusServer(StatusAddress.parse(f"unix:{path}"), answers)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /problems HTTP/1.0\r\n\r\n")
            assert client.recv(4096).startswith(b"HTTP/1.0 200 ")
        server.close()
        assert not path.exists()


def test_a_place_that_is_taken_is_named(port: int, answers: Answers) -> None:
    with pytest.raises(FairwayError, match=f"status: 127.0.0.1:{port} cannot be listened on"):
        StatusServer(StatusAddress.parse(f"127.0.0.1:{port}"), answers)


@pytest.mark.parametrize("text", ["", "9180", "unix:", "unix:relative", "host:9180", "unix:/a\nb"])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(BadValue, match="an address with a port or a unix socket"):
        StatusAddress.parse(text)
    assert [str(StatusAddress.parse(text)) for text in ("off", "unix:/a", "127.0.0.1:1")] == [
        "off",
        "unix:/a",
        "127.0.0.1:1",
    ]
