"""Words for nginx, and nginx's words understood."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from gen.proxies.commands import Fault, Layout
from gen.proxies.nginx.commands import NginxCommands

NGINX = NginxCommands()
LAYOUT = Layout(root=PurePosixPath("/d"))


def emerg(message: str) -> Fault:
    return Fault(level="emerg", message=message)


def test_a_check_writes_a_pid_file_of_its_own() -> None:
    argv = NGINX.check(LAYOUT.releases / "1" / "nginx.conf", LAYOUT)
    assert argv[-3:] == ("/d/releases/1/nginx.conf", "-g", "pid /d/run/check.pid;")
    assert "pid /d/run/nginx.pid;" in NGINX.start(LAYOUT)[-1]


def test_both_forms_of_a_message_are_read_once_each() -> None:
    text = (
        "nginx: [warn] suspicious in /d/a.conf:7\n"
        '2026/11/23 15:37:45 [emerg] 7061#7061: unknown directive "x" in /d/a.conf:9\n'
        '2026/11/23 15:37:45 [emerg] 7061#7061: unknown directive "x" in /d/a.conf:9\n'
        "2026/11/23 15:37:45 [notice] 7061#7061: using the epoll event method\n"
        "2026/11/23 15:37:45 [emerg] 7061#7061: still could not bind()\n"
        "nginx: configuration file /d/a.conf test failed\n"
    )
    assert NGINX.faults(text) == (
        Fault(level="warn", message="suspicious", file="/d/a.conf", line=7),
        Fault(level="emerg", message='unknown directive "x"', file="/d/a.conf", line=9),
        emerg("still could not bind()"),
    )


@pytest.mark.parametrize("words", ["Address already in use", "Address in use"])
def test_a_port_in_use_is_explained_whatever_the_c_library_calls_it(words: str) -> None:
    fault = NGINX.explain(emerg(f"bind() to 0.0.0.0:80 failed (98: {words})"))
    assert fault.message == "port 80 on 0.0.0.0 is in use by another process"
    assert "ss -ltnp sport = :80" in fault.hint


@pytest.mark.parametrize(
    ("message", "explained"),
    [
        ("bind() to [::]:443 failed (98: Address in use)", "port 443 on [::] is in use by another process"),
        ("bind() to 0.0.0.0:80 failed (13: Permission denied)", "nginx may not listen on port 80 of 0.0.0.0"),
        (
            "bind() to 10.9.9.9:80 failed (99: Cannot assign requested address)",
            "10.9.9.9 is not an address of this host, nginx cannot listen on its port 80",
        ),
        ("bind() to 10.9.9.9:80 failed (1: other)", "bind() to 10.9.9.9:80 failed (1: other)"),
        ("something new", "something new"),
    ],
)
def test_explanations(message: str, explained: str) -> None:
    assert NGINX.explain(emerg(message)).message == explained


def test_a_left_over_socket_and_a_changed_zone_come_with_a_hint() -> None:
    assert "/d/run/confirm.sock" in NGINX.explain(emerg("bind() to unix:/d/run/confirm.sock failed (98: x)")).hint
    zone = 'limit_conn "c" uses the "$host" key while previously it used the "$uri" key'
    assert "the zone c" in NGINX.explain(emerg(zone)).hint


def test_an_address_in_use_is_tried_again_so_only_the_last_word_is_fatal() -> None:
    assert not NGINX.is_fatal(emerg("bind() to 0.0.0.0:80 failed (98: Address in use)"))
    assert NGINX.is_fatal(emerg("still could not bind()"))
    assert NGINX.is_fatal(emerg("bind() to 0.0.0.0:80 failed (13: Permission denied)"))
    assert not NGINX.is_fatal(Fault(level="error", message="upstream timed out"))


def test_a_host_that_is_not_found_may_be_the_isolations_fault() -> None:
    assert NGINX.wants_network(emerg('host not found in upstream "a"'))
    assert not NGINX.wants_network(emerg("unknown directive"))


@pytest.mark.parametrize(
    ("reply", "digest"),
    [
        (b"HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\nabc", "abc"),
        (b"HTTP/1.1 404 Not Found\r\n\r\nabc", ""),
        (b"", ""),
        (b"garbage", ""),
    ],
)
def test_only_a_success_is_an_answer(reply: bytes, digest: str) -> None:
    assert NGINX.answer(reply) == digest
