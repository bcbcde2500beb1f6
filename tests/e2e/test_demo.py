"""The demo with containers."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import on_both
from tests.support.cli import ROOT, environment

pytestmark = [pytest.mark.docker, on_both]


def test_the_demo_keeps_its_promises_with_containers(engine: Engine, proxy: str) -> None:
    inside = ("nsenter", f"--net=/run/netns/{engine.private.namespace}") if engine.private else ()
    command = (*inside, sys.executable, "-m", "scripts.demo", "--proxy", proxy)
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(DOCKER_HOST=engine.url),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Three servers are up: Docker containers.")
    kept = re.findall(r"^  ok   (\w+) ", done.stdout, re.MULTILINE)
    assert kept == ["host", "path", "header", "balance", "cache", "tls", "gone"]
    left = engine.client.containers.list(all=True, filters={"name": "fairway-demo-"})
    assert left == []
