"""The proxy's container gets onto the networks of its workloads, and off those that it was brought onto."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.models.containers import Container

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = pytest.mark.docker


def networks(container: Container) -> set[str]:
    container.reload()
    return set(container.attrs["NetworkSettings"]["Networks"])


def answers(engine: Engine, fairway: Fairway, proxy: Container, host: str) -> bool:
    return http_get((engine.address(proxy, "fw-edge")[0], fairway.port), host=host).status == 200


@on_both
def test_networks_are_joined_when_they_are_needed_and_left_when_they_are_not(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    edge, shop, other, by_hand = (engine.network(f"fw-{name}") for name in ("edge", "join-shop", "other", "by-hand"))
    fairway = new_fairway(proxy_container="fw-proxy", join="fw-join-*, fw-by-*")
    proxy = proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge)
    by_hand.connect(proxy)
    first = engine.run("fw-shop", labels={"fairway.host": "shop.test"}, network=shop)
    engine.run("fw-other", labels={"fairway.host": "other.test"}, network=other)
    hand = engine.run("fw-hand", labels={"fairway.host": "hand.test"}, network=by_hand)

    code, planned, _ = fairway.run("plan")
    assert (code, planned.splitlines()[0]) == (2, "+ network fw-join-shop: fw-proxy is connected to it")
    assert "once joined" in fairway.run("networks")[1]
    assert networks(proxy) == {"fw-edge", "fw-by-hand"}

    fairway.start()
    fairway.wait("joined", "fw-join-shop")
    eventually(lambda: answers(engine, fairway, proxy, "shop.test"))
    assert answers(engine, fairway, proxy, "hand.test")
    assert "docker network connect fw-other fw-proxy" in fairway.wait("problem", "fw-other")["message"]
    assert networks(proxy) == {"fw-edge", "fw-by-hand", "fw-join-shop"}

    fairway.stop()
    hand.remove(force=True)
    fairway.start()
    first.remove(force=True)
    fairway.wait("left", "fw-join-shop")
    assert networks(proxy) == {"fw-edge", "fw-by-hand"}
