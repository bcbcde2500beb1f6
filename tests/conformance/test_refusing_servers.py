"""Servers that refuse connections, as replicas that start do: no request fails while one of them answers."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conformance.conftest import Serve
from tests.support.client import Ask, ask
from tests.support.echo import Echo, say
from tests.support.proxy import free_port
from tests.support.servers import Servers
from tests.support.world import instance, workload

CLIENTS, REQUESTS = 10, 300


@pytest.mark.parametrize("balance", ["round_robin", "least_conn"])
@pytest.mark.parametrize(("servers_there", "refusing"), [(9, 4), (10, 5)])
def test_no_request_fails_while_some_servers_refuse(
    serve: Serve, servers: Servers, port: int, servers_there: int, refusing: int, balance: str
) -> None:
    ports = [servers.open(f"s{n}").port for n in range(servers_there - refusing)]
    for place in range(refusing):
        ports.insert(2 * place, free_port())
    copies = [instance(f"a-{n}", "127.0.0.1", number) for n, number in enumerate(ports)]
    serve(workload("a", {"fairway.host": "a.test", "fairway.balance": balance}, *copies))
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = Counter(answer.status for answer in pool.map(lambda _: ask(port, Ask(host="a.test")), range(REQUESTS)))
    assert found == {200: REQUESTS}


def test_all_servers_that_refuse_are_an_answer_of_the_proxy(serve: Serve, port: int) -> None:
    copies = [instance(f"a-{n}", "127.0.0.1", free_port()) for n in range(6)]
    serve(workload("a", {"fairway.host": "a.test"}, *copies))
    assert ask(port, Ask(host="a.test")).status in (502, 503)


def test_connections_without_http_reach_a_server_too(serve: Serve, port: int) -> None:
    with Echo() as echo:
        ports = [free_port() for _ in range(5)] + [echo.tcp("a") for _ in range(4)]
        labels = {"fairway.tcp.x.listeners": "any"}
        copies = [instance(f"a-{n}", "127.0.0.1", number) for n, number in enumerate(ports)]
        serve(workload("a", labels, *copies), listeners=f"any={port}/tcp, web={free_port()}")
        assert {say(port) for _ in range(40)} == {"a 127.0.0.1 hi"}
