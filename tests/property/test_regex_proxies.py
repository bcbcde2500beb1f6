"""Whatever the regex and however long the text: a proxy answers as the model decides, or refuses the request."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import pytest

from gen.decide import Request, decide
from gen.errors import BadValue
from gen.model import Model
from gen.state import Workload
from gen.values import Regex, normalize
from tests.property import regexes
from tests.support.binaries import modules, proxy_of
from tests.support.client import Ask, Client
from tests.support.proxy import RUNNERS, free_port
from tests.support.servers import Servers
from tests.support.world import PROXIES, Maker, instance, model_of, settings, workload

LENGTHS = (16, 7000)
REFUSED = (400, 414)
TOO_MUCH = (0, 400, 414, 431)


def _accepted(count: int) -> list[str]:
    """Random patterns that are not refused."""
    found: list[str] = []
    for seed in range(100 * count):
        text = regexes.pattern(random.Random(seed))
        try:
            Regex.parse(text)
        except BadValue:
            continue
        found.append(text)
    return found[:count]


RANDOM = _accepted(20)
PLACES = {
    **{f"p{number}.test": {"path": f"~{text}"} for number, text in enumerate((*regexes.PATHS, *RANDOM))},
    **{f"h{number}.test": {"headers.X-V": f"~{text}"} for number, text in enumerate(regexes.VALUES)},
    **{f"q{number}.test": {"query.v": f"~{text}"} for number, text in enumerate((*regexes.VALUES, *RANDOM[:6]))},
}
"""By host: what its guarded route asks for, beside an open one for all else."""


def _workloads(port: int) -> list[Workload]:
    found: list[Workload] = []
    for number, (host, asked) in enumerate(PLACES.items()):
        labels = {f"fairway.{name}": value for name, value in asked.items()}
        labels |= {"fairway.host": host, "fairway.priority": "1"}
        found.append(workload(f"r{number:03}", labels, instance(f"r{number:03}", "127.9.0.1", port)))
        found.append(workload(f"o{number:03}", {"fairway.host": host}, instance(f"o{number:03}", "127.9.0.2", port)))
    for number, text in enumerate(regexes.HOSTS):
        labels = {"fairway.host": f"~{text}", "fairway.priority": str(number)}
        found.append(workload(f"n{number:03}", labels, instance(f"n{number:03}", f"127.9.1.{number + 1}", port)))
    return [*found, workload("rest", {}, instance("rest", "127.9.0.3", port))]


class Stand:
    """A running proxy with all patterns."""

    def __init__(self, name: str, port: int, model: Model) -> None:
        self.name, self.port, self.model = name, port, model
        self.client = Client(port)

    def close(self) -> None:
        self.client.close()

    def wrong(self, request: Request, regex: Regex) -> str:
        """How the answer differs from the model's; empty where it does not."""
        ask = Ask(target=request.target, host=request.host, headers=request.headers)
        answer = self.client.send(ask)
        if answer.headers.get("connection") == "close" or answer.status not in (200, 404):
            self.client.close()
            self.client = Client(self.port)
        route = decide(self.model, request)
        expected = {s.host for up in self.model.upstreams if route and up.id == route.upstream for s in up.ready}
        actual = {answer.echo.get("server", "")} if answer.status == 200 else set()
        is_too_much = len(ask.head()) > 8000 and answer.status in TOO_MUCH
        gave_up = regex.is_deep and proxy_of(self.name) == "haproxy" and answer.status == 400
        if (actual == expected and answer.status in (200, *REFUSED, 404)) or is_too_much or gave_up:
            return ""
        shown = f"{request.host[:60]} {request.target[:60]} {request.headers and request.headers[0][1][:60]}"
        return f"{regex.text}: {shown} ({len(ask.head())}) → {answer.status} {actual}, expected {expected}"


@pytest.fixture(scope="module", params=PROXIES)
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    name = request.param
    with Servers() as servers, RUNNERS[name]() as runner:
        port, server = free_port(), servers.open("any", host="0.0.0.0")
        chosen = settings(runner.directory, listeners=f"web={port}", nginx_modules=modules(name))
        maker = Maker(name)
        model = maker.fit(model_of(_workloads(server.port), chosen))
        assert [problem for problem in model.problems if problem.severity == "error"] == []
        runner.run(maker.bundle(model))
        with closing(Stand(name, port, model)) as found:
            yield found


@pytest.mark.parametrize("length", LENGTHS)
def test_a_proxy_answers_as_the_model_decides(stand: Stand, length: int) -> None:
    wrong: list[str] = []
    for host, asked in PLACES.items():
        (place, value), *_ = asked.items()
        regex, chance = Regex.parse(value[1:]), random.Random(f"{host} {length}")
        for subject in _some(regex.text, chance, length):
            wrong.append(stand.wrong(_request(host, place, subject.decode("latin-1")), regex))
    assert not any(wrong), "\n".join(filter(None, wrong))


def _some(text: str, chance: random.Random, length: int) -> list[bytes]:
    every = list(regexes.subjects(text, chance, length))
    return chance.sample(every, min(len(every), 5))


def _request(host: str, place: str, text: str) -> Request:
    """With the text where the regex looks for it, in its usual spelling."""
    if place == "path":
        path = normalize(quote("/" + text.removeprefix("/"), safe="/")) or "/"
        return Request(listener="web", host=host, target=quote(path.encode("latin-1"), safe="/"))
    if place == "query.v":
        return Request(listener="web", host=host, target=f"/?v={quote(text, safe='') or '-'}")
    return Request(listener="web", host=host, headers=(("X-V", text.replace("\n", "").strip() or "-"),))


@pytest.mark.parametrize("length", (253, 3000))
def test_a_regex_is_found_in_hosts_as_the_model_finds_it(stand: Stand, length: int) -> None:
    wrong: list[str] = []
    for text in regexes.HOSTS:
        regex, chance = Regex.parse(text, shortest=253), random.Random(f"{text} {length}")
        for subject in _some(text, chance, length):
            host = subject.decode("latin-1").lower().replace("/", "-").replace("\n", "").replace("!", "_").strip(".")
            if host and ".." not in host:
                wrong.append(stand.wrong(Request(listener="web", host=host), regex))
    assert not any(wrong), "\n".join(filter(None, wrong))
