"""Whatever two owners write: adding the younger one changes nothing for requests that the older one's routes answer,
but at paths that it may have."""

from __future__ import annotations

import random
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from gen.decide import decide
from gen.model import Model, Route
from gen.precedence import belongs
from gen.settings import Settings
from gen.state import Workload
from gen.values import Host, Listen
from tests.property import tables
from tests.support.world import instance, model_of, workload

PROJECT = "com.docker.compose.project"
SETTINGS = Settings(listeners=(Listen("web", 8080),))
GUARD = {"fairway.ip_allow": "10.0.0.0/8"}


def owned(chance: random.Random, owner: str, created: float) -> list[Workload]:
    """Workloads of one owner, some of them guarded."""
    found: list[Workload] = []
    for number, labels in enumerate(tables.table(chance, chance.randint(1, 6))):
        more = GUARD if chance.random() < 0.4 else {}
        name = f"{owner}{number}"
        one = instance(name, f"10.{int(created)}.0.{number + 1}", 80)
        found.append(workload(name, labels | more | {PROJECT: owner}, one, created=created + number))
    return found


def servers(model: Model, route: Route) -> set[str]:
    return next({server.host for server in up.servers} for up in model.upstreams if up.id == route.upstream)


def is_guarded(route: Route) -> bool:
    return any(policy.guards for policy in route.policies)


def place(model: Model, name: str) -> Host | None:
    """The declared host that a name belongs to."""
    return belongs(name, "web", ((host, route) for route in model.routes for host in route.match.hosts or (None,)))


def is_named(route: Route, name: str) -> bool:
    """Whether a route has the host of a request by name."""
    return any(host.kind != "regex" and host.matches(name) for host in route.match.hosts)


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_a_younger_owner_changes_no_answer_of_an_older_one(seed: int) -> None:
    chance = random.Random(seed)
    red, blue = owned(chance, "red", 1.0), owned(chance, "blue", 100.0)
    alone, both = model_of(red, SETTINGS), model_of([*red, *blue], SETTINGS)
    assert [r for r in alone.routes if is_guarded(r)] == [r for r in both.routes if r.owner == "red" and is_guarded(r)]
    for request in (tables.request(chance) for _ in range(25)):
        before, after = decide(alone, request), decide(both, request)
        name = request.host.lower().partition(":")[0].removesuffix(".")
        if before is None or not is_named(before, name) or place(alone, name) != place(both, name):
            continue  # a narrower name of the younger owner is its own host
        assert after is not None
        if after.owner == "red":
            assert (after, servers(alone, before)) == (before, servers(both, after))
        else:
            assert not is_guarded(before) or not shares_host(before, after), (request, before, after)


def shares_host(one: Route, other: Route) -> bool:
    """Whether both declare the same host."""
    return bool({n for h in one.match.hosts for n in h.names} & {n for h in other.match.hosts for n in h.names})


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_no_route_leads_to_the_servers_of_another_owner(seed: int) -> None:
    chance = random.Random(seed)
    groups = {name: owned(chance, name, 100.0 * n + 1) for n, name in enumerate(("red", "blue"))}
    for each in groups.values():
        each[0] = workload(each[0].name, {**labels_of(each[0]), "fairway.upstream": "pool"}, *each[0].instances)
    model = model_of([one for each in groups.values() for one in each], SETTINGS)
    own = {name: addresses(each) for name, each in groups.items()}
    for route in model.routes:
        assert servers(model, route) <= own[route.owner]


def labels_of(one: Workload) -> dict[str, str]:
    return {label.key: label.value for label in one.labels}


def addresses(those: Iterable[Workload]) -> set[str]:
    return {address.host for one in those for each in one.instances for address in each.addresses}
