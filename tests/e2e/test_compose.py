"""Projects of Docker Compose itself, as they run and as their files say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.composed import BINARY, Project, project
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.wait import eventually

pytestmark = pytest.mark.docker
OWNER = {"labels": {"fairway.host": "owner.test"}}
GUEST = {
    "network_mode": "service:owner",
    "environment": {"PORT": "9000"},
    "labels": {"fairway.host": "guest.test", "fairway.port": "9000"},
}


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Iterator[Project]:
    if not BINARY.is_file():
        pytest.skip("Docker Compose is not here: scripts/newer-proxies brings it")
    with project(engine, tmp_path) as made:
        yield made


@on_both
def test_who_uses_the_network_of_a_service_is_reached_at_its_address(
    shop: Project, engine: Engine, fairway: Fairway
) -> None:
    shop.up({"owner": OWNER, "guest": GUEST})
    fairway.serves("owner.test", by="owner")
    fairway.serves("guest.test", by="guest")
    owner = engine.client.containers.get("fw-owner-1")
    address = engine.address(owner)[0]
    assert f"server    {address}:9000" in fairway.run("routes")[1]
    seen = fairway.mark
    owner.restart(timeout=1)
    told = fairway.wait("problem", "fw-guest-1", after=seen)["message"]
    assert "uses the network of fw-owner-1, which has ended or was started again since" in told
    assert "docker restart fw-guest-1" in told
    engine.client.containers.get("fw-guest-1").restart(timeout=1)
    fairway.serves("guest.test", by="guest")


def test_a_file_says_what_will_run_and_a_scaled_service_is_followed(
    shop: Project, engine: Engine, fairway: Fairway
) -> None:
    shop.up({"owner": OWNER, "guest": GUEST})
    fairway.serves("guest.test", by="guest")
    code, out, err = fairway.run("routes", "-f", str(shop.file))
    assert (code, "server    owner:9000" in out) == (0, True), out + err
    shop.run("up", "--detach", "--scale", "owner=2", "--no-recreate", "--pull", "never")
    names = ("fw-owner-1", "fw-owner-2")
    places = [engine.address(engine.client.containers.get(name))[0] for name in names]
    eventually(lambda: all(f"server    {place}:8080" in fairway.run("routes")[1] for place in places))
    fairway.serves("owner.test", by="owner")
