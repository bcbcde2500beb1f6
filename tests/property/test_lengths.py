"""At any length of a path: what a server gets is what the model decided on, and nothing goes around a guard."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from gen.decide import Request, decide, is_refused
from gen.model import Model, Route
from gen.policies import StripPrefix
from gen.values import normalize
from tests.property import lengths
from tests.property.test_routing import Stand, as_sent, servers_of
from tests.support.client import Client
from tests.support.proxy import RUNNERS
from tests.support.servers import Servers
from tests.support.world import PROXIES

TABLES, REQUESTS = 4, 80
SHORT = 4_000
"""Bytes of a target that every proxy answers as the model decides: HAProxy compares what fits encoded into 16 kB."""
DEEP = 16
"""Levels of a path that HAProxy goes up."""
TOO_MUCH = (400, 414, 431)


@pytest.fixture(scope="module", params=PROXIES)
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with Servers() as servers, RUNNERS[request.param]() as runner:
        yield Stand(request.param, runner, servers.open("any", host="0.0.0.0"))


def may_refuse(request: Request, route: Route | None) -> bool:
    """Whether a proxy may answer 400 although the model decides."""
    path = request.target.partition("?")[0].lower()
    climbs = path.replace("%2e", ".").replace("%2f", "/").count("/..")
    strips = route is not None and any(isinstance(policy, StripPrefix) for policy in route.policies)
    return len(path) > SHORT or climbs > DEEP or (strips and "%2f" in path)


def statuses(request: Request, route: Route | None) -> tuple[int, ...]:
    """What may be answered."""
    if is_refused(request):
        return TOO_MUCH
    guards = {policy.name for policy in route.policies if policy.guards} if route else set()
    own = 404 if route is None else 403 if "ip_allow" in guards else 401 if guards else 200
    return (own, *TOO_MUCH) if may_refuse(request, route) else (own,)


def wrong(model: Model, stand: Stand, request: Request) -> str:
    """What is wrong with an answer; empty where all is well."""
    route = decide(model, request)
    stand.server.seen.clear()
    with Client(stand.port) as client:
        answer = client.send(as_sent(request))
    reached = list(stand.server.seen)
    if answer.status not in statuses(request, route) or len(reached) != (answer.status == 200):
        return f"{answer.status}, {len(reached)} reached, expected {statuses(request, route)}"
    if answer.status != 200 or route is None:
        return ""
    if reached[0].server not in servers_of(model, request):
        return f"{reached[0].server} answered"
    return _sent(model, request, route, reached[0].path)


def _sent(model: Model, request: Request, route: Route, received: str) -> str:
    """What is wrong with the target that a server received."""
    prefix = next((policy.path.text for policy in route.policies if isinstance(policy, StripPrefix)), "")
    expected, found = normalize(request.target) or "", normalize(received)
    own = prefix.encode().decode("latin-1")
    if own and (expected == own or expected.startswith(own + "/")):
        expected = expected[len(own) :] or "/"
    elif decide(model, replace(request, target=received)) != route:
        return f"{received[:80]} leads to another route"
    return "" if found == expected else f"{received[:80]} is not {quote(expected[:80])}"


@pytest.mark.parametrize("seed", range(TABLES))
def test_no_length_of_a_path_leads_elsewhere(stand: Stand, seed: int) -> None:
    chance = random.Random(seed)
    labels = lengths.table(chance)
    model = stand.run(labels)
    for _ in range(REQUESTS):
        request = lengths.request(chance)
        trouble = wrong(model, stand, request)
        assert not trouble, "\n".join([trouble, f"{len(request.target)}: {request.target[:300]}", *map(str, labels)])
