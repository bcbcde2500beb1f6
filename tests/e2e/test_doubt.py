"""A daemon that doubts leaves what is served alone while an engine shows nothing of it, and follows what is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both

pytestmark = [pytest.mark.docker, on_both]
NAMES = [f"fw-{number}" for number in range(4)]


def run_all(engine: Engine) -> None:
    for name in NAMES:
        engine.run(name, labels={"fairway.host": f"{name}.test"})


def test_an_engine_that_shows_nothing_takes_nothing_away_for_a_while(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    fairway = new_fairway(doubt="1h")
    run_all(engine)
    fairway.start()
    served = fairway.run("health")[1]
    fairway.kill()
    engine.clear()
    fairway.start(until="")
    doubt = fairway.wait("failed", "4 of 4 routes would go")
    assert "it is believed if it stays so for 1h, the setting doubt" in doubt["message"]
    assert fairway.run("health")[:2] == (0, served), "the proxy that was left behind serves on"
    run_all(engine)
    for name in NAMES:
        fairway.serves(f"{name}.test", by=name)
    fairway.stop()


def test_what_stays_gone_is_believed(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    fairway = new_fairway(doubt="1s")
    run_all(engine)
    fairway.start()
    fairway.kill()
    engine.clear()
    fairway.start(until="")
    fairway.wait("failed", "4 of 4 routes would go")
    fairway.wait("applied")
    assert fairway.get("fw-0.test").status == 404
