"""What is read of a network stack: IPv4 beside IPv6, a stack that was lost, an engine without root."""

from __future__ import annotations

from typing import Any

import pytest

from gen.sources.docker import DockerSource
from gen.sources.docker_events import hint
from gen.sources.docker_read import facts, network
from gen.state import Address, Vantage
from tests.unit.sources.fake_engine import FakeClient, container
from tests.unit.sources.following import following, source

DUAL = {
    "Id": "1",
    "Name": "dual",
    "Driver": "bridge",
    "IPAM": {"Config": [{"Subnet": "fd00:7::/64"}, {"Subnet": "10.7.0.0/24"}]},
}


def on_dual(name: str, four: str, six: str, **changes: Any) -> dict[str, Any]:
    made = container(name, **changes)
    made["NetworkSettings"]["Networks"] = {"dual": {"IPAddress": four, "GlobalIPv6Address": six}}
    return made


def client(*containers: dict[str, Any]) -> FakeClient:
    made = FakeClient(*containers)
    made.listed_networks = [DUAL]
    return made


def seen(made: FakeClient, *ours: str) -> Vantage:
    return source(made, is_local=lambda host: host in ours).read().vantage


def test_both_addresses_are_read_ipv4_first() -> None:
    [workload] = source(client(on_dual("a", "10.7.0.2", "fd00:7::2"))).read().workloads
    both = tuple(Address(network="dual", host=host, names=("a",)) for host in ("10.7.0.2", "fd00:7::2"))
    assert workload.instances[0].addresses == both


def test_a_network_has_a_gateway_of_each_kind() -> None:
    found = network(DUAL)
    assert (found.gateway, found.gateway6) == ("10.7.0.1", "fd00:7::1")


@pytest.mark.parametrize(
    ("ours", "networks", "only_ipv4", "only_ipv6"),
    [
        (("10.7.0.1", "fd00:7::1"), ("dual",), (), ()),
        (("10.7.0.1",), ("dual",), ("dual",), ()),
        (("fd00:7::1",), ("dual",), (), ("dual",)),
        ((), (), (), ()),
    ],
)
def test_the_host_uses_the_kind_of_which_it_has_an_address(
    ours: tuple[str, ...], networks: tuple[str, ...], only_ipv4: tuple[str, ...], only_ipv6: tuple[str, ...]
) -> None:
    vantage = seen(client(), *ours)
    assert (vantage.networks, vantage.only_ipv4, vantage.only_ipv6) == (networks, only_ipv4, only_ipv6)


@pytest.mark.parametrize(
    ("four", "six", "only_ipv4", "only_ipv6"),
    [
        ("10.7.0.9", "fd00:7::9", (), ()),
        ("10.7.0.9", "", ("dual",), ()),
        ("", "fd00:7::9", (), ("dual",)),
        ("", "", (), ()),
    ],
)
def test_a_proxy_in_a_container_uses_the_kind_that_it_has_itself(
    four: str, six: str, only_ipv4: tuple[str, ...], only_ipv6: tuple[str, ...]
) -> None:
    vantage = source(client(on_dual("proxy", four, six, labels={})), proxy_container="proxy").read().vantage
    assert (vantage.networks, vantage.only_ipv4, vantage.only_ipv6) == (("dual",), only_ipv4, only_ipv6)


@pytest.mark.parametrize(
    ("status", "started", "lost"),
    [
        ("running", "2023-11-14T22:13:20Z", ""),
        ("running", "2023-11-14T22:13:21Z", "owner"),
        ("exited", "2023-11-14T22:13:20Z", "owner"),
    ],
)
def test_a_borrowed_network_is_lost_when_its_owner_ends_or_starts_anew(status: str, started: str, lost: str) -> None:
    owner = container("owner", labels={}, status=status, started=started)
    user = container("user", mode=f"container:{owner['Id']}", networks={})
    [workload] = source(FakeClient(owner, user)).read().workloads
    [instance] = workload.instances
    assert (instance.lost_lender, bool(instance.addresses)) == (lost, not lost)


def test_the_owner_of_a_borrowed_network_is_gone() -> None:
    [workload] = source(FakeClient(container("user", mode=f"container:{'ab' * 32}", networks={}))).read().workloads
    assert workload.instances[0].lost_lender == "abababababab"


def test_no_network_of_a_rootless_engine_is_within_reach_though_we_have_its_gateways_address() -> None:
    made = client()
    made.said_info = {"SecurityOptions": ["name=seccomp,profile=default", "name=rootless"]}
    assert seen(made, "10.7.0.1") == Vantage(kind="host", networks=(), rootless=True, published_at="127.0.0.1")


@pytest.mark.parametrize(
    "said", [{}, {"SecurityOptions": None}, {"SecurityOptions": ["name=seccomp,profile=rootless"]}]
)
def test_an_engine_that_does_not_say_so_is_not_rootless(said: dict[str, Any]) -> None:
    made = client()
    made.said_info = said
    assert seen(made, "10.7.0.1").networks == ("dual",)


def test_podmans_default_network_has_the_name_that_its_list_has() -> None:
    made = container("a")
    made["NetworkSettings"]["Networks"] = {"podman": {"IPAddress": "10.88.0.2", "NetworkID": "podman"}}
    assert facts(made).networks == ("bridge",)
    made["NetworkSettings"]["Networks"]["podman"]["NetworkID"] = "ab" * 32
    assert facts(made).networks == ("podman",)


def test_a_container_on_a_network_that_nobody_told_of_lets_networks_be_listed_again() -> None:
    made = FakeClient(container("a"))
    with following(made) as it:
        it.source.read()
        made.listed_networks = [DUAL]
        started = on_dual("b", "10.7.0.2", "")
        made.put(started)
        made.tell("start", started)
        it.await_change("start")
        assert [network.name for network in it.source.read().networks] == ["dual"]


@pytest.mark.parametrize(("said", "meant"), [("died", "die"), ("remove", "destroy")])
def test_podmans_words_for_events_are_understood(said: str, meant: str) -> None:
    found = hint({"Type": "container", "Action": said, "Actor": {"ID": "ab", "Attributes": {}}})
    assert found is not None
    assert found.action == meant


def test_it_is_asked_once() -> None:
    read: DockerSource = source(client())
    read.read()
    read.resync()
    read.read()
    assert read.calls["info"] == 1
