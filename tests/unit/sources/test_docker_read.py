"""What is read of containers and networks."""

from __future__ import annotations

from typing import Any

import pytest

from gen.errors import SourceError
from gen.sources.docker_read import facts, nanoseconds, network
from gen.state import Address, Port, Workload
from tests.unit.sources.fake_engine import FakeClient, container
from tests.unit.sources.following import source


def only(client: FakeClient) -> Workload:
    (found,) = source(client).read().workloads
    return found


def test_a_container_becomes_a_workload_with_one_instance() -> None:
    found = only(FakeClient(container("a", labels={"fairway.host": "x", "b": "\x00\x1b"}, health="healthy")))
    assert (found.name, found.kind, found.created) == ("a", "container", 1_700_000_000.5)
    assert [(label.key, label.value) for label in found.labels] == [("b", "\x00\x1b"), ("fairway.host", "x")]
    (instance,) = found.instances
    assert (instance.running, instance.health, instance.stopping) == (True, "healthy", False)
    assert instance.addresses == (Address(network="shop", host="10.0.0.2", names=("a",)),)
    assert instance.ports == (Port(number=80),)


@pytest.mark.parametrize(
    "attached",
    [
        {"Aliases": ["shop", "web", "610000000000"]},
        {"Aliases": ["web", "shop"], "DNSNames": ["a", "shop", "web", "610000000000", "box"]},
        {"Aliases": None, "DNSNames": ["a", "web", "610000000000", "shop"]},
    ],
    ids=["older", "newer", "dns-names-alone"],
)
def test_names_on_a_network_are_its_own_and_those_given_there(attached: dict[str, Any]) -> None:
    found = container("a", networks={"bridge": "10.1.0.2", "edge": "10.0.0.2"})
    found["Config"]["Hostname"] = "box"
    for net in found["NetworkSettings"]["Networks"].values():
        net.update(attached)
    assert [address.names for address in facts(found).addresses] == [(), ("a", "shop", "web")]


def test_a_host_name_that_was_given_as_a_name_too_is_one() -> None:
    found = container("a")
    found["Config"]["Hostname"] = "box"
    found["NetworkSettings"]["Networks"]["shop"].update({"Aliases": ["box"], "DNSNames": ["a", "box"]})
    assert facts(found).addresses[0].names == ("a", "box")


@pytest.mark.parametrize("label", ["Fairway.host", "FAIRWAY.HOST", "fairway_host", "fairway-host", "fairway/host"])
def test_a_container_with_what_was_meant_for_our_label_is_seen_too(label: str) -> None:
    assert only(FakeClient(container("a", labels={label: "a.test"}))).labels[0].key == label


def test_only_containers_with_our_labels_are_inspected() -> None:
    read = source(FakeClient(container("a"), container("b", labels={"other": "1"}), container("c", status="created")))
    assert [one.name for one in read.read().workloads] == ["a"]
    assert read.calls["inspect"] == 1


def test_a_second_look_inspects_only_what_changed() -> None:
    client = FakeClient(container("a"), container("b"))
    read = source(client)
    before = read.read().workloads
    client.put(container("b", networks={"shop": "10.0.0.9"}))
    after = read.read().workloads
    assert read.calls["inspect"] == 3
    assert after[0] is before[0]
    assert after[1].instances[0].addresses[0].host == "10.0.0.9"


def test_a_paused_container_does_not_run() -> None:
    assert not only(FakeClient(container("a", status="paused"))).instances[0].running


def test_a_container_that_vanishes_after_the_list_is_skipped() -> None:
    client = FakeClient(container("a"), gone := container("b"))
    client.vanishing.add(gone["Id"])
    assert [one.name for one in source(client).read().workloads] == ["a"]


def test_a_borrowed_network_brings_addresses_and_ports() -> None:
    owner = container("vpn", labels={}, ports={"90/tcp": [{"HostIp": "0.0.0.0", "HostPort": "9000"}]})
    user = container("a", mode=f"container:{owner['Id']}", networks={}, exposed=("81/tcp",))
    (instance,) = only(FakeClient(owner, user)).instances
    assert instance.addresses == (Address(network="shop", host="10.0.0.2", names=("vpn",)),)
    published = Port(number=90, host_ip="0.0.0.0", host_port=9000)
    assert instance.ports == (Port(number=80), Port(number=81), published)


def test_the_host_network_has_no_addresses() -> None:
    (instance,) = only(FakeClient(container("a", mode="host", networks={"host": ""}))).instances
    assert instance.host_network
    assert instance.addresses == ()


def test_a_binding_that_the_engine_did_not_make_is_not_published() -> None:
    asked = container("a", bindings={"80/tcp": [{"HostPort": "8080"}]}, ports={})
    assert facts(asked).ports == (Port(number=80),)


@pytest.mark.parametrize("broken", [{}, {"State": None, "Config": [], "HostConfig": 3, "NetworkSettings": "x"}])
def test_absent_and_malformed_fields_count_as_empty(broken: dict[str, Any]) -> None:
    found = facts({"Id": "1", "Name": "/a", **broken})
    assert (found.name, found.is_present, found.addresses, found.ports) == ("a", False, (), ())


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123_456_789),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000_000_000_000),
        ("0001-01-01T00:00:00Z", 0),
        ("soon", 0),
    ],
)
def test_moments_are_read_to_the_nanosecond(moment: str, expected: int) -> None:
    assert nanoseconds(moment) == expected


def test_a_bridge_without_a_told_gateway_has_its_subnets_first_address() -> None:
    found = network({"Id": "1", "Name": "bridge", "Driver": "bridge", "IPAM": {"Config": [{"Subnet": "10.9.0.0/16"}]}})
    assert found.gateway == "10.9.0.1"


def test_a_refused_permission_is_told_with_what_would_help() -> None:
    client = FakeClient()
    client.refusal = PermissionError(13, "denied")
    with pytest.raises(SourceError, match=r"unix:///var/run/docker\.sock .*permission denied") as caught:
        source(client).read()
    assert "group docker" in caught.value.hint
    assert caught.value.exit_code == 69


def test_a_container_that_ended_keeps_its_place_without_running() -> None:
    assert not only(FakeClient(container("a", status="exited"))).instances[0].running
