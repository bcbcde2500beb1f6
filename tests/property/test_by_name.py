"""For every world: a name leads to servers of its own pool alone, and what is remembered changes nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given
from hypothesis import settings as quick
from hypothesis import strategies as st

from gen.build import build
from gen.memo import Memo
from gen.model import Model
from gen.state import Health, Vantage, Workload
from tests.support.labelled import SETTINGS, declared, instance, workload, world

INSIDE = Vantage(kind="container", name="proxy", networks=("bridge", "edge", "web"))
NAMES = ("shop", "db", "Web", "tasks.web", "Shop.web", "1", "a.b", "localhost")
HEALTHS: tuple[Health, ...] = ("none", "healthy", "starting")
modest = quick(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Workload, ...]:
    """Containers with names that others have too, each with one route."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        names = draw(st.sets(st.sampled_from(NAMES), max_size=3))
        its = instance(
            f"c{number}",
            f"10.0.0.{number}",
            port=draw(st.sampled_from([80, 80, 81])),
            names=tuple(sorted({f"c{number}", *names})),
            network=draw(st.sampled_from(["web", "web", "edge", "bridge"])),
        )
        health = draw(st.sampled_from(HEALTHS))
        labels = {"fairway.host": draw(st.sampled_from(["a.test", "b.test"]))}
        if how := draw(st.sampled_from(["", "dns", "dns", "address"])):
            labels["fairway.resolve"] = how
        if said := draw(st.sampled_from(["", "", "shop", "db", "c0", "10.0.0.9"])):
            labels["fairway.resolve_name"] = said
        guard = {"fairway.basic_auth": "nonsense"} if draw(st.booleans()) and number == 0 else {}
        found.append(workload(f"c{number}", labels | guard, replace(its, health=health), created=float(number)))
    return tuple(found)


def made(workloads: tuple[Workload, ...], memo: Memo | None = None) -> Model:
    state = world(*workloads, vantage=INSIDE)
    return build(state, declared(state), SETTINGS, memo=memo)


def label(of: Workload, key: str) -> str:
    return next((one.value for one in of.labels if one.key == f"fairway.{key}"), "")


@modest
@given(worlds())
def test_a_name_leads_to_its_own_pool_alone(workloads: tuple[Workload, ...]) -> None:
    model = made(workloads)
    upstreams = {upstream.id: upstream for upstream in model.upstreams}
    for route in model.routes:
        for server in upstreams[route.upstream].servers:
            assert server.known is None
            if not server.is_name:
                continue
            name, _, network = server.host.rpartition(".")
            carriers = [
                one
                for one in workloads
                for address in one.instances[0].addresses
                for text in map(str.lower, address.names)
                if (address.network == network and text == name) or text == server.host
            ]
            assert carriers
            assert {label(one, "host") for one in carriers} == {str(host) for host in route.match.hosts}
            assert {one.instances[0].ports[0].number for one in carriers} == {server.port}
            assert not any(label(one, "basic_auth") for one in carriers)


@modest
@given(worlds())
def test_who_runs_has_a_server_by_address_or_by_a_name_of_his_own(workloads: tuple[Workload, ...]) -> None:
    hosts = {server.host for upstream in made(workloads).upstreams for server in upstream.servers}
    for one in workloads:
        [address] = one.instances[0].addresses
        own = {address.host, *(f"{name.lower()}.{address.network}" for name in address.names)}
        assert own & hosts or label(one, "basic_auth")


@modest
@given(st.lists(worlds(), min_size=2, max_size=4))
def test_a_warm_memory_changes_nothing(steps: list[tuple[Workload, ...]]) -> None:
    memo = Memo()
    for workloads in steps:
        assert made(workloads, memo) == made(workloads)
        memo.sweep()
