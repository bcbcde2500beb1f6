"""The source against a real engine."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gen.sources.docker import DockerSource
from gen.state import Instance

pytestmark = pytest.mark.docker


@pytest.fixture
def source(engine: Any) -> Iterator[DockerSource]:
    found = DockerSource(engine.url, {}, own_id=lambda: "")
    yield found
    found.close()


def instance(source: DockerSource, name: str) -> Instance | None:
    return next((one.instances[0] for one in source.read().workloads if one.name == name), None)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "did not come true"
        time.sleep(0.05)


@pytest.fixture
def reasons(source: DockerSource) -> Iterator[queue.SimpleQueue[str]]:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()

    def run() -> None:
        for change in source.changes():
            told.put(change.reason)

    thread = threading.Thread(target=run)
    thread.start()
    assert "connected" in told.get(timeout=20)
    yield told
    source.close()
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_a_running_container_is_read_with_its_address(engine: Any, source: DockerSource) -> None:
    engine.run("fairway-e2e-read", labels={"fairway.host": "read.example.com"})
    found = instance(source, "fairway-e2e-read")
    assert found is not None
    assert found.running
    assert found.addresses


def test_a_container_comes_pauses_and_goes(engine: Any, source: DockerSource, reasons: queue.SimpleQueue[str]) -> None:
    name = "fairway-e2e-follow"
    engine.run(name, labels={"fairway.host": "follow.example.com"})
    until(lambda: instance(source, name) is not None)
    container = engine.client.containers.get(name)
    container.pause()
    until(lambda: (found := instance(source, name)) is not None and not found.running)
    container.unpause()
    until(lambda: (found := instance(source, name)) is not None and found.running)
    lists = source.calls["list"]
    container.remove(force=True)
    until(lambda: instance(source, name) is None)
    assert source.calls["list"] == lists
    assert f"container {name} start" in [reasons.get(timeout=10) for _ in range(reasons.qsize())]
