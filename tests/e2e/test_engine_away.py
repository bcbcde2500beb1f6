"""An engine that goes away and comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.e2e.traffic import steady
from tests.support.wait import eventually

pytestmark = pytest.mark.docker


@on_both
def test_with_live_restore_no_request_fails_while_the_engine_restarts(
    start_private_engine: Callable[..., Engine], new_fairway: Callable[..., Fairway]
) -> None:
    engine = start_private_engine(live_restore=True)
    # An engine that is only just starting may list nothing for a moment.
    fairway = new_fairway(engine=engine, doubt="5s").start()
    engine.run("fw-lives", labels={"fairway.host": "away.test"})
    fairway.serves("away.test")
    with steady(lambda: fairway.get("away.test")) as traffic:
        engine.stop()
        failed = fairway.wait("failed")
        assert engine.url in failed["message"]
        eventually(lambda: traffic.total > 50)
        engine.start()
        seen = fairway.mark
        engine.run("fw-new", labels={"fairway.host": "new.test"})
        fairway.serves("new.test")
        fairway.wait("applied", "new.test", after=seen)
    assert traffic.failed == []


def test_without_live_restore_the_routes_wait_for_their_containers(
    private_engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    fairway = new_fairway(engine=private_engine).start()
    policy = {"Name": "always"}
    private_engine.run("fw-back", labels={"fairway.host": "back.test"}, restart_policy=policy)
    fairway.serves("back.test")
    private_engine.stop()
    assert private_engine.url in fairway.wait("failed")["message"]
    assert fairway.get("back.test").status in (502, 503, 504)
    private_engine.start()
    fairway.serves("back.test", by="fw-back")
    container = private_engine.run("fw-later", labels={"fairway.host": "later.test"})
    fairway.serves("later.test")
    container.stop(timeout=3)
    fairway.answers(503, "later.test")


def test_an_engine_that_is_not_there_yet_is_waited_for(
    private_engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    private_engine.stop()
    fairway = new_fairway(engine=private_engine).start(until="failed")
    private_engine.start()
    fairway.wait("applied")
    fairway.answers(404, "any.test")
