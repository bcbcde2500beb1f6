"""Whatever the table and the request: the running proxy answers as the model decides."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from gen.decide import Request, decide, is_refused
from gen.model import Model
from gen.settings import Settings
from gen.state import Workload
from tests.property import tables
from tests.support.client import Ask, Client
from tests.support.proxy import RUNNERS, Runner, free_port
from tests.support.servers import Server, Servers
from tests.support.world import Maker, instance, model_of, settings, workload

TABLES, REQUESTS = 100, 40
BATCH = 20
EXPECTED = ("refused", "never answers", "disabled (503)")
"""What a random table may be wrong in."""


class Stand:
    """A running proxy, and one server that answers by the address at which it is asked."""

    def __init__(self, proxy: str, runner: Runner, server: Server) -> None:
        self.runner, self.server, self.port = runner, server, free_port()
        self.maker = Maker(proxy)
        self.settings: Settings = settings(runner.directory, listeners=f"web={self.port}")

    def run(self, labels: list[dict[str, str]]) -> Model:
        workloads: list[Workload] = []
        for number, own in enumerate(labels):
            address = f"127.9.{number // 200}.{number % 200 + 1}"
            workloads.append(workload(f"w{number:03}", own, instance(f"w{number:03}", address, self.server.port)))
        model = self.maker.fit(model_of(workloads, self.settings))
        wrong = [problem for problem in model.problems if problem.severity == "error"]
        assert [one for one in wrong if not any(word in one.message for word in EXPECTED)] == []
        self.runner.run(self.maker.bundle(model))
        return model

    def differences(self, model: Model, requests: list[Request]) -> list[str]:
        clients: dict[str, Client] = {}
        found: list[str] = []
        for request in requests:
            client = clients.get(request.client) or Client(self.port, client=request.client)
            clients[request.client] = client
            answer = client.send(as_sent(request))
            expected = servers_of(model, request)
            actual = {answer.echo.get("server", "")} if answer.status == 200 else set()
            statuses = (400,) if is_refused(request) else (200, 404)
            if not (actual <= expected and bool(actual) == bool(expected)) or answer.status not in statuses:
                found.append(f"{request} → {answer.status} {actual}, expected {expected}")
            if answer.headers.get("connection") == "close" or not answer.status:
                clients.pop(request.client).close()
        for client in clients.values():
            client.close()
        return found


def as_sent(request: Request) -> Ask:
    """A request without a host is one of HTTP/1.0; HTTP/1.1 forbids it (RFC 9112 §3.2)."""
    keep = () if request.host else (("Connection", "keep-alive"),)
    return Ask(
        target=request.target,
        method=request.method,
        host=request.host or None,
        headers=request.headers + keep,
        version="1.1" if request.host else "1.0",
    )


def servers_of(model: Model, request: Request) -> set[str]:
    """The addresses that may answer, by the model's own decision."""
    route = decide(model, request)
    if route is None:
        return set()
    return next({server.host for server in up.ready} for up in model.upstreams if up.id == route.upstream)


@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with Servers() as servers, RUNNERS[request.param]() as runner:
        yield Stand(request.param, runner, servers.open("any", host="0.0.0.0"))


@pytest.mark.parametrize("batch", range(TABLES // BATCH))
def test_random_tables_are_answered_as_the_model_decides(stand: Stand, batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        chance = random.Random(seed)
        labels = tables.table(chance, chance.randint(1, 14))
        model = stand.run(labels)
        wrong = stand.differences(model, [tables.request(chance) for _ in range(REQUESTS)])
        assert not wrong, "\n".join([f"seed {seed}", *map(str, labels), *wrong])


@pytest.mark.parametrize("batch", range(TABLES // BATCH))
def test_random_tables_of_several_owners_are_answered_as_the_model_decides(stand: Stand, batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        chance = random.Random(f"owners {seed}")
        labels = tables.owned(chance, chance.randint(2, 14))
        model = stand.run(labels)
        wrong = stand.differences(model, [tables.request(chance) for _ in range(REQUESTS)])
        assert not wrong, "\n".join([f"seed {seed}", *map(str, labels), *wrong])


@pytest.mark.parametrize("size", [61, 130])
def test_more_conditions_than_one_switch_holds_are_still_tried_in_order(stand: Stand, size: int) -> None:
    chance = random.Random(size)
    labels = [*tables.crowded(chance, size), {"fairway.host": "a.test"}]
    model = stand.run(labels)
    wrong = stand.differences(model, [tables.request(chance, envs=size) for _ in range(4 * size)])
    assert not wrong, "\n".join(wrong)
