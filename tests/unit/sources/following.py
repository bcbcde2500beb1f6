"""A source that follows a fake engine, and whose changes arrive in a list."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from gen.sources.docker import DockerSource
from gen.sources.docker_following import FollowedSource
from gen.sources.swarm import SwarmSource
from tests.unit.sources.fake_engine import FakeClient


def source(client: FakeClient, **options: Any) -> DockerSource:
    """A source on a fake engine that stands on the host, and never waits long."""
    return DockerSource(None, {}, **_collaborators(client) | options)


def swarm_source(client: FakeClient, **options: Any) -> SwarmSource:
    """Likewise, on a fake manager; polls all the time unless the test says otherwise."""
    return SwarmSource(None, {}, **_collaborators(client) | {"poll": 0.005} | options)


def _collaborators(client: FakeClient) -> dict[str, Any]:
    chosen: dict[str, Any] = {"own_id": lambda: "", "is_local": lambda host: host == "10.0.0.1"}
    return chosen | {"open_client": lambda endpoint: client, "delays": lambda: repeat(0.001)}


class Following:
    """`await_change` waits for the next change with this text in its reason."""

    def __init__(self, followed: FollowedSource[Any]) -> None:
        self.source = followed
        self.reasons: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run)

    def await_change(self, part: str) -> None:
        while part not in self.reasons.get(timeout=10):
            pass

    def _run(self) -> None:
        for change in self.source.changes():
            self.reasons.put(change.reason)


@contextmanager
def following(client: FakeClient, **options: Any) -> Iterator[Following]:
    """A source that has connected and read once; its counted calls start at nothing."""
    with _following(source(client, **options)) as it:
        yield it


@contextmanager
def following_swarm(client: FakeClient, **options: Any) -> Iterator[Following]:
    """Likewise, of a swarm."""
    with _following(swarm_source(client, **options)) as it:
        yield it


@contextmanager
def _following(one: FollowedSource[Any]) -> Iterator[Following]:
    followed = Following(one)
    followed.thread.start()
    try:
        followed.await_change("connected")
        followed.source.read()
        followed.source.calls.clear()
        yield followed
    finally:
        followed.source.close()
        followed.thread.join(timeout=10)
