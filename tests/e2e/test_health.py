"""A container that says of itself how it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, on_both]
SECOND = 1_000_000_000
PYTHON = str(Path(sys.executable).resolve())
PROBE = (
    "import pathlib,sys; sys.exit(not pathlib.Path('/tmp/ready').exists() or pathlib.Path('/tmp/unhealthy').exists())"
)


def run(engine: Engine, name: str, **options: Any) -> Any:
    check = {"test": ["CMD", PYTHON, "-I", "-c", PROBE], "interval": SECOND // 2, "retries": 1}
    check["start_period"] = 60 * SECOND
    return engine.run(name, labels={"fairway.host": "health.test"}, healthcheck=check, **options)


def touch(container: Any, path: str) -> None:
    code, output = container.exec_run([PYTHON, "-I", "-c", f"open({path!r}, 'w')"])
    assert code == 0, output


def test_a_container_is_served_from_when_it_is_healthy_until_it_is_not(engine: Engine, fairway: Fairway) -> None:
    first = run(engine, "fw-sick")
    fairway.answers(503, "health.test")
    touch(first, "/tmp/ready")
    fairway.serves("health.test", by="fw-sick")
    second = run(engine, "fw-well")
    touch(second, "/tmp/ready")
    fairway.serves("health.test", by="fw-well")
    touch(first, "/tmp/unhealthy")
    fairway.wait("applied", "fw-sick health_status")
    eventually(lambda: all(fairway.get("health.test").json()["instance"] == "fw-well" for _ in range(8)))
    touch(second, "/tmp/unhealthy")
    fairway.answers(503, "health.test")
