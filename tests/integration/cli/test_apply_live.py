"""`apply` and a running HAProxy: each one is a process of its own, and knows nothing of what the last one left."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.cli.applied import Site
from tests.support.http import http_get
from tests.support.servers import Servers


@pytest.fixture
def proxy() -> str:
    return "haproxy"


@pytest.fixture
def servers() -> Iterator[Servers]:
    with Servers() as opened:
        yield opened


@contextmanager
def reading(site: Site) -> Iterator[socket.socket]:
    """A client whose answer does not end."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as client:
        client.sendall(b"GET /?sse=1&hang=1 HTTP/1.1\r\nHost: app.test\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        yield client


def test_a_server_that_still_had_a_request_when_it_went_comes_back(site: Site, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    site.has_places("app", one.port)
    with site.running(), reading(site) as client:
        ways = []
        for ports in ((one.port, two.port), (two.port,), (one.port, two.port)):
            site.has_places("app", *ports)
            done = site.does("apply", "--auto", "--format", "json")
            told = json.loads(done.out)
            assert (done.code, told["outcome"]) == (0, "applied"), done
            ways.append((told["how"], bool(told["repaired"])))
            assert site.does("plan").code == 0
        assert ways == [("live", False), ("live", False), ("reload", True)], told
        seen = {one.name: one.count, two.name: two.count}
        for _ in range(4):
            assert http_get(("127.0.0.1", site.port), host="app.test").status == 200
        assert {one.name: one.count > seen["one"], two.name: two.count > seen["two"]} == {"one": True, "two": True}
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):  # it is neither answered to the end nor closed
            while client.recv(1000):
                pass
