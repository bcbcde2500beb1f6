"""HAProxy in a container of its own: sockets in the shared directory carry live changes, orders and verdicts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_haproxy
from tests.support.http import http_get
from tests.support.proxy import free_port
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, on_haproxy]


@pytest.mark.parametrize("leave_out", [(), ("-S", "-p")], ids=["by-the-master-socket", "by-a-signal"])
def test_it_is_changed_live_where_that_can_be_and_reloaded_where_not(
    engine: Engine, new_fairway: Callable[..., Fairway], leave_out: tuple[str, ...]
) -> None:
    edge = engine.network("fw-edge")
    fairway = new_fairway(proxy_container="fw-proxy", directory_inside="/srv/edge")
    proxy = proxy_beside(engine, fairway, inside="/srv/edge", network=edge, leave_out=leave_out)
    engine.run("fw-one", labels={"fairway.host": "edge.test"}, network=edge)
    fairway.start()
    address = (engine.address(proxy, edge)[0], fairway.port)
    eventually(lambda: http_get(address, host="edge.test").status == 200)
    seen = fairway.mark
    engine.run("fw-two", labels={"fairway.host": "edge.test"}, network=edge)
    assert fairway.wait("applied", "fw-two", after=seen)["how"] == "live"
    eventually(lambda: {answer(address) for _ in range(6)} == {"fw-one", "fw-two"})
    assert "fw_two" in "".join(fairway.ask("show servers state"))
    engine.run("fw-limited", labels={"fairway.host": "limited.test", "fairway.rate_limit": "100/s"}, network=edge)
    applied = fairway.wait("applied", "limited.test", after=seen)
    assert (applied["how"], bool(applied["reload_for"])) == ("reload", True)
    assert http_get(address, host="limited.test").status == 200
    fairway.stop()
    assert {answer(address) for _ in range(6)} == {"fw-one", "fw-two"}


def test_what_it_does_not_take_is_rolled_back_and_it_serves_on(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    edge, busy = engine.network("fw-edge"), free_port()
    fairway = new_fairway(proxy_container="fw-proxy")
    proxy = proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge)
    engine.run("fw-one", labels={"fairway.host": "edge.test"}, network=edge)
    fairway.start()
    address = (engine.address(proxy, edge)[0], fairway.port)
    eventually(lambda: http_get(address, host="edge.test").status == 200)
    fairway.stop()
    served = (fairway.directory / "current").readlink()
    engine.run("fw-busy", network_mode="container:fw-proxy", environment={"PORT": str(busy)})
    eventually(lambda: http_get((address[0], busy), host="any").status == 200)
    fairway.settings["listeners"] = f"web={fairway.port},more={busy}"
    fairway.start(until="rolled_back")
    assert re.search(rf"port {busy} on \S+ is in use", fairway.wait("rolled_back")["message"])
    assert (fairway.directory / "current").readlink() == served
    assert answer(address) == "fw-one"


def test_one_that_may_not_bind_its_sockets_is_told_by_its_own_words(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    edge = engine.network("fw-edge")
    fairway = new_fairway(proxy_container="fw-proxy")
    proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge, user="99:99")
    code, _, errors = fairway.run("watch")
    assert code == 70
    assert "cannot bind UNIX socket (Permission denied)" in errors
    assert "does it belong to who runs haproxy?" in errors


def answer(address: tuple[str, int]) -> str:
    reply = http_get(address, host="edge.test")
    return str(reply.json()["instance"]) if reply.status == 200 else str(reply.status)
