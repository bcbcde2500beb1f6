"""A rootless engine: its networks are out of reach for the host, its published ports are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.e2e import rootless
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both

pytestmark = pytest.mark.docker


@pytest.fixture
def user_engine() -> Iterator[Engine]:
    if not rootless.can_run():
        pytest.skip(
            "no rootless engine can be started: that takes root, docker.io, rootlesskit, slirp4netns and uidmap"
        )
    with rootless.rootless_engine() as engine, closing(engine):
        yield engine


@on_both
def test_a_container_is_out_of_reach_until_its_port_is_published(
    user_engine: Engine, new_fairway: Callable[..., Fairway]
) -> None:
    fairway = new_fairway(engine=user_engine).start()
    user_engine.run("fw-shut", labels={"fairway.host": "shut.test"})
    problem = fairway.wait("problem", "fw-shut")["message"]
    assert "the proxy's host reaches no network of the engine, which is rootless" in problem
    assert "publish the port, for example with -p 127.0.0.1::8080" in problem
    fairway.answers(503, "shut.test")
    user_engine.run("fw-open", labels={"fairway.host": "open.test"}, ports={"8080/tcp": ("127.0.0.1", None)})
    fairway.serves("open.test", by="fw-open")
    routes = fairway.run("routes")[1]
    assert "server    127.0.0.1:" in routes
