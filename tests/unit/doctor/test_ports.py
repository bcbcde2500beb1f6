"""Ports of this machine: free, ours, or whose, as the kernel says."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from gen.doctor import ports as module
from gen.doctor.ports import bound, holders, may_listen, ports, published
from gen.explain.finding import Finding
from gen.settings import Settings
from gen.sources.docker_read import Facts
from gen.state import Port
from gen.values import Listen


@pytest.fixture
def taken() -> Iterator[dict[str, int]]:
    """Ports on which this process listens, by what they are."""
    with ExitStack() as held:
        found: dict[str, int] = {}
        kinds = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
        for name, kind in kinds.items():
            one = held.enter_context(socket.socket(socket.AF_INET, kind))
            one.bind(("127.0.0.1", 0))
            if name == "tcp":
                one.listen()
            found[name] = one.getsockname()[1]
        yield found


def judged(listen: Listen, *masters: int) -> Finding:
    return next(iter(ports(Settings(listeners=(listen,)), frozenset(masters))))


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_port_that_somebody_has_is_told_with_the_process(taken: dict[str, int], protocol: str) -> None:
    listen = Listen("a", taken[protocol], protocol="udp" if protocol == "udp" else "http")
    found = judged(listen)
    assert found.level == "fail"
    assert f"(process {os.getpid()}) listens there" in found.found


def test_one_that_our_own_proxy_has_is_right(taken: dict[str, int]) -> None:
    assert judged(Listen("a", taken["tcp"]), os.getpid()).level == "ok"
    assert judged(Listen("a", taken["tcp"]), os.getppid()).level == "ok"
    assert judged(Listen("a", taken["tcp"]), 2**22).level == "fail"


def test_another_address_or_protocol_is_not_in_the_way(taken: dict[str, int]) -> None:
    assert judged(Listen("a", taken["tcp"], "127.0.0.2")).level == "ok"
    assert judged(Listen("a", taken["tcp"], "::1")).level == "ok"
    assert judged(Listen("a", taken["tcp"], "127.0.0.1")).level == "fail"


def test_an_address_that_is_not_this_machines_is_told() -> None:
    found = judged(Listen("a", 8080, "192.0.2.7"))
    assert (found.level, "192.0.2.7 is no address of this machine" in found.found) == ("fail", True)


def test_a_port_that_may_not_be_listened_on_is_told(monkeypatch: pytest.MonkeyPatch, taken: dict[str, int]) -> None:
    monkeypatch.setattr(module, "bound", lambda: iter(()))
    monkeypatch.setattr(module, "may_listen", lambda port: port >= 1024)
    assert judged(Listen("a", 80)).level == "fail"
    assert judged(Listen("a", 8080)).level == "ok"


def test_root_may_listen_anywhere_and_everybody_above_the_kernels_border() -> None:
    assert may_listen(65535)
    assert may_listen(80) or os.geteuid() != 0


def test_a_container_has_ports_of_its_own_and_they_have_to_be_published(taken: dict[str, int]) -> None:
    listeners = (Listen("a", taken["tcp"]), Listen("b", 81), Listen("dns", 81, protocol="udp"))
    settings = Settings(listeners=listeners, proxy_container="proxy", control="container")
    assert list(ports(settings, frozenset())) == []
    here = (Port(number=taken["tcp"], host_port=8080), Port(number=81))
    found = list(published(settings, Facts(id="1", name="proxy", ports=here)))
    assert [one.level for one in found] == ["ok", "warn", "warn"]
    assert "proxy has it published at 0.0.0.0:8080" in found[0].found
    assert [one.hint for one in found[1:]] == [
        "make the container with -p 81:81",
        "make the container with -p 81:81/udp",
    ]
    assert list(published(settings, Facts(id="1", name="proxy", host_network=True))) == []


def test_addresses_are_read_as_the_kernel_writes_them(taken: dict[str, int]) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as six:
        six.bind(("::1", 0))
        six.listen()
        found = {(one.address, one.port): one for one in bound() if one.protocol == "tcp"}
        assert ("127.0.0.1", taken["tcp"]) in found
        mine = found["::1", six.getsockname()[1]]
        assert holders(mine.inode) == {os.getpid()}
