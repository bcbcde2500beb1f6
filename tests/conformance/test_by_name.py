"""Pools that stand by a name: containers come, go and move behind it, and the configuration stays as it is."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest

from gen.state import Workload
from tests.conformance.conftest import Serve
from tests.support.binaries import capabilities, proxy_of
from tests.support.client import Answer, Ask, Client, ask
from tests.support.dns import Names
from tests.support.echo import Echo, say
from tests.support.proxy import free_port
from tests.support.servers import Servers
from tests.support.wait import eventually
from tests.support.world import PROXIES, instance, workload

NAME = "shop.web"
FOLLOWING = [name for name in PROXIES if proxy_of(name) == "haproxy" or "upstream_resolve" in capabilities(name)]
"""Who knows each address behind a name as a server of its own."""
WAITING = [name for name in PROXIES if name != "haproxy"]
"""Who lets clients wait until it knows the addresses again; HAProxy 2.6 does not."""
SURE = WAITING
"""Who always takes an address that comes after another one went. On a busy machine HAProxy 2.6 may miss it, and go on
with the one that went until the next change."""
BY_NAME = {"fairway.host": "a.test", "fairway.resolve": "dns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A proxy in front of whatever addresses `names` has for the pool."""

    names: Names
    serve: Serve
    port: int

    def run(self, *workloads: Workload, at: str, **settings: str) -> None:
        self.names.table[NAME] = at
        self.serve(*workloads, resolvers=f"127.0.0.1:{self.names.port}", resolver_valid="1s", **settings)

    def ask(self, *headers: tuple[str, str]) -> Answer:
        return ask(self.port, Ask(host="a.test", headers=headers))

    def who(self, times: int = 12) -> set[str]:
        """Who answers on one connection; whoever does not shows as a status, and there are no more questions then."""
        found: set[str] = set()
        with Client(self.port) as client:
            for _ in range(times):
                answer = client.send(Ask(host="a.test"))
                if answer.status != 200:
                    return found | {str(answer.status)}
                found.add(answer.echo["server"])
        return found

    def becomes(self, *who: str, times: int = 12) -> None:
        eventually(lambda: self.who(times) == set(who), timeout=25, message=f"answers of {', '.join(who)} alone")

    def is_nobodys(self) -> None:
        eventually(lambda: self.who(3) <= {"502", "503"}, timeout=25, message="an answer that nobody is there")


@pytest.fixture
def stand(serve: Serve, port: int) -> Iterator[Stand]:
    with Names() as names:
        yield Stand(names=names, serve=serve, port=port)


def shop(number: int, port: int, **labels: str) -> Workload:
    """One container of the pool; where it is, the DNS server says."""
    its = instance(f"c{number}", f"10.0.0.{number}", port)
    address = replace(its.addresses[0], names=(f"c{number}", "shop"))
    own = BY_NAME | {f"fairway.{key}": value for key, value in labels.items()}
    return workload(f"c{number}", own, replace(its, addresses=(address,)), created=float(number))


def test_an_address_that_moves_is_followed_and_nobody_answers_where_there_is_none(
    stand: Stand, servers: Servers
) -> None:
    there = servers.open("any", host="0.0.0.0").port
    stand.run(shop(1, there), at="127.0.7.1")
    stand.becomes("127.0.7.1")
    stand.names.table[NAME] = "127.0.7.2"
    stand.becomes("127.0.7.2")
    del stand.names.table[NAME]
    stand.is_nobodys()


@pytest.mark.parametrize("proxy", SURE)
def test_addresses_of_a_name_come_go_and_come_back(stand: Stand, servers: Servers) -> None:
    there = servers.open("any", host="0.0.0.0").port
    stand.run(shop(1, there), at="127.0.7.2")
    stand.becomes("127.0.7.2")
    stand.names.table[NAME] = "127.0.7.2 127.0.7.3"
    stand.becomes("127.0.7.2", "127.0.7.3")
    stand.names.table[NAME] = "127.0.7.3"
    stand.becomes("127.0.7.3")
    del stand.names.table[NAME]
    stand.is_nobodys()
    stand.names.table[NAME] = "127.0.7.4"
    stand.becomes("127.0.7.4")


def test_each_of_many_addresses_gets_requests(stand: Stand, servers: Servers) -> None:
    there = servers.open("any", host="0.0.0.0").port
    addresses = [f"127.0.7.{number}" for number in range(1, 41)]
    stand.run(*(shop(number, there) for number in range(1, 21)), at=" ".join(addresses[:20]))
    stand.becomes(*addresses[:20], times=150)
    stand.names.table[NAME] = " ".join(addresses)
    stand.becomes(*addresses, times=350)


def test_one_that_takes_no_connection_costs_no_request(stand: Stand, servers: Servers) -> None:
    there = servers.open("a-1", host="127.0.7.1").port
    stand.run(shop(1, there), at="127.0.7.1")
    stand.becomes("a-1")
    stand.names.table[NAME] = "127.0.7.1 127.0.7.2"
    for _ in range(40):
        assert stand.who(3) == {"a-1"}


def _has(found: Counter[int], enough: int) -> bool:
    return found[200] >= enough


@pytest.mark.parametrize("proxy", WAITING)
def test_a_reload_for_somebody_else_costs_no_request(stand: Stand, servers: Servers) -> None:
    there = servers.open("any", host="0.0.0.0").port
    stand.run(shop(1, there), at="127.0.7.1 127.0.7.2")
    stand.becomes("127.0.7.1", "127.0.7.2")
    found: Counter[int] = Counter()
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.005):
            found[stand.ask().status] += 1

    asking = threading.Thread(target=go_on)
    asking.start()
    for number in range(5):
        enough = found[200] + 30
        labels = {"fairway.host": f"x{number}.test", "fairway.rate_limit": "10/s"}
        stand.run(shop(1, there), workload("x", labels, instance("x-1", "127.0.0.1", there)), at="127.0.7.1 127.0.7.2")
        eventually(partial(_has, found, enough), message="answers of a new generation")
    over.set()
    asking.join()
    assert set(found) == {200}


@pytest.mark.parametrize("proxy", FOLLOWING)
def test_a_client_stays_with_its_container_behind_a_name(stand: Stand, servers: Servers) -> None:
    there = servers.open("any", host="0.0.0.0").port
    stand.run(shop(1, there, sticky="sid"), at="127.0.7.1 127.0.7.2 127.0.7.3")
    stand.becomes("127.0.7.1", "127.0.7.2", "127.0.7.3", times=40)
    found: Counter[str] = Counter()
    for _ in range(12):
        first = stand.ask()
        cookie = ("Cookie", first.headers["set-cookie"].partition(";")[0])
        again = {stand.ask(cookie).echo["server"] for _ in range(8)}
        assert again == {first.echo["server"]}
        found[first.echo["server"]] += 1
    assert len(found) > 1


def test_one_name_beside_another_and_beside_an_address(stand: Stand, servers: Servers) -> None:
    there = servers.open("any", host="0.0.0.0").port
    labels = {"fairway.host": "a.test"}
    other = workload("b", labels, instance("b-1", "127.0.8.1", there))
    stand.run(shop(1, there), other, at="127.0.7.1 127.0.7.2")
    stand.becomes("127.0.7.1", "127.0.7.2", "127.0.8.1", times=40)


def named_tcp(port: int, **options: str) -> Workload:
    labels = {f"fairway.tcp.any.{key}": value for key, value in {"port": str(port), **options}.items()}
    its = instance("c1", "10.0.0.1", port)
    named = replace(its, addresses=(replace(its.addresses[0], names=("c1", "shop")),))
    return workload("c1", {"fairway.resolve": "dns", **labels}, named)


def test_connections_of_a_tcp_route_go_to_a_name(stand: Stand) -> None:
    with Echo() as echo:
        listeners = f"any={stand.port}/tcp, web={free_port()}"
        stand.run(named_tcp(echo.tcp("one")), at="127.0.0.1", listeners=listeners)
        eventually(lambda: "one" in say(stand.port), message="an answer of the named server")


def test_a_tcp_route_to_a_name_keeps_its_guard(stand: Stand) -> None:
    with Echo() as echo:
        listeners = f"any={stand.port}/tcp, web={free_port()}"
        allowed = named_tcp(echo.tcp("one"), ip_allow="127.0.0.2")
        stand.run(allowed, at="127.0.0.1", listeners=listeners)
        eventually(lambda: "one" in say(stand.port, client="127.0.0.2"), message="an answer for the client that may")
        assert [say(stand.port, client="127.0.0.3") for _ in range(4)] == [""] * 4
