"""An update is followed by what the manager says of it and of the tasks, to whatever end it comes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gen.errors import SourceError
from gen.publish.rollout import Rollout, follow
from tests.unit.publish.fake import FakePublishing, Said, cluster_of, edge

DIGEST = "d" * 64


def service(status: dict[str, Any] | None, *, release: str = DIGEST) -> FakePublishing:
    """A manager whose proxies have been described with that release, and what it says of the update."""
    found = edge(Labels={"fairway-release": DIGEST})
    found["Spec"]["Labels"]["fairway-release"] = release
    if status is not None:
        found["UpdateStatus"] = status
    client = FakePublishing(found)
    client.held_tasks = [client.replaced(), client.replaced()]
    return client


def judged(client: FakePublishing, *, patience: float = 5.0) -> Rollout:
    return follow(cluster_of(client), "edge", DIGEST, Said().watched(patience))


@pytest.mark.parametrize(
    ("said", "release", "state"),
    [
        (None, DIGEST, "completed"),
        ("completed", DIGEST, "completed"),
        ("updating", DIGEST, "unfinished"),
        ("paused", DIGEST, "paused"),
        ("rollback_started", "other", "unfinished"),
        ("rollback_completed", "other", "rolled back"),
        ("rollback_paused", "other", "rolled back"),
        ("completed", "other", "replaced"),
    ],
)
def test_what_became_of_it(said: str | None, release: str, state: str) -> None:
    status = None if said is None else {"State": said, "StartedAt": "now", "Message": "m"}
    assert judged(service(status, release=release)).state == state


def test_it_is_not_done_while_a_task_serves_something_else() -> None:
    client = service(None)
    client.held_tasks[0]["Spec"]["ContainerSpec"]["Labels"] = {"fairway-release": "other"}
    found = judged(client)
    assert (found.state, found.running, found.wanted) == ("unfinished", 1, 2)


def test_an_update_that_is_completed_is_followed_until_all_tasks_run() -> None:
    client = service({"State": "completed", "StartedAt": "now"})
    client.held_tasks[0]["Status"]["State"] = "starting"
    found = judged(client)
    assert (found.state, found.running, found.wanted) == ("unfinished", 1, 2)


def test_a_task_of_a_node_that_is_away_is_not_waited_for() -> None:
    client = service({"State": "completed", "StartedAt": "now"})
    client.held_tasks[0]["DesiredState"] = "shutdown"
    assert (judged(client).state, judged(client).running) == ("completed", 1)


def test_a_service_that_is_gone_is_told() -> None:
    client = service(None)
    client.held_services = []
    assert judged(client).state == "replaced"


def test_a_service_without_tasks_is_done() -> None:
    client = service(None)
    client.held_tasks = []
    assert (judged(client).state, judged(client).running) == ("completed", 0)


def test_each_failure_and_each_step_is_told_once() -> None:
    client = service({"State": "updating", "StartedAt": "now"})
    failed = client.replaced(state="rejected", desired="shutdown")
    failed["Status"]["Err"] = "No such image"
    client.held_tasks += [failed]
    said = Said()
    follow(cluster_of(client), "edge", DIGEST, said.watched(5))
    assert said == [
        "edge: task edge-task-3 on node-1 failed: No such image",
        f"edge: 2 of 2 tasks serve release {DIGEST[:12]}",
    ]


def test_a_manager_that_is_away_for_a_while_is_asked_again() -> None:
    client, said = service(None), Said()
    client.refusal = ConnectionRefusedError(111, "refused")

    def comes_back(seconds: float) -> None:
        client.refusal = None

    watched = replace(said.watched(), sleep=comes_back)
    assert follow(cluster_of(client), "edge", DIGEST, watched).state == "completed"
    assert [line for line in said if "connection refused" in line and line.endswith("asked again")] == said


def test_a_manager_that_stays_away_ends_it() -> None:
    client = service(None)
    client.refusal = ConnectionRefusedError(111, "refused")
    with pytest.raises(SourceError, match="connection refused"):
        judged(client)
