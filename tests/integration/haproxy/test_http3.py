"""HTTP/3: answered over UDP beside HTTPS where HAProxy has QUIC and the operator wants it, and told to browsers."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.errors import SettingsError
from gen.model import Model
from gen.proxies.haproxy.fit import QUIC
from gen.settings import load
from tests.conformance.test_tls import certificate
from tests.support.binaries import BINARIES, capabilities, proxy_of
from tests.support.client import Ask, ask
from tests.support.proxy import RUNNERS, Runner, free_port
from tests.support.servers import Servers
from tests.support.tls import NOW
from tests.support.world import Maker, instance, model_of, settings, workload

_ODD_VERSION = b"\x1a\x2a\x3a\x4a"  # reserved: who gets it answers with the versions that there are (RFC 9000, 6.3)
_VERSION_1 = b"\x00\x00\x00\x01"


@pytest.fixture(params=[name for name in BINARIES if proxy_of(name) == "haproxy"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def runner(name: str) -> Iterator[Runner]:
    with RUNNERS[name]() as found:
        yield found


def model(directory: Path, port: int, there: int, *, flags: str = "", **named: str) -> Model:
    shown = certificate(directory, "a", "a.test")
    listeners = f"web={free_port()}, websecure={port}/tls{flags}"
    chosen = settings(directory, proxy="haproxy", **({"listeners": listeners, "http3": "on"} | named))
    site = workload("a", {"fairway.host": "a.test"}, instance("a-1", "127.0.0.1", there))
    return model_of([site], chosen, certificates=(shown,), now=NOW)


def versions(port: int, host: str = "127.0.0.1") -> bytes:
    """What a QUIC server says of its versions; empty where nobody answers."""
    ids = b"\x08" + os.urandom(8) + b"\x08" + os.urandom(8)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(5)
        peer.connect((host, port))
        peer.send((b"\xc0" + _ODD_VERSION + ids).ljust(1200, b"\x00"))
        try:
            answer = peer.recv(2048)
        except ConnectionRefusedError:
            return b""
    assert answer[1:5] == bytes(4)
    return answer[5 + len(ids) :]


def test_quic_is_answered_on_the_port_of_https_and_browsers_are_told(runner: Runner, name: str) -> None:
    port, maker = free_port(), Maker(name, capabilities=capabilities(name))
    with Servers() as servers:
        wanted = model(runner.directory, port, servers.open("a-1").port)
        runner.run(maker.bundle(wanted))
        answer = ask(port, Ask(host="a.test", sni="a.test"))
    told = [problem.origin.key for problem in maker.fit(wanted).problems]
    has_it = bool(capabilities(name) & QUIC)
    assert answer.status == 200
    assert answer.headers.get("alt-svc", "") == (f'h3=":{port}"; ma=86400' if has_it else "")
    assert told == ([] if has_it else ["http3"])
    for host in ("127.0.0.1", "::1"):
        assert (_VERSION_1 in versions(port, host)) == has_it


def test_nobody_answers_over_udp_unless_it_is_asked_for(runner: Runner, name: str) -> None:
    port = free_port()
    runner.run(Maker(name).bundle(model(runner.directory, port, 9, http3="off")))
    assert versions(port) == b""


def test_the_proxy_protocol_and_http3_do_not_meet(runner: Runner, name: str) -> None:
    port = free_port()
    wanted = model(runner.directory, port, 9, flags="/proxy", trusted_proxies="127.0.0.1")
    runner.run(Maker(name).bundle(wanted))
    assert versions(port) == b""


def test_the_port_that_browsers_see_is_the_one_that_they_are_told(tmp_path: Path) -> None:
    bundle = Maker("haproxy", capabilities=QUIC).bundle(model(tmp_path, 8443, 9, https_port="443"))
    text = next(file.content for file in bundle.files if file.name == "haproxy.cfg").decode()
    assert """set-header Alt-Svc 'h3=":443"; ma=86400'""" in text


@pytest.mark.parametrize(
    ("flags", "said"),
    [((), "with the proxy haproxy only"), ((("proxy", "haproxy"), ("listeners", "web=80")), "no listener has TLS")],
)
def test_where_there_cannot_be_any_the_operator_is_told(flags: tuple[tuple[str, str], ...], said: str) -> None:
    with pytest.raises(SettingsError, match=f"http3: .*{said}"):
        load(file="/dev/null", variables={}, flags=(("http3", "on"), *flags))
