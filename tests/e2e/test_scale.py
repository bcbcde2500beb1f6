"""Several instances behind one host."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.models.containers import Container

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.e2e.traffic import steady
from tests.support.http import http_get
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, on_both]
LABELS = {"fairway.host": "scale.test"}


def ready(engine: Engine, container: Container) -> None:
    """Waits until the server in it answers: nginx leaves one alone for 10 s that refused a connection."""
    eventually(lambda: http_get(engine.address(container)).status == 200)


def instances(fairway: Fairway) -> set[str]:
    """Who answers twelve requests."""
    return {fairway.get("scale.test").json()["instance"] for _ in range(12)}


def test_scaling_up_and_down_spreads_over_all_that_run(engine: Engine, fairway: Fairway) -> None:
    engine.run("fw-scale-1", labels=LABELS)
    fairway.serves("scale.test")
    others = [engine.run(f"fw-scale-{number}", labels=LABELS) for number in (2, 3)]
    eventually(lambda: instances(fairway) == {"fw-scale-1", "fw-scale-2", "fw-scale-3"}, timeout=20)
    for other in others:
        other.remove(force=True)
    eventually(lambda: instances(fairway) == {"fw-scale-1"})


def test_a_rolling_replacement_fails_no_request(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    graceful = {"GRACE": "2"}
    old = [engine.run(f"fw-old-{number}", labels=LABELS, environment=graceful) for number in (1, 2)]
    for container in old:
        ready(engine, container)
    fairway = new_fairway().start()
    assert instances(fairway) == {"fw-old-1", "fw-old-2"}
    with steady(lambda: fairway.get("scale.test")) as traffic:
        for number, container in enumerate(old, 1):
            name = f"fw-new-{number}"
            new = engine.run(name, labels=LABELS, environment=graceful)
            ready(engine, new)
            container.stop(timeout=10)
            container.remove()
        before = traffic.total
        eventually(lambda: traffic.total > before + 100)
    assert traffic.failed == []
    assert set(traffic.served) == {"fw-old-1", "fw-old-2", "fw-new-1", "fw-new-2"}


def test_a_reload_storm_fails_no_request(engine: Engine, fairway: Fairway) -> None:
    engine.run("fw-stays", labels=LABELS)
    fairway.serves("scale.test")
    seen = fairway.mark
    with steady(lambda: fairway.get("scale.test")) as traffic:
        passers = [engine.run(f"fw-pass-{number}", labels={"fairway.host": f"p{number}.test"}) for number in range(4)]
        for passer in passers:
            passer.remove(force=True)
        fairway.wait("applied", "- route p3.test", after=seen)
    assert traffic.failed == []
    assert traffic.total > 100


def test_a_request_in_flight_outlives_the_drain_of_its_instance(
    engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    both = [engine.run(name, labels=LABELS, environment={"GRACE": "3"}) for name in ("fw-slow", "fw-other")]
    for container in both:
        ready(engine, container)
    fairway = new_fairway().start()
    with steady(lambda: fairway.get("scale.test", "/slow?ms=700")) as traffic:
        eventually(lambda: traffic.served["fw-slow"] > 0)
        seen = fairway.mark
        both[0].kill("SIGTERM")
        fairway.wait("applied", "fw-slow kill", after=seen)
    assert traffic.failed == []
    assert instances(fairway) == {"fw-other"}
