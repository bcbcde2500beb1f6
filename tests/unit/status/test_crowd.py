"""Clients that send or read slowly, or too much: they keep no other client waiting."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gen.status import server as served
from gen.status.answers import Answer, Answers
from gen.status.board import Board
from gen.status.server import StatusServer
from gen.values import StatusAddress
from tests.support.proxy import free_port

MANY = 100
"""More than there are places of any kind."""
LARGE = b"x" * 4_000_000
"""More than the kernel keeps for a client that does not read."""


class Large(Answers):
    def answer(self, target: str, mark: str = "") -> Answer:
        return Answer(body=LARGE) if target == "/large" else super().answer(target, mark)


@pytest.fixture(params=["tcp", "unix"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    place = f"unix:{tmp_path}/s.sock" if request.param == "unix" else f"127.0.0.1:{free_port()}"
    server = StatusServer(StatusAddress.parse(place), Large(Board(), lambda: None))
    yield place
    server.close()


def connect(place: str) -> socket.socket:
    is_unix = place.startswith("unix:")
    client = socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET)
    client.settimeout(20)
    host, _, port = place.rpartition(":")
    client.connect(port if is_unix else (host, int(port)))
    return client


def ask(place: str, text: bytes = b"GET /healthz HTTP/1.0\r\n\r\n") -> bytes:
    with connect(place) as client:
        client.sendall(text)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_clients_that_never_end_their_request_hold_no_place(place: str) -> None:
    with ExitStack() as crowd:
        for _ in range(MANY):
            crowd.enter_context(connect(place)).sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert ask(place).startswith(b"HTTP/1.0 503 ")
        assert ask(place, b"GET /problems HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200 ")


def test_clients_that_do_not_read_hold_no_place_of_the_health(place: str) -> None:
    with ExitStack() as crowd:
        for _ in range(MANY):
            crowd.enter_context(connect(place)).sendall(b"GET /large HTTP/1.0\r\n\r\n")
        assert ask(place).startswith(b"HTTP/1.0 503 ")


def test_a_request_in_pieces_is_answered(place: str) -> None:
    with connect(place) as client:
        for piece in (b"GET /healthz HT", b"TP/1.0\r\nHost: local", b"host\r\n\r", b"\n"):
            client.sendall(piece)
        assert client.recv(100).startswith(b"HTTP/1.0 503 ")


def test_a_client_that_goes_on_and_on_is_cut_off(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_SECONDS_TO_ASK", 0.2)
    ended = threading.Event()
    with connect(place) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")

        def wait() -> None:
            client.recv(1)
            ended.set()

        watching = threading.Thread(target=wait)
        watching.start()
        while not ended.wait(0.02):  # a byte now and then wins no time
            client.sendall(b"x")
        watching.join()


def test_a_client_that_does_not_read_is_cut_off(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_SECONDS_TO_READ", 0.2)
    with connect(place) as client:
        client.sendall(b"GET /large HTTP/1.0\r\n\r\n")
        threading.Event().wait(0.5)
        got = sum(map(len, iter(lambda: client.recv(1 << 20), b"")))
    assert got < len(LARGE)


def test_a_request_that_is_too_long_is_refused(place: str) -> None:
    with connect(place) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 16_384)
        assert client.recv(100).startswith(b"HTTP/1.0 431 ")


def test_a_request_without_an_end_is_answered_where_the_client_says_no_more(place: str) -> None:
    with connect(place) as client:
        client.sendall(b"GET /healthz HTTP/1.0\r\n")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100).startswith(b"HTTP/1.0 503 ")
