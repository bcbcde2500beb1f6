"""From where the proxy sees the world."""

from __future__ import annotations

from itertools import islice

from gen.sources.docker import DockerSource
from gen.sources.docker_events import delays, signal_number
from gen.sources.docker_vantage import container_id, is_local_address
from gen.state import Vantage
from tests.unit.sources.fake_engine import FakeClient, container
from tests.unit.sources.following import following, source

NETWORKS = [
    {"Id": "1", "Name": "shop", "Driver": "bridge", "IPAM": {"Config": [{"Gateway": "10.0.0.1"}]}},
    {"Id": "2", "Name": "lan", "Driver": "macvlan", "IPAM": {"Config": [{"Gateway": "192.168.1.1"}]}},
]


def engine(*containers: object) -> FakeClient:
    client = FakeClient(*containers)  # type: ignore[arg-type]
    client.listed_networks = NETWORKS
    return client


def test_on_the_host_networks_with_a_gateway_of_this_machine_are_reached() -> None:
    here = Vantage(kind="host", networks=("shop",), published_at="127.0.0.1", host_at="127.0.0.1")
    assert source(engine()).read().vantage == here


def test_a_named_proxy_container_reaches_its_own_networks() -> None:
    client = engine(container("proxy", labels={"role": "edge"}))
    there = Vantage(kind="container", name="proxy", networks=("shop",), host_at="10.0.0.1")
    assert source(client, proxy_container="proxy").read().vantage == there
    assert source(client, proxy_container="role=edge").read().vantage == there


def test_fairways_own_container_counts_once_the_engine_confirms_it() -> None:
    client = engine(own := container("me", labels={}))
    assert source(client, own_id=lambda: str(own["Id"])).read().vantage.name == "me"
    assert source(client, own_id=lambda: "f" * 64).read().vantage.kind == "host"


def test_a_container_on_the_hosts_network_stands_on_the_host() -> None:
    client = engine(container("proxy", mode="host", networks={"host": ""}))
    assert source(client, proxy_container="proxy").read().vantage.kind == "host"


def test_an_engine_elsewhere_offers_only_what_is_published() -> None:
    far = DockerSource(
        "tcp://far:2375", {}, own_id=lambda: "", is_local=lambda _: False, open_client=lambda _: engine()
    )
    there = Vantage(kind="remote", name="far", networks=(), published_at="far", host_at="far")
    assert far.read().vantage == there


def test_a_proxy_container_that_never_was_is_a_problem_and_hides_nobody() -> None:
    state = source(engine(), proxy_container="proxy").read()
    assert state.vantage.networks is None
    assert "has no container 'proxy'" in str(state.problems[0])


def test_a_proxy_container_that_is_away_keeps_its_networks() -> None:
    client = engine(proxy := container("proxy", labels={}))
    with following(client, proxy_container="proxy") as it:
        del client.known[proxy["Id"]]
        client.tell("destroy", proxy)
        it.await_change("destroy")
        state = it.source.read()
        assert state.vantage.networks == ("shop",)
        assert "last known networks" in str(state.problems[0])


def test_a_process_finds_its_container_in_proc() -> None:
    identity = "0123456789abcdef" * 4
    mount = f"9 8 0:1 /var/lib/docker/containers/{identity}/hostname /etc/hostname rw - ext4 /dev/vda rw"
    host = f"9 8 0:1 / /var/lib/docker/containers/{identity}/mounts/shm rw - tmpfs shm rw"
    assert container_id(f"8:pids:/docker/{identity}\n", "") == identity
    assert container_id(f"0::/system.slice/docker-{identity}.scope\n", "") == identity
    assert container_id("0::/\n", mount) == identity
    assert container_id("0::/\n", host) == ""


def test_loopback_is_local_and_a_name_is_not_an_address() -> None:
    assert is_local_address("127.0.0.1")
    assert not is_local_address("example.com")


def test_delays_double_up_to_half_a_minute() -> None:
    assert list(islice(delays(lambda: 0.0), 9)) == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0]


def test_signals_are_read_in_every_spelling() -> None:
    assert [signal_number(one) for one in ("15", "TERM", "SIGTERM", "RTMIN+3", "", "x")] == [15, 15, 15, 37, 0, 0]
