"""What the tests beside the data files stand on: a proxy, servers, and one call that puts labels before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gen.certificate import Certificate
from gen.state import Workload
from tests.support.binaries import modules
from tests.support.proxy import RUNNERS, Runner, free_port
from tests.support.servers import Servers
from tests.support.world import PROXIES, Maker, model_of, settings

Serve = Callable[..., None]


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def runner(proxy: str) -> Iterator[Runner]:
    with RUNNERS[proxy]() as found:
        yield found


@pytest.fixture
def servers() -> Iterator[Servers]:
    with Servers() as found:
        yield found


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(proxy: str, runner: Runner, port: int) -> Serve:
    """Runs the proxy for some workloads; settings by name."""
    maker = Maker(proxy)

    def run(*workloads: Workload, certificates: tuple[Certificate, ...] = (), now: float = 0.0, **named: str) -> None:
        usual = {"listeners": f"web={port}", "nginx_modules": modules(proxy)}
        chosen = settings(runner.directory, **(usual | named))
        runner.run(maker.bundle(model_of(workloads, chosen, certificates=certificates, now=now)))

    return run
