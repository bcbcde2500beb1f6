"""Podman through its Docker API: the same labels, events and hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.e2e import podman
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both

pytestmark = pytest.mark.docker


@pytest.fixture
def pod_engine() -> Iterator[Engine]:
    if not podman.can_run():
        pytest.skip("no Podman can be started: that takes root and podman")
    with closing(podman.new_podman()) as engine:
        yield engine


@on_both
def test_containers_are_served_on_the_default_and_on_their_own_network_as_they_come_and_go(
    pod_engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    image = podman.image_of(pod_engine)
    first = pod_engine.run("fw-first", labels={"fairway.host": "first.test"}, image=image)
    fairway = new_fairway(engine=pod_engine).start()
    fairway.serves("first.test", by="fw-first")
    own = pod_engine.network("fw-own")
    pod_engine.run("fw-second", labels={"fairway.host": "second.test"}, image=image, network=own)
    fairway.serves("second.test", by="fw-second")
    first.stop(timeout=1)
    fairway.answers(503, "first.test")
    first.start()
    fairway.serves("first.test", by="fw-first")
