"""The access log on standard output: a line for each request, whatever clients say; as JSON, an object in each."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.test_tls import certificate
from tests.support.binaries import BINARIES, proxy_of
from tests.support.client import Ask, Client, ask
from tests.support.proxy import HaproxyRunner, free_port
from tests.support.servers import Servers
from tests.support.tls import NOW
from tests.support.wait import eventually
from tests.support.world import Maker, instance, model_of, settings, workload

HOSTILE = b'x"y\\z\xff\xfe\t\xc3\xa9 %[src] ${HOME} {"a":1}'


class Logged(HaproxyRunner):
    """A HAProxy whose standard output is a file."""

    @property
    def output(self) -> Path:
        return self.directory / "run" / "output.log"

    def start(self, main: Path) -> None:
        command = [self.binary, "-W", "-S", f"{self._master},mode,600", "-f", str(main)]
        with self.output.open("wb") as out, (self.directory / "run" / "error.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)

    def lines(self, count: int) -> list[bytes]:
        """The log once so many requests are in it."""
        eventually(lambda: self.output.read_bytes().count(b"\n") >= count)
        return self.output.read_bytes().splitlines()


@pytest.fixture(params=[name for name in BINARIES if proxy_of(name) == "haproxy"])
def runner(request: pytest.FixtureRequest) -> Iterator[Logged]:
    with Logged(BINARIES[request.param]) as found:
        yield found


@contextmanager
def site(runner: Logged, mode: str) -> Iterator[tuple[int, int]]:
    """A site on a plain port and one with TLS, and what `access_log` says."""
    plain, tls = free_port(), free_port()
    shown = certificate(runner.directory, "a", "a.test")
    listeners = f"web={plain}, websecure={tls}/tls"
    chosen = settings(runner.directory, proxy="haproxy", listeners=listeners, access_log=mode)
    with Servers() as servers:
        web = workload("a", {"fairway.host": "a.test"}, instance("a-1", "127.0.0.1", servers.open("a-1").port))
        runner.run(Maker("haproxy").bundle(model_of([web], chosen, certificates=(shown,), now=NOW)))
        yield plain, tls


def send(port: int, head: bytes) -> None:
    with Client(port) as client:
        client.socket.sendall(head)
        client.socket.recv(4096)


def entries(lines: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_each_request_is_an_object_whatever_it_says(runner: Logged) -> None:
    with site(runner, "json") as (port, _):
        ask(port, Ask(target="/x?q=1", host="A.test", headers=(("User-Agent", "me"),)))
        odd = (
            b"GET / HTTP/1.1\r\nHost: a.test\r\nUser-Agent: " + HOSTILE,
            b'GET /"\\%22,"status":1 HTTP/1.1\r\nHost: b"\\.test',
            b"GET /\x01\xff HTTP/1.1\r\nHost: a.test",
            b'G"T / HTTP/1.1\r\nHost: a.test',
        )
        for number, head in enumerate(odd, 1):  # one after the other: what ends together may be logged in any order
            runner.lines(number)
            send(port, head + b"\r\n\r\n")
        found = entries(runner.lines(5))
    first, second = found[:2]
    wanted = {"client": "127.0.0.1", "host": "a.test", "method": "GET", "uri": "/x?q=1", "status": 200, "agent": "me"}
    assert {key: first[key] for key in wanted} == wanted
    assert (first["backend"][:10], first["server"][:6]) == ("up_a_test_", "s_a_1_")
    assert first["upstream"].startswith("127.0.0.1:")
    assert second["agent"] == 'x"y\\z\té %[src] ${HOME} {"a":1}'
    assert [entry["status"] for entry in found[3:]] == [400, 400]


def test_a_line_is_whole_however_long_it_is(runner: Logged) -> None:
    with site(runner, "json") as (port, _):
        ask(port, Ask(target="/" + "x" * 3000, host="a.test", headers=(("User-Agent", '"' * 5000),)))
        (entry,) = entries(runner.lines(1))
    assert entry["agent"] == '"' * 5000


def test_a_handshake_that_fails_is_an_object_too(runner: Logged) -> None:
    with site(runner, "json") as (_, port):
        send(port, b"GET / HTTP/1.1\r\n\r\n")
        (entry,) = entries(runner.lines(1))
    assert (entry["client"], entry["listener"], "SSL" in entry["error"]) == ("127.0.0.1", "fe_websecure", True)


def test_in_text_nobody_can_end_a_field_or_a_line(runner: Logged) -> None:
    with site(runner, "text") as (port, _):
        send(port, b"GET /?q HTTP/1.1\r\nHost: a.test\r\nUser-Agent: " + HOSTILE + b"\r\n\r\n")
        (line,) = runner.lines(1)
    assert line.startswith(rb'127.0.0.1 a.test "GET \/?q HTTP/1.1" 200 ')
    assert line.endswith(rb' "x\"y\\z\t\u00e9 %[src] ${HOME} {\"a\":1}"')
