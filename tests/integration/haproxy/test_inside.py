"""What the operator may look at: the statistics page and the metrics, each only where the settings say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gen.proxies.haproxy import BASELINE
from tests.support.binaries import BINARIES, proxy_of
from tests.support.client import Ask, ask
from tests.support.proxy import RUNNERS, Runner, free_port
from tests.support.world import Maker, instance, model_of, settings, workload

WEB = workload("a", {"fairway.host": "a.test"}, instance("a-1", "127.0.0.1", 9))


@pytest.fixture(params=[name for name in BINARIES if proxy_of(name) == "haproxy"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    with RUNNERS[request.param]() as found:
        yield found


def run(runner: Runner, **places: int) -> None:
    named = {name: f"127.0.0.1:{port}" for name, port in places.items()}
    chosen = settings(runner.directory, proxy="haproxy", listeners=f"web={free_port()}", **named)
    maker = Maker("haproxy", capabilities=BASELINE | {"prometheus"})
    runner.run(maker.bundle(model_of([WEB], chosen)))


def body(port: int, target: str) -> bytes:
    return ask(port, Ask(target=target, host="127.0.0.1")).body


def test_the_statistics_page_and_the_metrics_may_share_an_address(runner: Runner) -> None:
    port = free_port()
    run(runner, stats=port, metrics=port)
    assert b"<html" in body(port, "/").lower()
    assert b"haproxy_backend_status" in body(port, "/metrics")


def test_each_stays_by_itself_where_only_one_is_asked_for(runner: Runner) -> None:
    stats, metrics = free_port(), free_port()
    run(runner, stats=stats, metrics=metrics)
    assert b"haproxy_backend_status" not in body(stats, "/metrics")
    assert ask(metrics, Ask(host="127.0.0.1")).status == 404
    assert b"haproxy_backend_status" in body(metrics, "/metrics")


def test_nobody_listens_where_nothing_is_set(runner: Runner) -> None:
    run(runner)
    text = (runner.directory / "haproxy.cfg").read_text()
    assert "stats enable" not in text
    assert "prometheus-exporter" not in text
