"""The images as they are told about and locked down: labels, users, contents, health, rights, a graceful end."""

from __future__ import annotations

import socket
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from docker.models.containers import Container

from tests.e2e.dockerfile import added, application, built
from tests.e2e.engine import Engine
from tests.e2e.fairway import on_both
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]
SECOND = 1_000_000_000
PROXIES = ("nginx", "haproxy")
MOST = 60_000_000
"""Bytes of Fairway with all that it imports; it is two thirds of that."""
NEEDLESS = {"pip", "setuptools", "wheel", "hatchling", "pytest", "mypy", "ruff"}
RIGHTS = ["CHOWN", "KILL", "SETGID", "SETUID"]
"""What is left to root, as the README says: to make workers of another user, give them their files, and end them."""


@pytest.fixture
def locked(base: None, engine: Engine, proxy: str) -> tuple[Container, tuple[str, int]]:
    """Fairway with its proxy, without all rights that it can do without, and where it answers."""
    edge = engine.network("fw-locked")
    site = engine.run(
        "fw-locked-edge",
        image=built(engine, proxy),
        network=edge,
        volumes=[f"{engine.url.removeprefix('unix://')}:/var/run/docker.sock"],
        read_only=True,
        tmpfs={"/run": "", "/tmp": ""},
        cap_drop=["ALL"],
        cap_add=RIGHTS,
        security_opt=["no-new-privileges"],
    )
    engine.run("fw-locked-web", labels={"fairway.host": "locked.test"}, network=edge)
    return site, (engine.address(site, edge)[0], 80)


def said(container: Container) -> str:
    return str(container.logs().decode())


@on_both
def test_a_read_only_root_and_few_rights_are_enough_and_a_request_in_flight_is_finished(
    locked: tuple[Container, tuple[str, int]],
) -> None:
    site, address = locked
    try:
        eventually(lambda: http_get(address, host="locked.test").status == 200, timeout=60)
    except (AssertionError, OSError) as trouble:
        raise AssertionError(f"{trouble}\n{said(site)}") from trouble
    with socket.create_connection(address, timeout=60) as client:
        client.sendall(b"GET /sse?n=15 HTTP/1.0\r\nHost: locked.test\r\n\r\n")
        assert b" 200 " in client.recv(4096)
        site.kill("SIGTERM")
        assert b"".join(iter(lambda: client.recv(4096), b"")).endswith(b"data: 14\n\n")
    assert site.wait(timeout=60)["StatusCode"] == 0


@on_both
def test_it_becomes_unhealthy_where_no_proxy_serves(base: None, engine: Engine, proxy: str) -> None:
    check = {"interval": SECOND, "timeout": 30 * SECOND, "start_period": SECOND // 1000, "retries": 1}
    site = engine.run("fw-unhealthy", image=built(engine, proxy), network="none", healthcheck=check)

    def state() -> dict[str, Any]:
        site.reload()
        return dict(site.attrs["State"]["Health"])

    eventually(lambda: state()["Status"] == "unhealthy", timeout=90)
    assert f"error: no {proxy} answers on " in state()["Log"][-1]["Output"]


def test_each_says_what_it_is_and_how_it_is_run(base: None, engine: Engine) -> None:
    told = {name: engine.client.images.get(built(engine, name)).attrs["Config"] for name in ("fairway", *PROXIES)}
    for config in told.values():
        about = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
        assert about["title"] == "Fairway"
        assert about["licenses"] == "MIT"
        assert "nginx or HAProxy" in about["description"]
        assert (config["Entrypoint"], config["Cmd"], config["StopSignal"]) == (["fairway"], ["watch"], "SIGTERM")
        assert config["Healthcheck"]["Test"] == ["CMD", "fairway", "health"]
        assert set(config["Volumes"]) == {"/var/lib/fairway"}
    assert {name: config["User"] for name, config in told.items()} == {"fairway": "fairway", "nginx": "", "haproxy": ""}
    assert {name: set(config.get("ExposedPorts") or ()) for name, config in told.items()} == {
        "fairway": set(),
        **{name: {"80/tcp", "443/tcp"} for name in PROXIES},
    }


def test_the_application_is_what_it_imports_compiled_and_nothing_else(base: None, engine: Engine) -> None:
    image = built(engine, "fairway")
    files = application(engine, image)
    packages = {name.partition("/site-packages/")[2].partition("/")[0] for name in files}
    assert {"gen", "click", "docker"} <= packages
    assert NEEDLESS & packages == set()
    assert "lib/python3.11/site-packages/gen/templates/nginx/nginx.conf.j2" in files
    # A root file system that cannot be written keeps none, and each start would compile everything anew.
    sources = {PurePosixPath(name) for name in files if name.endswith(".py")}
    compiled = {PurePosixPath(name) for name in files if name.endswith(".pyc")}
    assert {path.stem for path in sources} == {path.name.partition(".")[0] for path in compiled}
    assert sum(files.values()) < MOST
    assert [layer.by.split()[0] for layer in added(engine, image) if layer.size > 10_000_000] == ["apt-get", "COPY"]


def test_no_list_and_no_cache_of_packages_is_left(base: None, engine: Engine) -> None:
    for name in ("fairway", *PROXIES):
        command = [
            "-c",
            "find /var/lib/apt/lists /var/cache/apt /root/.cache -type f ! -name lock ! -name '*.conf' || :",
        ]
        found = engine.run(
            f"fw-left-{name}", image=built(engine, name), entrypoint=["sh"], command=command, user="root"
        )
        found.wait()
        assert [line for line in said(found).splitlines() if "No such file" not in line] == []


def test_a_mounted_compose_file_is_checked_and_rendered_by_nobody_in_particular(
    base: None, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "compose.yml").write_text(
        "services: {shop: {image: x, expose: ['80'], labels: {fairway.host: a.test}}}"
    )
    tmp_path.chmod(0o755)
    words = (["render", "-f", "compose.yml"], ["render", "-f", "compose.yml", "--proxy", "haproxy"], ["--help"])
    for number, command in enumerate(words):
        done = engine.run(
            f"fw-mounted-{number}",
            image=built(engine, "fairway"),
            command=command,
            volumes=[f"{tmp_path}:/work:ro"],
            working_dir="/work",
            network="none",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
        )
        assert done.wait()["StatusCode"] == 0, said(done)
        assert ("shop:80" in said(done)) == (command != ["--help"])
