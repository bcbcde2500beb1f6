"""What a client writes to lead around a limit, or a server's idea of who it is."""

from __future__ import annotations

import socket

import pytest

from tests.conformance.conftest import Serve
from tests.support.client import Ask, Client
from tests.support.servers import Servers
from tests.support.world import Maker, instance, workload

_HEAD = b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"


def _request(peer: socket.socket) -> bytes:
    """A request with the body `abc`, by its length or in chunks, up to its end."""
    found = b""
    while not (b"abc" in found and (found.endswith(b"\r\n\r\n") or b"content-length: 3" in found.lower())):
        piece = peer.recv(65536)
        if not piece:
            break
        found += piece
    return found


def test_trailers_of_requests_reach_no_server(serve: Serve, port: int, proxy: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        serve(workload("a", {"fairway.host": "a.test"}, instance("a-1", "127.0.0.1", server.getsockname()[1])))
        with Client(port) as client:
            client.socket.sendall(_HEAD + b"3\r\nabc\r\n0\r\nX-Real-IP: 6.6.6.6\r\n\r\n")
            peer = server.accept()[0]
            with peer:
                seen = _request(peer)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            assert client.receive().status == 200
    assert b"abc" in seen
    assert (b"6.6.6.6" in seen) == ("request.trailers" in Maker(proxy).lacks)


@pytest.mark.parametrize("limit", ["rate_limit", "conn_limit"])
@pytest.mark.parametrize("field", ["203.0.113.7", "1.2.3.4,,203.0.113.7", "203.0.113.7, 10.0.0.8", "[203.0.113.7]"])
def test_no_form_of_the_forwarded_client_goes_uncounted(
    serve: Serve, servers: Servers, port: int, limit: str, field: str
) -> None:
    there = instance("a-1", "127.0.0.1", servers.open("a-1", {"delay": "0.5"}).port)
    labels = {"fairway.host": "a.test", f"fairway.{limit}": "1/m" if limit == "rate_limit" else "1"}
    serve(workload("a", labels, there), listeners=f"web={port}/proxy", trusted_proxies="127.0.0.0/24, 10.0.0.0/8")
    clients = [Client(port) for _ in range(3)]
    asked = Ask(host="a.test", headers=(("X-Forwarded-For", field),))
    for client in clients:
        client.socket.sendall(f"PROXY TCP4 10.0.0.9 127.0.0.1 1000 {port}\r\n".encode() + asked.head())
    statuses = [client.receive().status for client in clients]
    for client in clients:
        client.close()
    assert statuses.count(200) <= 1
    assert set(statuses) <= {200, 400, 429}
