"""Whatever the header fields: the running proxy answers as the model decides, and servers are sent what it computes."""

from __future__ import annotations

import ipaddress
import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from gen.decide import decide
from gen.model import Model, Route
from gen.policies import IpAllow
from gen.received import MOST_FIELDS, Received, Request, received
from gen.state import Workload
from tests.property import fields
from tests.support.binaries import capabilities
from tests.support.client import Answer, Ask, ask
from tests.support.proxy import RUNNERS, Runner, free_port
from tests.support.servers import Server, Servers
from tests.support.world import Maker, instance, model_of, settings, workload

TABLES, REQUESTS, BATCH = 16, 60, 16
PROXIES = [name for name in ("nginx", "nginx-sid", "haproxy", "haproxy-experimental") if name in RUNNERS]
SENT: tuple[str, ...] = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded")
SENT += ("x-forwarded-prefix",)


class Stand:
    """A running proxy with a trusted network, and one server that says what it received."""

    def __init__(self, proxy: str, runner: Runner, server: Server) -> None:
        self.proxy, self.runner, self.server, self.port = proxy, runner, server, free_port()
        self.maker = Maker(proxy)
        self.can = capabilities(proxy) | ({"joined_fields", "bracketed_address"} if "haproxy" in proxy else set())
        named = {"listeners": f"web={self.port}", "trusted_proxies": fields.TRUSTED}
        self.settings = settings(runner.directory, **named)

    def run(self, labels: list[dict[str, str]]) -> Model:
        workloads: list[Workload] = []
        for number, own in enumerate(labels):
            name = f"w{number:03}"
            workloads.append(workload(name, own, instance(name, f"127.9.0.{number + 1}", self.server.port)))
        model = self.maker.fit(model_of(workloads, self.settings))
        self.runner.run(self.maker.bundle(model))
        return model

    def wrong(self, model: Model, request: Request) -> str:
        """What is not as the model says; empty when all is."""
        found = received(model, request)
        sent = Ask(
            method=request.method,
            target=request.target,
            host=request.host,
            headers=request.headers,
            client=request.client,
        )
        answer = ask(self.port, sent)
        if answer.status in (400, 431) and self._may_refuse(request, found):
            return ""
        if self._is_unread(request):
            return "" if answer.status in (200, 403, 404, 503) and not _client(answer) else "a client"
        if found.refused:
            return self._of_refused(answer, found)
        if "joined_fields" not in self.can and _is_repeated(request):
            return ""
        route = decide(model, request)
        expected = _status(route, found)
        if answer.status != expected:
            return f"{answer.status}, expected {expected}"
        if answer.status != 200 or route is None:
            return ""
        hosts = next({server.host for server in up.ready} for up in model.upstreams if up.id == route.upstream)
        if answer.echo.get("server") not in hosts:
            return f"{answer.echo.get('server')} answers, not {hosts}"
        return _differences(answer, request, found)

    def _may_refuse(self, request: Request, found: Received) -> bool:
        most = max(Counter(name.lower() for name, _ in request.headers).values(), default=0)
        is_large = sum(len(name) + len(value) + 4 for name, value in request.headers) > 6000
        is_twice = any(name == "Host" for name, _ in request.headers)
        return bool(found.refused) or is_twice or is_large or (self.proxy.startswith("haproxy") and most > MOST_FIELDS)

    def _of_refused(self, answer: Answer, found: Received) -> str:
        """An old nginx takes some Host fields that are malformed for names that no route has."""
        is_named = "bracketed_address" not in self.can and "malformed" in found.refused
        if is_named and answer.status in (200, 403, 404, 503):
            return ""
        return f"{answer.status}, expected 400: {found.refused}"

    def _is_unread(self, request: Request) -> bool:
        """Whether X-Forwarded-For holds an address in brackets without a port, which an old nginx does not read."""
        said = ", ".join(value for name, value in request.headers if name.lower() == "x-forwarded-for")
        is_old = "bracketed_address" not in self.can
        return is_old and request.client.startswith("127.0.5.") and re.search(r"\](?:[, ]|$)", said) is not None


def _client(answer: Answer) -> str:
    """The client that the server was told of; empty where there is none."""
    return str(answer.echo.get("headers", {}).get("x-real-ip", ""))


def _is_repeated(request: Request) -> bool:
    """Whether there are several fields of one name that an old nginx does not join."""
    names = Counter(name.lower() for name, _ in request.headers)
    return any(count > 1 for name, count in names.items() if name not in ("cookie", "x-forwarded-for"))


def _status(route: Route | None, found: Received) -> int:
    if route is None:
        return 404
    if route.withheld:
        return 503
    allowed = next((policy for policy in route.policies if isinstance(policy, IpAllow)), None)
    return 200 if allowed is None or any(network.contains(found.client) for network in allowed.from_) else 403


def _differences(answer: Answer, request: Request, found: Received) -> str:
    """What the server received, and should not have."""
    seen = answer.echo["headers"]
    wrong = [name for name in SENT if _spaced(seen.get(name, "")) != _spaced(found.fields.get(name, ""))]
    wrong += ["host"] * (seen["host"] != request.host)
    if ipaddress.ip_address(seen["x-real-ip"]) != ipaddress.ip_address(found.client):
        wrong.append("x-real-ip")
    return "; ".join(f"{name} is {seen.get(name)!r}, not {found.fields.get(name)!r}" for name in wrong)


def _spaced(value: str) -> str:
    return value.strip()


@pytest.fixture(scope="module", params=PROXIES)
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with Servers() as servers, RUNNERS[request.param]() as runner:
        yield Stand(request.param, runner, servers.open("any", host="0.0.0.0"))


@pytest.mark.parametrize("batch", range(TABLES // BATCH))
def test_random_fields_are_understood_as_the_model_does(stand: Stand, batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        chance = random.Random(seed)
        labels = fields.table(chance, chance.randint(1, 8))
        model = stand.run(labels)
        requests = [fields.request(chance) for _ in range(REQUESTS)]
        wrong = [f"{request} → {why}" for request in requests if (why := stand.wrong(model, request))]
        assert not wrong, "\n".join([f"seed {seed}", *map(str, labels), *wrong[:6]])
