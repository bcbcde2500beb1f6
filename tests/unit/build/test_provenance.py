"""A message about a policy or an option names the workload that declared it, whoever is first in the pool."""

from __future__ import annotations

import pytest

from gen.build import build
from gen.errors import Problem
from gen.model import Model
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.settings import Settings
from gen.values import Listen
from tests.support.labelled import declared, workload, world

SETTINGS = Settings(listeners=(Listen("web", 80), Listen("db", 5432, protocol="tcp")))
BOTH = pytest.mark.parametrize("proxy", [Nginx(), Haproxy()], ids=["nginx", "haproxy"])
FILE = {"fairway.basic_auth.file": "staff"}


def problems(proxy: Nginx | Haproxy, *labels: dict[str, str]) -> list[Problem]:
    """Of workloads `w0`, `w1`…, the first of which is the oldest."""
    return list(proxy.fit(modelled(*labels)).problems)


def modelled(*labels: dict[str, str]) -> Model:
    """Of workloads `w0`, `w1`…, the first of which is the oldest."""
    made = [workload(f"w{at}", one, host=f"10.0.0.{at + 1}", created=at) for at, one in enumerate(labels)]
    state = world(*made)
    return build(state, declared(state), SETTINGS, now=0.0)


@BOTH
def test_a_policy_that_the_proxy_cannot_keep_is_the_one_who_declared_it(proxy: Nginx | Haproxy) -> None:
    host = {"fairway.host": "a.test"}
    found = [one.origin for one in problems(proxy, host, {**host, **FILE})]
    assert {one.workload for one in found if one.key.startswith("fairway.basic_auth")} == {"w1"}


@BOTH
def test_a_disabled_claim_that_is_older_is_not_blamed_for_anothers_option(proxy: Nginx | Haproxy) -> None:
    broken = {"fairway.host": "a.test", "fairway.ip_allow": "nonsense"}
    found = problems(proxy, broken, {"fairway.host": "a.test", **FILE})
    assert [one.origin.workload for one in found if one.origin.key.startswith("fairway.basic_auth")] == ["w1"]


@BOTH
def test_an_options_origin_is_the_oldest_that_is_heard(proxy: Nginx | Haproxy) -> None:
    broken = {"fairway.host": "a.test", "fairway.ip_allow": "nonsense"}
    other = {"fairway.host": "a.test", "fairway.retry.on": "error", "fairway.cache": "5m", "fairway.cache.zone": "no"}
    found = problems(proxy, broken, other, {**other})
    assert {one.origin.workload for one in found if "zone" in one.message} == {"w1"}


def test_a_guard_of_another_route_to_the_same_upstream_is_that_ones() -> None:
    shared = {"fairway.upstream": "pool", "fairway.protocol": "https"}
    guard = {"fairway.upstream_tls.ca": "own", "fairway.upstream_tls.verify": "true"}
    found = modelled({"fairway.host": "a.test", **shared}, {"fairway.host": "b.test", **shared, **guard})
    (pool,) = found.upstreams
    assert [policy.name for policy in pool.policies] == ["upstream_tls"]
    assert (pool.origins[0].workload, dict(pool.said)["upstream_tls"].workload) == ("w0", "w1")


def test_a_policy_of_the_oldest_route_to_a_shared_upstream_is_that_ones() -> None:
    shared = {"fairway.upstream": "pool"}
    slow = {"fairway.host": "b.test", **shared, "fairway.slow_start": "5s"}
    found = problems(Nginx(), slow, {"fairway.host": "a.test", **shared})
    assert [one.origin.workload for one in found if one.origin.key == "fairway.slow_start"] == ["w0"]


def test_a_tcp_routes_policy_is_the_one_who_declared_it() -> None:
    route = {"fairway.tcp.db.listeners": "db", "fairway.tcp.db.port": "80"}
    found = problems(Nginx(), {**route, "fairway.tcp.db.proxy_protocol.version": "2"}, route)
    said = [one.origin for one in found if "version 1 of the PROXY protocol" in one.message]
    assert [one.workload for one in said] == ["w0"]
