"""What `explain` says of a request is what the running proxy answers: the status, where it leads, who is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gen.dialects import native
from gen.explain.answer import answer
from gen.explain.basis import Basis
from gen.explain.question import door, question
from gen.state import State, Workload
from tests.support.client import Ask, Client
from tests.support.proxy import RUNNERS, Runner, free_port
from tests.support.servers import Servers
from tests.support.world import Maker, instance, model_of, settings, workload

SECRET = "$5$fairway0$GuyWaQMWuCmnlDnjuNaASe7uEaERaFPDyNOocq.GNVD"
"""The hash of `secret`."""
LABELS: dict[str, dict[str, str]] = {
    "site": {"fairway.host": "a.test"},
    "api": {"fairway.host": "a.test", "fairway.path": "/api", "fairway.methods": "POST"},
    "beta": {"fairway.host": "a.test", "fairway.headers.X-Env": "beta"},
    "staff": {
        "fairway.host": "staff.test",
        "fairway.basic_auth": f"al:{SECRET}",
    },
    "inside": {"fairway.host": "inside.test", "fairway.ip_allow": "127.0.0.1"},
    "outside": {"fairway.host": "outside.test", "fairway.ip_allow": "10.0.0.0/8"},
    "held": {"fairway.host": "held.test", "fairway.ip_allow": "nobody"},
    "away": {"fairway.host": "away.test", "fairway.path": "/old", "fairway.redirect": "https://b.test$path?$query"},
    "www": {"fairway.host": "*.www.test", "fairway.redirect": "apex", "fairway.redirect.code": "302"},
    "guarded": {"fairway.host": "guarded.test", "fairway.ip_allow": "10.0.0.0/8", "fairway.redirect": "https"},
    "down": {"fairway.host": "down.test"},
    "regex": {"fairway.host": r"~^r[0-9]\.test$", "fairway.path": "/a"},
    "wide": {"fairway.host": "*.wide.test", "fairway.path": "/a"},
    "any": {"fairway.path": "/any"},
    "idn": {"fairway.host": "xn--bcher-kva.test"},
    "pool": {"fairway.host": "pool.test", "fairway.weight": "3"},
    "spare": {"fairway.host": "pool.test", "fairway.backup": "yes"},
    "ending": {"fairway.host": "ending.test"},
}
REQUESTS = (
    ("GET", "http://a.test/", ""),
    ("GET", "http://a.test/api/x", ""),
    ("POST", "http://a.test/api/x", ""),
    ("POST", "http://a.test/%61pi/", ""),
    ("GET", "http://a.test/x/../api", ""),
    ("GET", "http://a.test/", "X-Env: beta"),
    ("GET", "http://a.test/%zz", ""),
    ("GET", "http://a.test/../..", ""),
    ("GET", "http://staff.test/", ""),
    ("GET", "http://staff.test/", "Authorization: Basic YWw6c2VjcmV0"),
    ("GET", "http://inside.test/", ""),
    ("GET", "http://outside.test/", ""),
    ("GET", "http://held.test/", ""),
    ("GET", "http://away.test/old/x?y=1", ""),
    ("GET", "http://away.test/new", ""),
    ("GET", "http://www.www.test/x?y", ""),
    ("GET", "http://guarded.test/", ""),
    ("GET", "http://down.test/", ""),
    ("GET", "http://nobody.test/", ""),
    ("GET", "http://nobody.test/any/x", ""),
    ("GET", "http://a.test/any/x", ""),
    ("GET", "http://down.test/any", ""),
    ("GET", "http://r1.test/a", ""),
    ("GET", "http://r1.test/b", ""),
    ("GET", "http://x.wide.test/b", ""),
    ("GET", "http://away.test/b", ""),
    ("GET", "http://A.TEST/", ""),
    ("GET", "http://a.test./", ""),
    ("GET", "http://a.test/", "Host: A.Test.:8443"),
    ("GET", "http://a.test?api", ""),
    ("GET", "http://a.test/?/api", ""),
    ("GET", "http://away.test/old%2Fx", ""),
    ("GET", "http://away.test/OLD", ""),
    ("GET", "http://away.test/older", ""),
    ("GET", "http://away.test//old/./x/../y", ""),
    ("GET", "http://away.test/old%3Fx?y", ""),
    ("GET", "http://bücher.test/", ""),
    ("GET", "http://XN--BCHER-KVA.test/ü", ""),
    ("GET", "http://[2001:db8::1]/", ""),
    ("GET", "http://[2001:db8::1]:8080/any", ""),
    ("GET", "http://127.0.0.1/any", ""),
    ("GET", "http://al:secret@staff.test/", ""),
    ("GET", "http://al:s%65cret@staff.test/", ""),
    ("GET", "http://wide.test/a", ""),
    ("GET", "http://x.y.wide.test/a", ""),
    ("GET", "http://pool.test/", ""),
    ("GET", "http://ending.test/", ""),
)


class Stand:
    """A running proxy with one server for each workload, and the pass that it came of."""

    def __init__(self, proxy: str, runner: Runner, servers: Servers) -> None:
        self.port = free_port()
        chosen = settings(runner.directory, proxy=proxy, listeners=f"web={self.port}", unknown_host="421")
        maker = Maker(proxy)
        workloads = [
            workload(name, labels, instance(name, "127.0.0.1", servers.open(name).port))
            for name, labels in LABELS.items()
        ]
        workloads = [_unhealthy(one) if one.name == "down" else one for one in workloads]
        workloads = [_stopping(one) if one.name == "ending" else one for one in workloads]
        state = State(source="test", workloads=tuple(sorted(workloads, key=lambda one: one.name)))
        model = maker.fit(model_of(state.workloads, chosen))
        bundle = maker.bundle(model)
        runner.run(bundle)
        declared = [found for one in state.workloads if (found := native.read(one, "test")) is not None]
        self.basis = Basis(
            state=state, declarations=tuple(declared), model=model, bundle=bundle, render=maker.renderer.render
        )


def _unhealthy(one: Workload) -> Workload:
    return replace(one, instances=tuple(replace(each, health="unhealthy") for each in one.instances))


def _stopping(one: Workload) -> Workload:
    return replace(one, instances=tuple(replace(each, stopping=True) for each in one.instances))


@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with Servers() as servers, RUNNERS[request.param]() as runner:
        yield Stand(request.param, runner, servers)


@pytest.mark.parametrize(("method", "url", "header"), REQUESTS)
def test_a_request_is_answered_as_explained(stand: Stand, method: str, url: str, header: str) -> None:
    asked = question(url, method=method, headers=(header,) if header else (), client="127.0.0.1")
    found = answer(asked, door(stand.basis.model, asked, "web").listeners[0], stand.basis)
    client = Client(stand.port, client="127.0.0.1")
    try:
        said = client.send(Ask(target=asked.target, method=method, host=asked.host, headers=asked.headers))
    finally:
        client.close()
    assert said.status == (found.outcome.status or 200)
    assert said.headers.get("location", "") == found.outcome.location
    if said.status == 200:
        assert found.route is not None
        asked_for = {name for one in found.route.servers if "backup" not in one.state for name in one.instances}
        assert asked_for == {said.echo["server"]}
        assert asked_for <= {one.workload for one in found.route.shares}
