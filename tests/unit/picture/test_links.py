"""Over which network a server is reached, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gen.build import build, joins
from gen.dialects import native
from gen.picture import links
from gen.picture.chart import of_networks, of_routes
from gen.picture.links import HOST, PUBLISHED, Networks, networks
from gen.picture.svg import svg
from gen.state import Address, Instance, Network, Port, State, Vantage
from tests.support.world import settings, workload

INSIDE = Vantage(kind="container", name="edge", networks=("front",), host_at="172.17.0.1")
OUTSIDE = Vantage(kind="host", networks=(), published_at="127.0.0.1", host_at="127.0.0.1")


def copy(name: str, *networks: str, host_network: bool = False, host_port: int = 0) -> Instance:
    addresses = tuple(Address(network=one, host=f"10.0.0.{at}") for at, one in enumerate(networks, 2))
    ports = (Port(number=80, host_port=host_port),)
    return Instance(id=name, name=name, addresses=addresses, ports=ports, host_network=host_network)


def world(vantage: Vantage, *instances: Instance) -> State:
    found = tuple(workload(one.name, {"fairway.host": f"{one.name}.test"}, one) for one in instances)
    known = (Network(id="b", name="back", internal=True), Network(id="f", name="front", gateway="10.0.0.1"))
    return State(source="test", workloads=found, networks=known, vantage=vantage)


def seen(state: State, tmp_path: Path) -> Networks:
    declared = [found for one in state.workloads if (found := native.read(one, state.source)) is not None]
    return networks(state, build(state, declared, settings(tmp_path), now=0.0))


def test_a_route_goes_over_the_network_that_both_are_on(tmp_path: Path) -> None:
    found = seen(world(INSIDE, copy("shop", "back", "front")), tmp_path)
    assert [(link.route, link.instance, link.network) for link in found.links] == [("shop.test/", "shop", "front")]
    assert [(one.name, one.reachable, one.routes) for one in found.segments] == [
        ("back", False, ()),
        ("front", True, ("shop.test/",)),
    ]


def test_a_network_that_is_going_to_be_joined_is_shown_as_such_with_its_routes(tmp_path: Path) -> None:
    state = world(INSIDE, copy("shop", "back"))
    declared = [said for one in state.workloads if (said := native.read(one, state.source)) is not None]
    wanted = joins(state, declared, ("back",))
    found = networks(state, build(wanted.expected(state), declared, settings(tmp_path), now=0.0), wanted)
    back = found.segments[0]
    assert (back.name, back.reachable, back.joins, back.routes) == ("back", False, True, ("shop.test/",))
    note = of_networks(found).columns[1].boxes[0].note
    assert "(to be joined)" in note
    assert found.unreached == ()


def test_a_workload_on_the_hosts_network_is_reached_without_one(tmp_path: Path) -> None:
    found = seen(world(INSIDE, copy("shop", host_network=True)), tmp_path)
    assert [link.network for link in found.links] == [HOST]


def test_a_published_port_is_told_from_a_network(tmp_path: Path) -> None:
    found = seen(world(OUTSIDE, copy("shop", "back", host_port=8080)), tmp_path)
    assert [(link.instance, link.network, link.server) for link in found.links] == [
        ("shop", PUBLISHED, "127.0.0.1:8080")
    ]


def test_a_name_is_that_of_each_who_has_it_there(tmp_path: Path) -> None:
    its = (Address(network="front", host=f"10.0.0.{at}", names=("shop", name)) for at, name in enumerate("ab", 2))
    both = (replace(copy(name), addresses=(address,)) for name, address in zip("ab", its, strict=True))
    labels = {"fairway.host": "shop.test", "fairway.resolve": "dns"}
    state = replace(world(INSIDE), workloads=tuple(workload(one.name, labels, one) for one in both))
    found = seen(state, tmp_path)
    assert [(link.instance, link.network, link.server) for link in found.links] == [
        ("a", "front", "shop.front:80"),
        ("b", "front", "shop.front:80"),
    ]
    declared = [one for each in state.workloads if (one := native.read(each, "test")) is not None]
    chart = of_routes(state, build(state, declared, settings(tmp_path), now=0.0))
    assert [box.title for box in chart.columns[3].boxes] == ["a, b (ready)"]


def test_what_is_no_container_is_outside(tmp_path: Path) -> None:
    found = seen(world(INSIDE, copy("nas", "")), tmp_path)
    assert [(link.instance, link.network) for link in found.links] == [("nas", links.OUTSIDE)]
    assert (found.segments[0].name, found.segments[0].reachable) == ("(outside)", True)


def test_of_two_instances_with_one_address_each_keeps_its_network(tmp_path: Path) -> None:
    both = replace(INSIDE, networks=("back", "front"))
    found = seen(world(both, copy("one", "back"), copy("two", "front")), tmp_path)
    assert [(link.instance, link.network) for link in found.links] == [("one", "back"), ("two", "front")]


def test_who_is_not_reached_is_named_with_the_reason_and_the_command(tmp_path: Path) -> None:
    found = seen(world(INSIDE, copy("shop", "back")), tmp_path)
    assert [(one.instance, one.networks, one.reason, one.hint) for one in found.unreached] == [
        ("shop", ("back",), "shop is on back; the proxy edge reaches front", "docker network connect back edge")
    ]


def test_what_is_said_of_one_instance_is_not_said_of_another_as_its_own(tmp_path: Path) -> None:
    both = workload("shop", {"fairway.host": "shop.test"}, copy("shop-1", "back"), copy("shop-2", "back"))
    found = seen(replace(world(INSIDE), workloads=(both,)), tmp_path)
    reason = "shop-1 is on back; the proxy edge reaches front"
    assert [one.reason for one in found.unreached] == [reason, f"reported for its workload: {reason}"]


def test_every_reason_stands_in_the_box_of_who_is_not_reached(tmp_path: Path) -> None:
    labels = {"fairway.host": "shop.test", "fairway.ip_allow": "nonsense"}
    found = seen(replace(world(INSIDE), workloads=(workload("shop", labels, copy("shop", "back")),)), tmp_path)
    box = next(box for box in of_networks(found).columns[2].boxes if box.title == "shop")
    assert box.mood == "bad"
    assert [one.reason in box.note for one in found.unreached] == [True] * len(found.unreached)
    assert len(found.unreached) > 1


def test_pictures_of_equal_worlds_are_equal(tmp_path: Path) -> None:
    state = world(INSIDE, *(copy(f"shop{at}", "front") for at in range(300)))
    first, second = (svg(of_networks(seen(state, tmp_path))) for _ in range(2))
    assert first == second
    assert first.count("<rect") == 1 + 2 + 300 + 300


def test_a_routes_picture_goes_from_host_to_network(tmp_path: Path) -> None:
    state = world(INSIDE, copy("shop", "front"))
    declared = [found for one in state.workloads if (found := native.read(one, state.source)) is not None]
    chart = of_routes(state, build(state, declared, settings(tmp_path), now=0.0))
    titles = [[box.title for box in column.boxes] for column in chart.columns]
    assert titles[::3] == [["shop.test"], ["shop (ready)"]]
    assert (titles[4], chart.columns[3].boxes[0].note) == (["front"], "10.0.0.2:80")
    assert chart.columns[4].boxes[0].note == "bridge 10.0.0.1"
    assert chart.lines == (("a1", "b1"), ("b1", "c1"), ("c1", "d1"), ("d1", "e1"))
