"""What another owner writes changes no byte of what an owner's routes are written as, on either proxy."""

from __future__ import annotations

import re
from functools import cache

import pytest

from gen.settings import Settings
from gen.state import Workload
from gen.values import Listen
from tests.support.labelled import workload
from tests.support.world import Maker, model_of

PROJECT = "com.docker.compose.project"
SETTINGS = Settings(listeners=(Listen("web", 8080),), max_routes_per_owner=40)
OWN = "a.test"
"""Part of each of the owner's hosts, and of no other one's."""
HOSTILE: dict[str, list[dict[str, str]]] = {
    "equal route": [{"fairway.host": "a.test", "fairway.rate_limit": "1/s", "fairway.balance": "uri"}],
    "below a guard": [{"fairway.host": "a.test", "fairway.path": "/admin/x"}],
    "exact path of a guard": [{"fairway.host": "a.test", "fairway.path": "=/admin"}],
    "conditions at a guard": [{"fairway.host": "a.test", "fairway.path": "/admin", "fairway.methods": "GET"}],
    "every host first": [{"fairway.priority": "1000", "fairway.ip_allow": "192.0.2.1"}],
    "wildcard first": [{"fairway.host": ".test, *.test", "fairway.priority": "1000", "fairway.path": "/admin"}],
    "regex first": [{"fairway.host": "~.*", "fairway.priority": "1000", "fairway.path": "~^/"}],
    "challenges": [{"fairway.path": "/.well-known/acme-challenge", "fairway.priority": "1000"}],
    "named upstream": [{"fairway.host": "b.test", "fairway.upstream": "pool", "fairway.basic_auth": "x"}],
    "many routes": [{"fairway.host": f"b{n}.test"} for n in range(60)],
    "many wide routes": [{"fairway.path": f"~^/{n}", "fairway.priority": "9"} for n in range(60)],
    "nonsense": [{"fairway.host": "a.test", "fairway.path": "}", "fairway.x": "$x"}],
}


def owner() -> list[Workload]:
    own: list[dict[str, str]] = [
        {"fairway.host": "a.test", "fairway.rate_limit": "10/s"},
        {"fairway.host": "a.test", "fairway.path": "/admin", "fairway.ip_allow": "10.0.0.0/8"},
        {"fairway.host": "*.a.test", "fairway.listeners": "web", "fairway.upstream": "pool"},
        {"fairway.host": "www.a.test", "fairway.path": "/p", "fairway.upstream": "pool"},
    ]
    return [
        workload(f"red{n}", {**labels, PROJECT: "red"}, host=f"10.0.1.{n}", created=1.0) for n, labels in enumerate(own)
    ]


@cache
def maker(proxy: str) -> Maker:
    return Maker(proxy, capabilities=frozenset())


def written(proxy: str, workloads: list[Workload]) -> list[str]:
    """The blocks of nginx and the sections and map lines of HAProxy that name the owner's hosts or servers."""
    bundle = maker(proxy).bundle(model_of(workloads, SETTINGS))
    found: list[str] = []
    for file in bundle.files:
        if file.name != "release.json":
            text = file.content.decode()
            pieces = text.splitlines() if file.name.startswith("maps/") else re.split(r"\n\n(?=\s*\S)", text)
            found += [f"{file.name}: {piece.strip()}" for piece in pieces if OWN in piece or "10.0.1." in piece]
    return found


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_an_owners_blocks_are_byte_for_byte_the_same(proxy: str, hostile: str) -> None:
    others = [
        workload(f"blue{n}", {**labels, PROJECT: "blue"}, host="10.0.2.1", created=2.0)
        for n, labels in enumerate(HOSTILE[hostile])
    ]
    alone = written(proxy, owner())
    assert len(alone) > 4
    assert written(proxy, [*owner(), *others]) == alone
