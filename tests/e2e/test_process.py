"""Fairway and its proxy as processes: killed, told, started twice."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.e2e.traffic import steady
from tests.support.wait import eventually

pytestmark = pytest.mark.docker
LABELS = {"fairway.host": "process.test"}


@pytest.fixture
def served(engine: Engine, fairway: Fairway) -> Fairway:
    """A Fairway that serves one container."""
    engine.run("fw-process", labels=LABELS)
    fairway.serves("process.test")
    return fairway


@on_both
def test_a_killed_fairway_leaves_its_proxy_serving_and_the_next_one_takes_over(served: Fairway, engine: Engine) -> None:
    left = served.proxy_pid
    served.kill()
    with steady(lambda: served.get("process.test")) as traffic:
        eventually(lambda: traffic.total > 50)
    assert traffic.failed == []
    assert served.proxy_pid == left
    served.start()
    assert served.wait("applied")["how"] == "start"
    served.serves("process.test")
    eventually(lambda: served.proxy_pid not in (0, left))
    assert os.getsid(served.proxy_pid) == served.proxy_pid
    engine.run("fw-next", labels={"fairway.host": "next.test"})
    served.serves("next.test")
    assert int(Path(f"/proc/{served.proxy_pid}/stat").read_text().rpartition(")")[2].split()[1]) == served.pid


@on_both
def test_a_killed_proxy_comes_back(served: Fairway) -> None:
    killed = served.proxy_pid
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: served.proxy_pid not in (0, killed))
    served.serves("process.test")


@on_both
def test_killed_workers_come_back(served: Fairway) -> None:
    killed = children(served.proxy_pid)
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    served.serves("process.test")
    eventually(lambda: children(served.proxy_pid) - killed)
    served.engine.run("fw-after", labels={"fairway.host": "after.test"})
    served.serves("after.test")


@on_both
def test_sigterm_lets_a_slow_request_finish_and_ends_with_zero(served: Fairway) -> None:
    with socket.create_connection(served.address, timeout=10) as client:
        client.sendall(b"GET /sse?n=15 HTTP/1.0\r\nHost: process.test\r\n\r\n")
        begin = client.recv(4096)
        assert b" 200 " in begin
        served.stop()
        rest = b"".join(iter(lambda: client.recv(4096), b""))
        assert rest.endswith(b"data: 14\n\n")
    with pytest.raises(OSError, match="refused"):
        served.get("process.test")
    assert [event["event"] for event in served.events[-2:]] == ["stopping", "stopped"]


def test_sigint_ends_with_zero(served: Fairway) -> None:
    served.signal(signal.SIGINT)
    assert served.ended() == 0


def test_sighup_reads_everything_again(served: Fairway) -> None:
    seen = served.mark
    served.signal(signal.SIGHUP)
    assert "resync" in served.wait("unchanged", "resync", after=seen)["because"]
    assert served.get("process.test").status == 200


def test_a_second_watch_on_the_directory_is_refused_and_names_the_first(served: Fairway) -> None:
    code, _, errors = served.run("watch")
    assert code == 75
    assert f"process {served.pid} already applies to {served.directory}" in errors
    assert served.get("process.test").status == 200


@on_both
def test_a_port_in_use_at_the_start_ends_it_and_names_the_port(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    engine.run("fw-port", network_mode="host", environment={"PORT": str((first := new_fairway()).port)})
    eventually(lambda: first.get("any").status == 200)
    code, _, errors = first.run("watch")
    assert code == 70
    assert re.search(rf"port {first.port} on (0\.0\.0\.0|::) is in use", errors)
    assert first.get("any").json()["instance"] == "fw-port"


@on_both
def test_a_websocket_stays_open_over_a_reload_and_a_change_without(served: Fairway, engine: Engine) -> None:
    with socket.create_connection(served.address, timeout=10) as client:
        head = "GET /ws HTTP/1.1\r\nHost: process.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        client.sendall(head.encode())
        stream = client.makefile("rb")
        assert b" 101 " in stream.readline()
        while stream.readline().strip():
            pass
        assert _echo(client, stream, b"before") == b"before"
        engine.run("fw-reload", labels={"fairway.host": "reload.test"})
        served.serves("reload.test")
        assert _echo(client, stream, b"after") == b"after"
        seen = served.mark
        engine.run("fw-more", labels=LABELS)
        how = {"nginx": "reload", "haproxy": "live"}
        assert served.wait("applied", "fw-more", after=seen)["how"] == how[served.proxy]
        assert _echo(client, stream, b"again") == b"again"
        stream.close()


def children(parent: int) -> set[int]:
    """The process ids of a process's children."""
    tasks = Path(f"/proc/{parent}/task/{parent}/children") if parent else Path("/nowhere")
    return {int(pid) for pid in tasks.read_text().split()}


def _echo(client: socket.socket, stream: object, text: bytes) -> bytes:
    """Sends one masked text frame (the mask is zero) and reads one back."""
    client.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    frame: bytes = stream.read(2 + len(text))  # type: ignore[attr-defined]
    return frame[2:]
