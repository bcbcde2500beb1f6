"""What becomes of a container's route while the container lives and ends."""

from __future__ import annotations

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both

pytestmark = [pytest.mark.docker, on_both]


def test_a_started_container_is_served_and_the_release_confirmed(engine: Engine, fairway: Fairway) -> None:
    # Once one is served the stream of events is open, so that the next one is known by its event.
    engine.run("fw-first", labels={"fairway.host": "first.test"})
    fairway.serves("first.test")
    seen = fairway.mark
    engine.run("fw-life", labels={"fairway.host": "life.test"})
    assert fairway.serves("life.test").json()["instance"] == "fw-life"
    applied = fairway.wait("applied", "life.test", after=seen)
    assert "container fw-life" in applied["because"]
    assert applied["confirmed"]


def test_a_stopped_container_answers_503_and_no_wildcard_answers_for_it(engine: Engine, fairway: Fairway) -> None:
    engine.run("fw-wide", labels={"fairway.host": "*.stop.test"})
    container = engine.run("fw-stop", labels={"fairway.host": "a.stop.test"})
    fairway.serves("a.stop.test", by="fw-stop")
    fairway.serves("b.stop.test", by="fw-wide")
    container.stop(timeout=5)
    fairway.answers(503, "a.stop.test")
    assert fairway.get("b.stop.test").json()["instance"] == "fw-wide"
    container.start()
    fairway.serves("a.stop.test", by="fw-stop")


def test_a_removed_container_is_nobodys_host(engine: Engine, fairway: Fairway) -> None:
    container = engine.run("fw-remove", labels={"fairway.host": "remove.test"})
    fairway.serves("remove.test")
    container.remove(force=True)
    fairway.answers(404, "remove.test")


def test_a_typo_is_a_problem_of_one_and_the_others_are_served(engine: Engine, fairway: Fairway) -> None:
    engine.run("fw-typo", labels={"fairway.hots": "typo.test"})
    engine.run("fw-fine", labels={"fairway.host": "fine.test"})
    fairway.serves("fine.test")
    problem = fairway.wait("problem", "fw-typo")
    assert "fairway.hots" in problem["message"]
    assert "host" in problem["message"]
    engine.client.containers.get("fw-typo").remove(force=True)
    fairway.wait("solved", "fw-typo")


def test_a_renamed_container_is_served_on_under_its_new_name(engine: Engine, fairway: Fairway) -> None:
    container = engine.run("fw-before", labels={"fairway.host": "rename.test"})
    fairway.serves("rename.test")
    seen = fairway.mark
    container.rename("fw-after")
    how = fairway.wait({"nginx": "unchanged", "haproxy": "applied"}[fairway.proxy], "fw-after rename", after=seen)
    assert how.get("how") in (None, "live")
    assert fairway.get("rename.test").status == 200
    assert "fw-after" in fairway.run("routes")[1]
