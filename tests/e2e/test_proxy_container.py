"""The proxy in a container of its own, which shares the directory; Fairway stays outside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = pytest.mark.docker
ALICE = "alice:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"


@on_both
@pytest.mark.parametrize("inside", ["", "/srv/edge"])
def test_it_is_started_checked_inside_reloaded_and_reached(
    engine: Engine, new_fairway: Callable[..., Fairway], inside: str, proxy: str
) -> None:
    edge = engine.network("fw-edge")
    where = {"directory_inside": inside} if inside else {}
    fairway = new_fairway(proxy_container="label=fairway.proxy=edge", **where)
    container = proxy_beside(engine, fairway, inside=inside or str(fairway.directory), network=edge)
    engine.run("fw-edge-web", labels={"fairway.host": "edge.test"}, network=edge)
    engine.run("fw-far", labels={"fairway.host": "far.test"})
    fairway.start()
    address = (engine.address(container, edge)[0], fairway.port)
    reply = eventually(lambda: found if (found := http_get(address, host="edge.test")).status == 200 else None)
    assert reply and reply.json()["client"] == address[0]
    problem = fairway.wait("problem", "fw-far")
    assert "fw-far is on bridge; the proxy fw-proxy reaches fw-edge" in problem["message"]
    assert "docker network connect bridge fw-proxy" in problem["message"]
    assert http_get(address, host="far.test").status == 503
    seen = fairway.mark
    engine.client.networks.get("bridge").connect(container)
    eventually(lambda: http_get(address, host="far.test").status == 200, timeout=20)
    how = {"nginx": "reload", "haproxy": "live"}
    assert fairway.wait("applied", "far", after=seen)["how"] == how[proxy]
    assert fairway.run("plan")[::2] == (0, "nothing would change\n")
    fairway.stop()
    assert fairway.log().count("rolled_back") == 0


def test_passwords_are_readable_by_its_workers_and_not_by_everybody(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    edge = engine.network("fw-edge")
    fairway = new_fairway(proxy_container="fw-proxy")
    proxy = proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge)
    labels = {"fairway.host": "auth.test", "fairway.basic_auth": ALICE}
    engine.run("fw-auth", labels=labels, network=edge)
    fairway.start()
    address = (engine.address(proxy, edge)[0], fairway.port)
    eventually(lambda: http_get(address, host="auth.test").status == 401)
    wrong = {"Authorization": "Basic YWxpY2U6d3Jvbmc="}
    assert http_get(address, host="auth.test", headers=wrong).status == 401
    right = {"Authorization": "Basic YWxpY2U6c2VjcmV0"}
    assert http_get(address, host="auth.test", headers=right).json()["instance"] == "fw-auth"
    (users,) = (fairway.directory / "current" / "auth").iterdir()
    assert users.stat().st_mode & 0o777 == 0o640
    assert users.stat().st_gid == 65534


@on_both
def test_a_proxy_that_is_killed_and_recreated_serves_and_follows_again(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    edge = engine.network("fw-edge")
    fairway = new_fairway(proxy_container="label=fairway.proxy=edge")
    inside = str(fairway.directory)
    old = proxy_beside(engine, fairway, inside=inside, network=edge)
    engine.run("fw-first", labels={"fairway.host": "first.test"}, network=edge)
    fairway.start()
    old.remove(force=True)
    fairway.wait("problem", "no container 'fairway.proxy=edge'")
    new = proxy_beside(engine, fairway, inside=inside, network=edge)
    new.start()
    address = (engine.address(new, edge)[0], fairway.port)
    eventually(lambda: http_get(address, host="first.test").status == 200)
    engine.run("fw-second", labels={"fairway.host": "second.test"}, network=edge)
    eventually(lambda: http_get(address, host="second.test").status == 200, timeout=20)


def test_a_missing_proxy_container_ends_the_start_with_its_name(new_fairway: Callable[..., Fairway]) -> None:
    code, _, errors = new_fairway(proxy_container="fw-nobody").run("watch")
    assert code == 69
    assert "there is no container fw-nobody" in errors
