"""Options and fixtures for every test: `--update` rewrites expected outputs, `--no-skips` lets no test stay unrun."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.engine import answering_url
from tests.support.process import LocalServer, local_server_process
from tests.support.together import scheduler

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fairway")
    group.addoption("--update", action="store_true", help="rewrite the expected outputs of the case files")
    group.addoption("--no-skips", action="store_true", help="a skipped test fails: what was not run was not shown")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Groups of our own. Where no engine answers here, each worker has one of its own."""
    if config.getoption("dist") != "loadgroup":
        return None
    return scheduler(config, log, is_engine_shared=bool(answering_url()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and --no-skips is given: {call.excinfo and call.excinfo.value}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.outcome == "skipped" and collector.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and --no-skips is given"
    return report


@pytest.fixture
def local_server() -> Iterator[Callable[..., LocalServer]]:
    """Starts the test server as a process of this machine: `local_server(name="web-1", grace=0)`."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(local_server_process(**options))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one for a module's tests."""
    from tests.support import browser

    if not browser.chromium():
        pytest.skip("no chromium is here, and pages are looked at with it")
    with browser.started() as found:
        yield found
