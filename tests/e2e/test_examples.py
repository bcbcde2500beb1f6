"""The examples as their pages tell them, with Docker Compose and real requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.composed import BINARY, Project, project
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_haproxy
from tests.support.documents import ROOT
from tests.support.http import http_get
from tests.support.proxy import free_port
from tests.support.tls import make_certificate
from tests.support.wait import eventually

pytestmark = pytest.mark.docker


@pytest.fixture
def running(engine: Engine, tmp_path: Path) -> Iterator[Project]:
    if not BINARY.is_file():
        pytest.skip("Docker Compose is not here: scripts/newer-proxies brings it")
    with project(engine, tmp_path) as made:
        yield made


def compose(name: str) -> Path:
    return ROOT / "examples" / name / "compose.yml"


def test_path_and_header(running: Project, fairway: Fairway) -> None:
    running.follow(compose("path-and-header"))
    host = "app.example.com"
    fairway.serves(host, "/v2/files/x", by="store")
    fairway.serves(host, "/api/items", by="api")
    fairway.serves(host, headers={"X-Env": "beta"}, by="beta")
    fairway.serves(host, "/", by="app")
    fairway.serves(host, "/apix", by="app")
    fairway.serves(host, "/api/x", headers={"X-Env": "beta"}, by="api")
    fairway.serves(host, "/files", method="POST", by="store")
    fairway.serves(host, "/files", by="app")
    code, out, _ = fairway.run("explain", f"http://{host}/api/items", "--listener", "web")
    assert (code, "the prefix path /api is longer than /" in out) == (0, True), out


@on_haproxy
def test_tls(running: Project, new_fairway: Callable[..., Fairway], tmp_path: Path) -> None:
    make_certificate(tmp_path / "certs", "example", names=("*.example.com",), now=datetime.now(UTC))
    plain, secure = free_port(), free_port()
    listeners = f"web={plain},websecure={secure}/tls"
    running.follow(compose("tls"))
    fairway = new_fairway(certificates=tmp_path / "certs", listeners=listeners).start()
    at = fairway.address[0]
    eventually(lambda: http_get((at, secure), host="shop.example.com", tls=True).status == 200, timeout=20)
    redirect = http_get((at, plain), host="shop.example.com")
    assert (redirect.status // 100, redirect.header("Location").startswith("https://shop.example.com")) == (3, True)
    eventually(lambda: http_get((at, plain), host="status.example.com").status == 200)


def test_caching(running: Project, fairway: Fairway) -> None:
    running.follow(compose("caching"))
    first = fairway.serves("docs.example.com", "/cacheable")
    second = fairway.get("docs.example.com", "/cacheable")
    assert (first.header("X-Cache-Status"), second.header("X-Cache-Status")) == ("MISS", "HIT")
    assert second.json()["counter"] == first.json()["counter"]


def test_networks(running: Project, engine: Engine, fairway: Fairway) -> None:
    running.follow(compose("networks"))
    fairway.serves("shop.example.com", by="shop")
    fairway.serves("blog.example.com", by="blog")
    blog = engine.client.containers.get("fw-blog-1")
    routes = fairway.run("routes")[1]
    assert engine.address(blog, "fw_edge")[0] in routes
    assert engine.address(blog, "fw_blog")[0] not in routes
    table = fairway.run("networks")[1]
    assert "fw_shop" in table and "database" not in routes


@on_haproxy
def test_proxy_in_container(running: Project, engine: Engine, fairway: Fairway) -> None:
    """The services beside it; the image itself is what tests/e2e/test_image.py builds."""
    running.follow(compose("proxy-in-container"), leave_out=("edge",))
    fairway.serves("shop.example.com", by="shop")
    running.run("up", "--detach", "--scale", "shop=3", "--no-recreate", "--pull", "never")
    eventually(lambda: fairway.run("routes")[1].count("  server ") == 3, timeout=20)
