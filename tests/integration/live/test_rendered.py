"""What Fairway itself renders, changed live: workloads that come, go, scale and drain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from gen.apply import Applied
from gen.state import Instance, Workload
from tests.integration.haproxy.site import HAPROXIES
from tests.integration.live.site import Site, running_site
from tests.support.binaries import capabilities
from tests.support.http import http_get
from tests.support.servers import Server, Servers
from tests.support.world import Maker, instance, model_of, settings, workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One HAProxy, and the workloads that it was told of."""

    site: Site
    maker: Maker
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def apply(self, **workloads: tuple[Server, ...]) -> Applied:
        made = [self._workload(name, servers) for name, servers in workloads.items()]
        named = {"listeners": f"web=127.0.0.1:{self.site.config.port}", "default_listeners": "web", "proxy": "haproxy"}
        model = model_of(made, settings(self.site.directory.path, **named))
        outcome = self.site.applier.apply(self.maker.bundle(model))
        assert isinstance(outcome, Applied), repr(outcome)
        assert outcome.repaired == ""
        assert self.site.applier.settle() is None
        return outcome

    def _workload(self, name: str, servers: tuple[Server, ...]) -> Workload:
        copies: list[Instance] = [instance(f"{name}-{one.port}", one.host, one.port) for one in servers]
        return workload(name, {"fairway.host": f"{name}.test", **self.labels.get(name, {})}, *copies)


@pytest.fixture(params=HAPROXIES, ids=list(HAPROXIES))
def rendered(request: pytest.FixtureRequest) -> Iterator[Rendered]:
    with running_site(HAPROXIES[request.param]) as running:
        yield Rendered(site=running, maker=Maker(request.param, capabilities=capabilities(request.param)))


def test_copies_of_a_workload_come_and_go_live(rendered: Rendered, servers: Servers) -> None:
    one, two, three = (servers.open(name) for name in ("one", "two", "three"))
    assert rendered.apply(shop=(one,)).how == "start"
    for copies in ((one, two), (two, three), (three,), (one, two, three)):
        outcome = rendered.apply(shop=copies)
        assert (outcome.how, outcome.reasons) == ("live", ())
        assert rendered.site.who("shop.test") == {copy.name for copy in copies}


def test_a_workload_that_is_started_anew_comes_back_live(rendered: Rendered, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    rendered.apply(shop=(one,), blog=(two,))
    assert rendered.apply(blog=(two,)).how == "live"
    assert rendered.site.who("shop.test") == {"404"}
    outcome = rendered.apply(shop=(one,), blog=(two,))
    assert (outcome.how, outcome.reasons) == ("live", ())
    assert rendered.site.who("shop.test") == {"one"}


def test_another_host_and_path_for_a_known_upstream_are_live(rendered: Rendered, servers: Servers) -> None:
    one = servers.open("one")
    for hosts, paths in (("shop.test", "/"), ("shop.test, more.test", "/, /a"), ("more.test", "/b")):
        rendered.labels["shop"] = {"fairway.upstream": "shop", "fairway.host": hosts, "fairway.path": paths}
        outcome = rendered.apply(shop=(one,))
        assert (outcome.how, outcome.reasons) in (("start", ()), ("live", ()))
    address = ("127.0.0.1", rendered.site.config.port)
    statuses = [http_get(address, host=host, path="/b").status for host in ("shop.test", "more.test")]
    assert statuses == [404, 200]


@pytest.mark.parametrize(
    "labels",
    [
        {"fairway.balance": "source"},
        {"fairway.balance": "header:X-User"},
        {"fairway.balance": "least_conn", "fairway.timeouts.read": "5s"},
        {"fairway.rate_limit": "1000/s", "fairway.strip_prefix": "/api"},
        {"fairway.weight": "7", "fairway.max_conns": "20"},
        {"fairway.health_check.path": "/", "fairway.health_check.interval": "1s"},
    ],
    ids=str,
)
def test_policies_do_not_stand_in_the_way(rendered: Rendered, servers: Servers, labels: dict[str, str]) -> None:
    one, two = servers.open("one"), servers.open("two")
    rendered.labels["shop"] = labels
    rendered.apply(shop=(one,))
    outcome = rendered.apply(shop=(one, two))
    assert (outcome.how, outcome.reasons) == ("live", ())
    [states] = rendered.site.ask("show servers state")
    assert len([row for row in states.splitlines() if " up_shop" in row]) == 2
