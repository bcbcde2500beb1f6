"""What a running daemon tells of itself, and what it tells systemd."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gen.control.sockets import ask
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.wait import eventually

pytestmark = pytest.mark.docker


def got(fairway: Fairway, path: str) -> tuple[int, str]:
    """Status and body of an answer."""
    reply = ask(fairway.directory / "run" / "status.sock", f"GET {path} HTTP/1.0\r\n\r\n".encode(), patience=10)
    head, _, body = (reply or b" 0 \r\n\r\n").partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body.decode()


def value(fairway: Fairway, name: str) -> float:
    """Of a metric, 0 where it is not there."""
    lines = (line.rpartition(" ") for line in got(fairway, "/metrics")[1].splitlines())
    return next((float(number) for key, _, number in lines if key == name), 0.0)


@on_both
def test_it_tells_how_it_stands_what_the_proxy_counts_and_what_is_wrong(
    engine: Engine, fairway: Fairway, proxy: str
) -> None:
    eventually(lambda: got(fairway, "/healthz")[0] == 200, message="health, just after the log told of the release")
    engine.run("fw-status", labels={"fairway.host": "status.test", "fairway.rate_limit.rate": "often"})
    fairway.serves("status.test")
    before = value(fairway, "fairway_proxy_requests_total")
    for _ in range(5):
        fairway.get("status.test")
    assert value(fairway, "fairway_proxy_requests_total") >= before + 5
    assert value(fairway, 'fairway_servers{state="ready"}') == 1
    assert value(fairway, 'fairway_problems{severity="error"}') == 1
    assert value(fairway, "fairway_event_to_confirmed_seconds_count") >= 2
    (problem,) = json.loads(got(fairway, "/problems")[1])
    assert problem["origin"]["workload"] == "fw-status"
    status, page = got(fairway, "/")
    assert (status, "<b>status.test/</b>" in page, "<code>fairway.rate_limit.rate</code>" in page) == (200, True, True)
    how: dict[str, Any] = json.loads(got(fairway, "/releases")[1])[0]
    assert any(change["what"].startswith("route status.test/") for change in how["changes"])
    assert value(fairway, f'fairway_updates_total{{outcome="{how["outcome"]["how"]}"}}') >= 1


@on_both
def test_a_cache_is_counted_where_the_proxy_counts_it(engine: Engine, fairway: Fairway, proxy: str) -> None:
    engine.run("fw-cached", labels={"fairway.host": "cached.test", "fairway.cache": "60s"})
    fairway.serves("cached.test", "/cacheable?ttl=60")
    for _ in range(3):
        fairway.get("cached.test", "/cacheable?ttl=60")
    if proxy == "nginx":
        assert "fairway_proxy_cache" not in got(fairway, "/metrics")[1]
    else:
        assert value(fairway, "fairway_proxy_cache_hits_total") >= 1
        assert 0 < value(fairway, "fairway_proxy_cache_hit_ratio") <= 1


def test_systemd_hears_that_it_is_ready_reloads_turns_and_ends(
    engine: Engine, new_fairway: Callable[..., Fairway], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def hears(line: str) -> None:
            while not any(line in one for one in said):
                said.append(systemd.recv(4096).decode())

        fairway = new_fairway().start()
        hears("READY=1\nSTATUS=release ")
        hears("WATCHDOG=1")
        said.clear()
        fairway.signal(1)  # type: ignore[arg-type]
        hears("RELOADING=1\nMONOTONIC_USEC=")
        hears("READY=1")
        fairway.stop()
        hears("STOPPING=1")


def test_it_can_be_elsewhere_or_nowhere(engine: Engine, new_fairway: Callable[..., Fairway], tmp_path: Path) -> None:
    path = tmp_path / "here.sock"
    fairway = new_fairway(status=f"unix:{path}").start()
    eventually(lambda: ask(path, b"GET /healthz HTTP/1.0\r\n\r\n"))
    assert not (fairway.directory / "run" / "status.sock").exists()
    silent = new_fairway(status="off").start()
    assert not (silent.directory / "run" / "status.sock").exists()
