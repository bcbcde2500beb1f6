"""Servers that still have requests when they go: these finish, and the servers go later or come back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.live.site import ROUND_ROBIN, Config, Site, line
from tests.support.http import Reply, http_get
from tests.support.servers import Server, Servers
from tests.support.wait import eventually


@contextmanager
def request_in_flight(site: Site, server: Server, *, seconds: float = 1.0) -> Iterator[list[Reply]]:
    """Its reply is in the list once the block is left."""
    replies: list[Reply] = []
    server.behaviour["delay"] = str(seconds)
    seen = server.count
    address = ("127.0.0.1", site.config.port)
    thread = threading.Thread(target=lambda: replies.append(http_get(address, host="a.test")))
    thread.start()
    eventually(lambda: server.count > seen)
    yield replies
    thread.join()
    server.behaviour.clear()


def start(site: Site, *opened: Server) -> Config:
    """HAProxy 2.6 does not delete a server with connections in its pool, so they do not stay there for long."""
    lines = [line(server, "pool-purge-delay 50ms") for server in opened]
    config = site.config.backend("up_a", *ROUND_ROBIN, *lines).host("a.test", "up_a")
    assert site.apply(config).how == "start"
    return config


def names(site: Site) -> list[str]:
    return [row[0] for row in site.servers("up_a")]


def test_requests_of_a_server_that_goes_finish_and_then_it_is_deleted(site: Site, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    config = start(site, one)
    with request_in_flight(site, one) as replies:
        site.live(config.backend("up_a", *ROUND_ROBIN, line(two)))
        assert site.who("a.test") == {"two"}
        assert sorted(names(site)) == sorted([f"s_{one.port}", f"s_{two.port}"])
    assert [reply.status for reply in replies] == [200]

    def is_gone() -> bool:
        site.applier.settle()
        return names(site) == [f"s_{two.port}"]

    eventually(is_gone)


def test_a_server_that_comes_back_before_it_was_deleted_takes_requests_again(site: Site, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    config = start(site, one, two)
    with request_in_flight(site, one), request_in_flight(site, two):
        site.live(config.backend("up_a", *ROUND_ROBIN, config.backends["up_a"][-1]))
        back = line(one, "pool-purge-delay 50ms", "maxconn 9", weight=3)
        site.live(config.backend("up_a", *ROUND_ROBIN, back, config.backends["up_a"][-1]))
        state = {row[0]: row for row in site.servers("up_a")}[f"s_{one.port}"]
        assert state[3:] == ("3", "0")
    assert site.who("a.test", times=210) == {"one", "two"}


def test_an_upstream_with_a_request_comes_back(site: Site, servers: Servers) -> None:
    one = servers.open("one")
    config = start(site, one)
    with request_in_flight(site, one) as replies:
        site.live(config.without("up_a"))
        assert site.get("a.test").status == 503
        site.live(config)
    assert [reply.status for reply in replies] == [200]
    assert site.who("a.test") == {"one"}
