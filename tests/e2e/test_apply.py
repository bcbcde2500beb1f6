"""`plan` and `apply` in one go, with a proxy in a container of its own; and beside a `watch`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from docker.models.containers import Container
from docker.models.networks import Network

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, on_both]


class Edge:
    """A Fairway whose proxy's container is on the network `fw-edge`."""

    def __init__(self, engine: Engine, fairway: Fairway) -> None:
        self.engine, self.fairway = engine, fairway
        self.network = engine.network("fw-edge")
        self.proxy = proxy_beside(engine, fairway, inside=str(fairway.directory), network=self.network)

    def web(self, name: str, network: Network | None = None) -> Container:
        return self.engine.run(name, labels={"fairway.host": f"{name}.test"}, network=network or self.network)

    def answers(self, name: str) -> None:
        address = (self.engine.address(self.proxy, self.network)[0], self.fairway.port)
        eventually(lambda: http_get(address, host=f"{name}.test").status == 200, timeout=20)

    def networks(self) -> set[str]:
        self.proxy.reload()
        return set(self.proxy.attrs["NetworkSettings"]["Networks"])


@pytest.fixture
def new_edge(engine: Engine, new_fairway: Callable[..., Fairway]) -> Callable[..., Edge]:
    return lambda **settings: Edge(engine, new_fairway(proxy_container="fw-proxy", **settings))


def test_a_plan_is_applied_once_and_confirmed_by_the_proxy(new_edge: Callable[..., Edge], tmp_path: Path) -> None:
    edge = new_edge()
    fairway, plan = edge.fairway, str(tmp_path / "plan.json")
    edge.web("fw-web")
    assert fairway.run("apply", "--auto")[0] == 0
    edge.answers("fw-web")
    more = edge.web("fw-more")
    assert fairway.run("plan", "--out", plan)[0] == 2
    code, out, err = fairway.run("apply", plan)
    assert (code, "\napplied: release " in out) == (0, True), err
    edge.answers("fw-more")
    edge.web("fw-since")
    assert fairway.run("plan", "--out", plan)[0] == 2
    more.remove(force=True)
    code, _, err = fairway.run("apply", plan)
    assert (code, "the world is another one since: - route fw-more.test/ on web was not planned" in err) == (
        76,
        True,
    ), err


def test_containers_that_were_all_made_anew_are_applied_without_a_word(
    new_edge: Callable[..., Edge], proxy: str
) -> None:
    edge = new_edge()
    names = [f"fw-{number}" for number in range(4)]
    old = [edge.web(name) for name in names]
    assert edge.fairway.run("apply", "--auto")[0] == 0
    for container in old:
        container.remove(force=True)
    # Somebody else gets the first address, so that each of them has another one now.
    edge.engine.run("fw-first", network=edge.network)
    for name in names:
        edge.web(name)
    code, out, err = edge.fairway.run("apply", "--auto", "--format", "json")
    told = json.loads(out)
    assert (code, told["outcome"]) == (0, "applied"), err
    assert sum(change["sign"] == "-" for change in told["changes"]) == 4
    assert told["how"] == {"nginx": "reload", "haproxy": "live"}[proxy]
    for name in names:
        edge.answers(name)


def test_networks_are_joined_for_it_left_after_it_and_not_joined_for_what_is_not_served(
    new_edge: Callable[..., Edge], engine: Engine, proxy: str
) -> None:
    edge = new_edge(join="fw-join-*")
    fairway = edge.fairway
    shop = edge.web("fw-shop", engine.network("fw-join-shop"))
    edge.web("fw-web")
    code, out, err = fairway.run("apply", "--auto")
    assert (code, out.splitlines()[0]) == (0, "+ network fw-join-shop: fw-proxy is connected to it"), err
    edge.answers("fw-shop")
    assert edge.networks() == {"fw-edge", "fw-join-shop"}
    shop.remove(force=True)
    assert fairway.run("apply", "--auto")[0] == 0
    assert edge.networks() == {"fw-edge"}
    edge.web("fw-other", engine.network("fw-join-other"))
    nowhere = f"--set=listeners=web={fairway.port}, admin=192.0.2.1:81"
    code, _, err = fairway.run("apply", "--auto", nowhere)
    # nginx sees it when it checks, HAProxy when it loads, and then the network is joined already.
    said = {"nginx": (70, "nginx refuses the configuration"), "haproxy": (1, "rolled back: ")}[proxy]
    assert (code, said[1] in err) == (said[0], True), err
    assert ("left" in err) is (proxy == "haproxy"), err
    assert edge.networks() == {"fw-edge"}
    edge.answers("fw-web")


def test_beside_a_watch_it_steps_back(new_edge: Callable[..., Edge], tmp_path: Path) -> None:
    edge = new_edge()
    fairway, plan = edge.fairway, str(tmp_path / "plan.json")
    edge.web("fw-web")
    fairway.start()
    assert fairway.run("plan", "--out", plan)[0] == 0, "it was followed already"
    for words in (["--auto"], [plan]):
        code, _, err = fairway.run("apply", *words)
        assert (code, f"process {fairway.pid} already applies to" in err) == (75, True), err
        assert "a `watch` follows by itself" in err
    fairway.stop()
    code, out, err = fairway.run("apply", plan)
    assert (code, out.startswith("unchanged: the proxy serves release ")) == (0, True), err
