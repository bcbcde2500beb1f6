"""Which networks the proxy's container is to be on: those that match, that a workload needs, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.build import Joins, joins
from gen.dialects import native
from gen.state import Address, Instance, Label, Network, State, Vantage, Workload

INSIDE = Vantage(kind="container", name="proxy", networks=("edge",))


def web(name: str, *networks: str, running: bool = True, **labels: str) -> Workload:
    """A workload with one instance on these networks."""
    addresses = tuple(Address(network=network, host="10.0.0.1") for network in sorted(networks))
    said = {"fairway.host": f"{name}.test"} | {f"fairway.{key}": value for key, value in labels.items()}
    instance = Instance(id=name, name=name, running=running, addresses=addresses)
    written = tuple(Label(key=key, value=value) for key, value in sorted(said.items()))
    return Workload(id=name, name=name, labels=written, instances=(instance,))


def found(
    *workloads: Workload, patterns: str = "*", vantage: Vantage = INSIDE, refused: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """The names of the networks to join, and to leave."""
    those = found_joins(workloads, patterns, vantage, refused)
    return [network.name for network in those.connect], list(those.disconnect)


def found_joins(
    workloads: tuple[Workload, ...], patterns: str, vantage: Vantage, refused: tuple[str, ...] = ()
) -> Joins:
    drivers = {"host": "host", "none": "null"}
    names = sorted({one.network for each in workloads for one in each.instances[0].addresses})
    networks = tuple(Network(id=f"id-{name}", name=name, driver=drivers.get(name, "bridge")) for name in names)
    state = State(source="docker", workloads=workloads, networks=networks, vantage=vantage)
    declared = tuple(one for each in workloads if (one := native.read(each, "docker")) is not None)
    return joins(state, declared, tuple(patterns.split()), refused)


def test_a_network_that_matches_and_is_needed_is_joined() -> None:
    assert found(web("a", "shop"), web("b", "blog")) == (["blog", "shop"], [])
    assert found(web("a", "shop"), web("b", "blog"), patterns="shop* x") == (["shop"], [])
    assert found(web("a", "shop"), patterns="") == ([], [])


@pytest.mark.parametrize(
    "nobody",
    [web("a", "edge", "shop"), web("a", "shop", running=False), web("a"), web("a", "host"), web("a", "none")],
    ids=["shares one with the proxy", "does not run", "is on none", "is on the host's", "has no network"],
)
def test_nothing_is_joined_for_who_needs_nothing(nobody: Workload) -> None:
    assert found(nobody) == ([], [])


def test_one_network_is_enough_and_the_default_bridge_is_the_last_choice() -> None:
    assert found(web("a", "z", "bridge", "y")) == (["y"], [])
    assert found(web("a", "bridge")) == (["bridge"], [])


def test_the_network_that_a_label_names_is_joined_though_another_is_shared() -> None:
    assert found(web("a", "edge", "shop_back", network="back")) == (["shop_back"], [])
    assert found(web("a", "edge", "shop", network="edge")) == ([], [])


def test_what_was_joined_stays_as_long_as_it_is_needed() -> None:
    joined = replace(INSIDE, networks=("edge", "shop"), joined=("shop",))
    assert found(web("a", "blog", "shop"), vantage=joined) == ([], [])
    assert found(web("a", "shop", running=False), vantage=joined) == ([], ["shop"])
    assert found(web("a", "edge", "shop"), vantage=joined) == ([], ["shop"])
    assert found(web("a", "shop"), vantage=joined, patterns="blog") == ([], ["shop"])


def test_what_somebody_else_joined_is_never_left() -> None:
    own = replace(INSIDE, networks=("edge", "shop"))
    assert found(vantage=own) == ([], [])
    assert found(web("a", "shop"), vantage=own) == ([], [])


def test_what_the_engine_refused_is_not_asked_again() -> None:
    assert found(web("a", "shop", "tool"), refused=("id-shop",)) == (["tool"], [])


@pytest.mark.parametrize("kind", ["host", "remote"])
def test_a_proxy_that_is_no_container_joins_nothing(kind: str) -> None:
    assert found(web("a", "shop"), vantage=Vantage(kind=kind, networks=())) == ([], [])  # type: ignore[arg-type]
    assert found(web("a", "shop"), vantage=replace(INSIDE, networks=None)) == ([], [])


def test_the_world_is_expected_as_it_will_be() -> None:
    vantage = replace(INSIDE, networks=("edge", "old"), joined=("old",))
    workloads = (web("a", "shop"),)
    state = State(source="docker", workloads=workloads, vantage=vantage)
    expected = found_joins(workloads, "*", vantage).expected(state)
    assert expected.vantage.networks == ("edge", "shop")
    assert Joins().expected(state) is state


def test_a_network_of_another_engine_is_not_joined() -> None:
    workload = replace(web("lab/a", "lab/shop"), engine="lab")
    networks = (Network(id="x", name="lab/shop", engine="lab"),)
    state = State(source="docker", workloads=(workload,), networks=networks, vantage=INSIDE)
    declared = native.read(workload, "docker")
    assert declared is not None
    assert joins(state, (declared,), ("*",)).connect == ()
