"""The image that the Dockerfile makes: built as it stands, run beside labelled containers."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from docker.models.containers import Container

from gen.proxies.commands import Layout
from gen.proxies.kinds import KINDS
from tests.e2e.dockerfile import built
from tests.e2e.engine import LABEL, Engine
from tests.e2e.fairway import on_both
from tests.e2e.image import proxy_image
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]
SECOND = 1_000_000_000


@pytest.fixture
def image(base: None, engine: Engine, proxy: str) -> str:
    """Fairway with its proxy."""
    return built(engine, proxy)


def events(container: Container, name: str) -> list[dict[str, str]]:
    lines = container.logs().decode().splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    return [one for one in said if one.get("event") == name]


def health(container: Container) -> str:
    container.reload()
    return str(container.attrs["State"]["Health"]["Status"])


@on_both
def test_it_serves_the_containers_of_its_network_is_healthy_and_ends_gracefully(
    engine: Engine, image: str, proxy: str
) -> None:
    edge = engine.network("fw-image")
    socket = engine.url.removeprefix("unix://")
    site = engine.run(
        "fw-image-edge",
        image=image,
        network=edge,
        environment={"FAIRWAY_LOG_FORMAT": "json"},
        volumes=[f"{socket}:/var/run/docker.sock"],
        healthcheck={"interval": SECOND},
    )
    engine.run("fw-image-1", labels={"fairway.host": "image.test"}, network=edge)
    address = (engine.address(site, edge)[0], 80)

    def served() -> set[str]:
        replies = [http_get(address, host="image.test") for _ in range(6)]
        return {reply.json()["instance"] if reply.status == 200 else str(reply.status) for reply in replies}

    try:
        eventually(lambda: served() == {"fw-image-1"}, timeout=30)
    except AssertionError as trouble:
        raise AssertionError(f"{trouble}\n{site.logs().decode()}") from trouble
    engine.run("fw-image-2", labels={"fairway.host": "image.test"}, network=edge)
    eventually(lambda: served() == {"fw-image-1", "fw-image-2"}, timeout=20)
    how = {"nginx": "reload", "haproxy": "live"}[proxy]
    assert events(site, "applied")[-1]["how"] == how
    eventually(lambda: health(site) == "healthy")
    site.stop(timeout=40)
    assert site.wait()["StatusCode"] == 0
    assert events(site, "stopped")


@on_both
def test_its_commands_read_compose_files_and_health_says_that_nobody_answers(
    engine: Engine, image: str, proxy: str
) -> None:
    check = engine.run(
        "fw-image-check", image=image, network="none", command=["render", "-f", "/compose.yml"], tty=False
    )
    check.wait()
    assert "/compose.yml" in check.logs().decode()
    asked = engine.run("fw-image-health", image=image, network="none", command=["health"])
    assert asked.wait()["StatusCode"] == 69
    assert f"no {proxy} answers on /var/lib/fairway/{proxy}/run/confirm.sock" in asked.logs().decode()


def test_alone_it_has_no_rights_needs_no_writable_root_and_serves_pipelines(base: None, engine: Engine) -> None:
    image = built(engine, "fairway")
    read_only: dict[str, Any] = {"read_only": True, "tmpfs": {"/tmp": ""}, "network": "none", "cap_drop": ["ALL"]}
    told = engine.run("fw-alone-version", image=image, command=["--version"], **read_only)
    assert told.wait()["StatusCode"] == 0
    assert told.logs().decode().splitlines()[1:] == ["nginx: not here", "haproxy: not here"]
    who = engine.run("fw-alone-id", image=image, entrypoint=["id", "-un"], command=[], **read_only)
    assert (who.wait()["StatusCode"], who.logs()) == (0, b"fairway\n")


@on_both
def test_alone_it_follows_an_engine_for_a_proxy_in_another_container(base: None, engine: Engine, proxy: str) -> None:
    image, edge = built(engine, "fairway"), engine.network("fw-alone")
    socket = Path(engine.url.removeprefix("unix://"))
    volume = engine.client.volumes.create("fw-alone", labels={LABEL: engine.session})
    root = PurePosixPath("/var/lib/fairway") / proxy
    command = KINDS[proxy].commands(f"/usr/sbin/{proxy}").start(Layout(root=root))
    try:
        beside = engine.client.containers.create(
            proxy_image(engine.client, proxy),
            name="fw-alone-proxy",
            entrypoint=list(command[:1]),
            command=list(command[1:]),
            # HAProxy answers its own user alone on its sockets.
            user="10001:10001" if proxy == "haproxy" else "root",
            labels={LABEL: engine.session},
            volumes=["fw-alone:/var/lib/fairway"],
            network=edge.name,
        )
        engine.run(
            "fw-alone-fairway",
            image=image,
            environment={"FAIRWAY_PROXY": proxy, "FAIRWAY_PROXY_CONTAINER": "fw-alone-proxy"},
            volumes=["fw-alone:/var/lib/fairway", f"{socket}:/var/run/docker.sock"],
            group_add=[str(socket.stat().st_gid)],
        )
        engine.run("fw-alone-web", labels={"fairway.host": "alone.test"}, network=edge)
        said = engine.client.containers.get("fw-alone-fairway")
        try:
            at = eventually(lambda: engine.address(beside, edge)[0], timeout=30) or ""
            eventually(lambda: http_get((at, 80), host="alone.test").status == 200, timeout=30)
        except AssertionError as trouble:
            raise AssertionError(f"{trouble}\n{said.logs().decode()}") from trouble
        said.stop(timeout=30)
        assert said.wait()["StatusCode"] == 0
    finally:
        engine.clear()
        volume.remove(force=True)
