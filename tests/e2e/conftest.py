"""Engines for end-to-end tests: `engine` is whatever answers here, `private_engine` may be stopped and restarted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.e2e import daemon
from tests.e2e.debian import NotHere
from tests.e2e.dockerfile import BASE, bring_base
from tests.e2e.engine import Engine, existing_or_private_engine, new_private_engine
from tests.e2e.fairway import Fairway, fairway_on

NO_ENGINE = "no Docker Engine answers, and none can be started: that takes root and dockerd"


@pytest.fixture(scope="session")
def session_engine() -> Iterator[Engine]:
    found = existing_or_private_engine()
    if found is None:
        pytest.skip(NO_ENGINE)
    with closing(found):
        yield found


@pytest.fixture
def engine(session_engine: Engine) -> Iterator[Engine]:
    """One engine for the session; what a test made on it is gone after that test, also when it failed."""
    try:
        yield session_engine
    finally:
        session_engine.clear()


@pytest.fixture(scope="session")
def base(session_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What our Dockerfile begins with."""
    try:
        bring_base(session_engine, tmp_path_factory.mktemp("base"))
    except NotHere as trouble:
        pytest.skip(f"{BASE} cannot be made here: {trouble}")


@pytest.fixture
def start_private_engine() -> Iterator[Callable[..., Engine]]:
    """`start_private_engine(live_restore=True)`: a daemon of the test's own, removed after it."""
    if not daemon.can_run():
        pytest.skip(NO_ENGINE)
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(closing(new_private_engine(**options)))


@pytest.fixture
def private_engine(start_private_engine: Callable[..., Engine]) -> Engine:
    """A daemon of the test's own without live restore: containers end with it."""
    return start_private_engine()


@pytest.fixture
def proxy(request: pytest.FixtureRequest) -> str:
    """The proxy of the test's Fairway: nginx, or what a test that is marked with `on_both` is run for."""
    return str(getattr(request, "param", "nginx"))


@pytest.fixture
def new_fairway(engine: Engine, proxy: str) -> Iterator[Callable[..., Fairway]]:
    """`new_fairway(resync="5m")`: a Fairway for the engine, not started; stopped with exit code 0 after the test."""
    with ExitStack() as stack:

        def new(**options: Any) -> Fairway:
            chosen = {"engine": engine, "proxy": proxy, **options}
            return stack.enter_context(fairway_on(chosen.pop("engine"), **chosen))

        yield new


@pytest.fixture
def fairway(new_fairway: Callable[..., Fairway]) -> Fairway:
    """A Fairway that follows the engine."""
    return new_fairway().start()
