"""A plan without an exposure mark lets no client through where none was let through before.

Random worlds are compared with what the model decides for a sample of requests: whoever is answered without a guard,
or with more users, by the second world where the first one kept it out, has to be marked. A place that had no route at
all is none: there a plan says that a route is new.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen.decide import Request, decide
from gen.model import Model, Route
from gen.policies import BasicAuth, IpAllow
from gen.precedence import OPERATOR
from gen.settings import Settings
from gen.values import HostPattern, OwnerRule, Path
from tests.property import tables
from tests.support.exposed import LISTENERS, USERS, Setting, exposed, modelled

many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
World = dict[str, dict[str, str]]
OWNERS = ("red", "green", "blue")


def guards(chance: random.Random) -> dict[str, str]:
    found: dict[str, str] = {}
    if chance.random() < 0.4:
        found["ip_allow"] = chance.choice(tables.NETWORKS)
    if chance.random() < 0.3:
        names = chance.sample(sorted(USERS), chance.randint(1, 2))
        found["basic_auth"] = ", ".join(USERS[name] for name in names)
    if chance.random() < 0.1:
        found["basic_auth"] = "nonsense"
    return found


def workload(chance: random.Random) -> dict[str, str]:
    labels = tables.route(chance, list(tables.HOSTS[:4]))
    plain = {key.removeprefix("fairway."): value for key, value in labels.items()}
    listeners = chance.choice(("web", "web", "web, inner"))
    return {**plain, "listeners": listeners, "project": chance.choice(OWNERS), **guards(chance)}


@dataclass(frozen=True, kw_only=True)
class Owning:
    """How the routes of a world get owners. `number`: of owners. `is_operator`: the first one is the operator.
    `is_common`: its host-less routes for one path concern all hosts."""

    number: int
    is_operator: bool
    is_common: bool
    settings: Settings

    def model(self, world: World) -> Model:
        setting = Setting(settings=self.settings, projects={name: self._owner(own) for name, own in world.items()})
        plain = {name: {key: own[key] for key in own if key != "project"} for name, own in world.items()}
        found = modelled(plain, setting)
        return replace(found, routes=tuple(map(self._route, found.routes)))

    def _owner(self, own: Mapping[str, str]) -> str:
        return OWNERS[OWNERS.index(own["project"]) % self.number]

    def _route(self, route: Route) -> Route:
        if route.owner != OWNERS[0] or not self.is_operator:
            return route
        is_everywhere = self.is_common and not route.match.hosts and route.match.path == Path("prefix", "/a")
        return replace(route, owner=OPERATOR, is_everywhere=is_everywhere)


def owning(chance: random.Random) -> Owning:
    return Owning(
        number=chance.choice((1, 2, 2, 3)),
        is_operator=chance.random() < 0.3,
        is_common=chance.random() < 0.5,
        settings=Settings(
            listeners=LISTENERS,
            owner=OwnerRule.parse(chance.choice(("project", "label:team"))),
            shared_hosts=(HostPattern.parse("*"),) if chance.random() < 0.2 else (),
        ),
    )


def changed(chance: random.Random, world: World) -> World:
    """Another world, of which most is the same."""
    found = dict(world)
    for name in chance.sample(sorted(world), chance.randint(1, min(2, len(world)))):
        kind = chance.random()
        if kind < 0.25:
            del found[name]
        elif kind < 0.5:
            found[name] = workload(chance)
        elif kind < 0.75:
            bare = {key: value for key, value in found[name].items() if key not in ("ip_allow", "basic_auth")}
            found[name] = {**bare, **guards(chance)}
        else:
            found[name] = {**found[name], chance.choice(("path", "priority")): chance.choice(("/a", "/a/b", "/"))}
            found[name]["priority"] = str(chance.randint(-5, 10))
    if chance.random() < 0.5:
        found["new"] = workload(chance)
    return found


def admitted(route: Route | None, request: Request) -> frozenset[str] | None:
    """The users that the route lets through for this client; None where it lets everybody through."""
    if route is None or route.withheld:
        return frozenset()
    known: frozenset[str] | None = None
    for policy in route.policies:
        if isinstance(policy, IpAllow) and not any(network.contains(request.client) for network in policy.from_):
            return frozenset()
        if isinstance(policy, BasicAuth):
            known = frozenset(user.name for user in policy.users)
    return known


def is_exposed(before: Model, after: Model, request: Request) -> bool:
    """Whether more are let through than before where a route was before."""
    old = decide(before, request)
    if old is None:
        return False
    was, now = admitted(old, request), admitted(decide(after, request), request)
    return was is not None and (now is None or not now <= was)


def requests(chance: random.Random, number: int) -> list[Request]:
    found = [tables.request(chance) for _ in range(number)]
    return [
        replace(one, listener=chance.choice(("web", "inner")), client=chance.choice(tables.CLIENTS)) for one in found
    ]


@many
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_what_is_not_marked_lets_nobody_through(seed: int, size: int) -> None:
    chance = random.Random(seed)
    world = {f"w{number}": workload(chance) for number in range(size)}
    owners = owning(chance)
    before, after = owners.model(world), owners.model(changed(chance, world))
    if exposed(before, after):
        return
    for request in requests(chance, 60):
        assert not is_exposed(before, after, request), f"{request}: {decide(before, request)} {decide(after, request)}"


@many
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_a_world_compared_with_itself_exposes_nothing(seed: int, size: int) -> None:
    chance = random.Random(seed)
    world = {f"w{number}": workload(chance) for number in range(size)}
    owners = owning(chance)
    assert exposed(owners.model(world), owners.model(world)) == ()
