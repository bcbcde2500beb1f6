"""A proxy that somebody else runs on this machine."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.beside import running
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, on_both]


def test_it_is_started_as_the_hint_says_followed_and_outlives_fairway(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    fairway = new_fairway(control="local")
    engine.run("fw-local", labels={"fairway.host": "local.test"})
    code, _, errors = fairway.run("watch")
    assert code == 69
    assert f"{fairway.proxy} is not running" in errors
    (command,) = re.findall("`(.+?)`", errors)
    with running(fairway, command) as proxy:
        fairway.serves("local.test")
        fairway.start(until="unchanged")
        engine.run("fw-more", labels={"fairway.host": "more.test"})
        fairway.serves("more.test")
        applied = fairway.wait("applied", "more.test")
        assert applied["how"] == "reload"
        assert "local.test" not in applied["message"]
        fairway.stop()
        assert proxy.poll() is None
        assert fairway.get("more.test").status == 200


def test_one_that_was_killed_and_started_again_is_followed(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    fairway = new_fairway(control="local")
    errors = fairway.run("watch")[2]
    (command,) = re.findall("`(.+?)`", errors)
    with running(fairway, command) as proxy:
        fairway.start(until="unchanged")
        socket = Path(fairway.directory / "run" / "confirm.sock")
        os.killpg(proxy.pid, signal.SIGKILL)
        proxy.wait()
        fairway.signal(signal.SIGHUP)
        eventually(lambda: not socket.exists(), timeout=20)
    with running(fairway, command):
        engine.run("fw-again", labels={"fairway.host": "again.test"})
        fairway.serves("again.test")
