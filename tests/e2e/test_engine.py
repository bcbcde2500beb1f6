"""The engine under the end-to-end tests: containers answer, join networks, and are removed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.engine import LABEL, Engine
from tests.e2e.image import proxy_image
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = pytest.mark.docker


def answering_instance(engine: Engine, name: str, network: str | None = None) -> str:
    address = engine.address(engine.client.containers.get(name), network)
    return str(eventually(lambda: http_get(address), message=f"an answer of {name}").json()["instance"])


def test_a_container_answers_on_each_of_its_networks(engine: Engine) -> None:
    one, two = engine.network(f"one-{engine.session}"), engine.network(f"two-{engine.session}")
    name = f"web-{engine.session}"
    container = engine.run(name, network=one, labels={"fairway.host": "a.example"})
    two.connect(container)
    assert answering_instance(engine, name, one.name) == name
    assert answering_instance(engine, name, two.name) == name
    assert container.labels["fairway.host"] == "a.example"


def test_what_was_made_is_removed_and_nothing_else(engine: Engine) -> None:
    other = Engine(url=engine.url)
    try:
        kept = other.network(f"kept-{other.session}")
        engine.network(f"gone-{engine.session}")
        engine.clear()
        assert engine.client.networks.list(filters={"label": f"{LABEL}={engine.session}"}) == []
        kept.reload()
    finally:
        other.clear()
        other.client.close()


def test_nginx_runs_from_this_machines_own_files(engine: Engine) -> None:
    container = engine.run(f"nginx-{engine.session}", image=proxy_image(engine.client, "nginx"), command=["-v"])
    assert container.wait(timeout=20)["StatusCode"] == 0
    assert b"nginx version" in container.logs()


def test_an_engine_that_is_not_ours_is_never_stopped(engine: Engine) -> None:
    stranger = Engine(url=engine.url)
    with pytest.raises(RuntimeError, match="private_engine"):
        stranger.restart()
    stranger.client.close()


def test_containers_end_with_a_daemon_that_restarts(private_engine: Engine) -> None:
    private_engine.run("web")
    assert answering_instance(private_engine, "web") == "web"
    private_engine.restart()
    assert private_engine.client.containers.get("web").status == "exited"


def test_containers_outlive_a_daemon_with_live_restore(start_private_engine: Callable[..., Engine]) -> None:
    engine = start_private_engine(live_restore=True)
    engine.run("web")
    assert answering_instance(engine, "web") == "web"
    engine.restart()
    assert engine.client.containers.get("web").status == "running"
    assert answering_instance(engine, "web") == "web"


def links() -> set[str]:
    return {name for _index, name in socket.if_nameindex()}


def test_a_private_daemon_leaves_others_alone_and_nothing_behind(start_private_engine: Callable[..., Engine]) -> None:
    had_docker0 = "docker0" in links()
    engine = start_private_engine()
    private = engine.private
    assert private is not None
    engine.run("web", ports={"8080/tcp": 18999})
    published = eventually(lambda: http_get((engine.published_at, 18999)), message="an answer of the published port")
    assert published.json()["instance"] == "web"
    assert ("docker0" in links()) == had_docker0
    engine.close()
    assert not private.directory.exists()
    assert str(private.directory) not in Path("/proc/self/mounts").read_text()
    assert private.namespace not in links()
    assert not Path("/run/netns", private.namespace).exists()
