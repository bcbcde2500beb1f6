"""`fairway doctor` with real containers: the usual mistakes, each told as the first thing that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.wait import eventually

pytestmark = pytest.mark.docker
HOST = {"fairway.host": "shop.test"}
MISTAKES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no label": ({}, "no label begins with fairway.", "add fairway.host="),
    "a misspelled prefix": ({"labels": {"fairwy.host": "x.test"}}, "fairwy.host is not read", "fairway.host=x.test"),
    "capital letters": ({"labels": {"Fairway.Host": "x.test"}}, "Fairway.Host is not read", "fairway.host=x.test"),
    "a misspelled option": (
        {"labels": {"fairway.hots": "x.test"}},
        "fairway.hots: there is no such option",
        "did you mean fairway.host?",
    ),
    "labels of Traefik": (
        {"labels": {"traefik.http.routers.x.rule": "Host(`x.test`)"}},
        "there are Traefik's, which Fairway does not read",
        "add fairway.host=",
    ),
    "an unknown named port": (
        {"labels": {**HOST, "fairway.port": "web"}},
        "has no port called 'web'",
        "write the number",
    ),
    "no network": (
        {"labels": {**HOST, "fairway.port": "8080"}, "network_mode": "none"},
        "is on no network",
        "docker network",
    ),
    "a bad guard": (
        {"labels": {**HOST, "fairway.port": "8080", "fairway.ip_allow": "nobody"}},
        "'nobody' is not a network",
        "",
    ),
}


def first(fairway: Fairway, *words: str) -> tuple[int, dict[str, str], str]:
    """Exit code, the first wrong thing, and everything as text."""
    code, out, err = fairway.run("doctor", *words, "--format", "json")
    assert not err, err
    found = json.loads(out)
    return code, found["first"] or {}, out


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda name: name.replace(" ", "-"))
def test_a_usual_mistake_is_the_first_thing_that_is_told(
    engine: Engine, new_fairway: Callable[..., Fairway], mistake: str
) -> None:
    options, found, hint = MISTAKES[mistake]
    engine.run("fw-shop", **options)
    code, told, out = first(new_fairway(), "fw-shop")
    assert code == 1
    assert found in told["found"], out
    assert hint in told["hint"], out


def test_a_container_that_ended_or_never_began_is_told_with_its_command(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    engine.run("fw-ended", labels=HOST).stop(timeout=1)
    code, told, _ = first(new_fairway(), "fw-ended")
    assert (code, told["found"], told["hint"]) == (1, "it does not run", "docker start fw-ended")
    image = engine.run("fw-image").image
    assert image is not None
    engine.client.containers.create(image, name="fw-made", labels={**HOST, "fairway-test": engine.session})
    code, told, _ = first(new_fairway(), "fw-made")
    assert (code, told["hint"]) == (1, "docker start fw-made")
    assert "fw-made is created" in told["found"]


def test_a_name_that_nobody_has_gets_the_nearest(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    engine.run("fw-shop-1", labels=HOST)
    code, told, _ = first(new_fairway(), "fw-shop-l")
    assert (code, told["found"]) == (1, "there is no fw-shop-l")
    assert "fw-shop-1" in told["hint"]


def test_a_variable_of_nginx_proxy_is_told_as_such(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    engine.run("fw-old", environment={"VIRTUAL_HOST": "old.test"})
    code, _, out = first(new_fairway(), "fw-old")
    assert code == 1
    assert "VIRTUAL_HOST is nginx-proxy's" in out
    assert "add the label fairway.host=old.test" in out


@on_both
def test_a_container_that_is_served_passes_every_step(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    engine.run("fw-shop", labels={**HOST, "com.docker.compose.service": "shop", "fairway.port": "8080"})
    fairway = new_fairway().start()
    fairway.serves("shop.test")
    for name in ("fw-shop", str(engine.client.containers.get("fw-shop").id)[:12], "shop"):
        code, told, out = first(fairway, name, "--connect")
        assert (code, told) == (0, {}), out
    assert "stands in the installed release: ready" in out
    assert "takes connections" in out
    assert "fairway explain http://shop.test" in out
    assert ("HAProxy has" in out) is (fairway.proxy == "haproxy")
    code, out, _ = fairway.run("doctor")
    assert code == 0, out
    assert "our own proxy listens" in out
    assert "which is installed" in out


def test_a_port_where_nobody_listens_is_found_by_connecting(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    engine.run("fw-shop", labels={**HOST, "fairway.port": "81"})
    fairway = new_fairway().start()
    eventually(lambda: first(fairway, "fw-shop")[0] == 0, message="all but the port is right")
    code, told, _ = first(fairway, "fw-shop", "--connect")
    assert code == 1
    assert "nobody listens at" in told["found"]


def test_a_container_is_explained_from_its_label_to_its_address(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    container = engine.run("fw-shop", labels={**HOST, "fairway.port": "8080"})
    fairway = new_fairway()
    code, out, _ = fairway.run("explain", f"http://shop.test:{fairway.port}/x")
    assert code == 0, out
    assert f"{':'.join(map(str, engine.address(container)))}  ready  fw-shop over bridge" in out
    assert "fairway.host=shop.test  (fw-shop)" in out


def test_a_proxy_in_a_container_is_judged_from_where_it_stands(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    edge = engine.network("fw-edge")
    fairway = new_fairway(proxy_container="fw-proxy")
    proxy_beside(engine, fairway, inside=str(fairway.directory), network=edge)
    engine.run("fw-far", labels={**HOST, "fairway.port": "8080"})
    _, _, around = first(fairway)
    assert "the proxy is the container fw-proxy, on fw-edge" in around
    assert "fw-proxy does not publish it" in around
    code, told, _ = first(fairway, "fw-far")
    assert (code, told["hint"]) == (1, "docker network connect bridge fw-proxy")
    edge.connect("fw-far")
    _, _, out = first(fairway, "fw-far", "--connect")
    assert "over fw-edge" in out
    assert "a connection from here would prove nothing" in out


def test_an_engine_that_does_not_answer_is_the_first_thing(new_fairway: Callable[..., Fairway]) -> None:
    code, told, _ = first(new_fairway(docker="unix:///nobody/docker.sock"))
    assert (code, told["about"]) == (1, "engine")
    assert "unix:///nobody/docker.sock" in told["found"]
    assert "mount the socket" in told["hint"]
