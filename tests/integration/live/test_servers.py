"""Servers that come, go and change while HAProxy runs."""

from __future__ import annotations

from dataclasses import replace

from tests.integration.live.site import ROUND_ROBIN, Config, Site, line
from tests.support.servers import Servers
from tests.support.wait import eventually


def start(site: Site, *lines: str) -> Config:
    """One host with these servers."""
    config = site.config.backend("up_a", *ROUND_ROBIN, *lines).host("a.test", "up_a")
    assert site.apply(config).how == "start"
    return config


def same_after_a_reload(site: Site, config: Config) -> bool:
    before, worker = site.servers("up_a"), site.worker()
    outcome = site.apply(replace(config, frontend="option dontlognull"))
    assert outcome.how == "reload"
    assert "frontend fe_web from up differs" in outcome.reasons
    assert site.worker() != worker
    return site.servers("up_a") == before


def test_a_server_that_comes_takes_requests_without_a_reload(site: Site, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    config = start(site, line(one))
    worker = site.worker()
    site.live(config := config.backend("up_a", *ROUND_ROBIN, line(one), line(two)))
    assert site.who("a.test") == {"one", "two"}
    assert site.worker() == worker
    assert site.directory.current() == site.applier.confirmed() == config.bundle().digest
    assert same_after_a_reload(site, config)
    assert site.who("a.test") == {"one", "two"}


def test_a_server_that_goes_is_deleted(site: Site, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    config = start(site, line(one), line(two))
    site.live(config := config.backend("up_a", *ROUND_ROBIN, line(two)))
    assert site.who("a.test") == {"two"}
    site.applier.settle()
    assert [row[0] for row in site.servers("up_a")] == [f"s_{two.port}"]
    assert same_after_a_reload(site, config)


def test_weight_and_maxconn_change_in_place(site: Site, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    config = start(site, line(one), line(two))
    site.live(config := config.backend("up_a", *ROUND_ROBIN, line(one, "maxconn 7"), line(two, weight=0)))
    assert site.who("a.test") == {"one"}
    site.live(config := config.backend("up_a", *ROUND_ROBIN, line(one), line(two, weight=256)))
    assert site.who("a.test") == {"one", "two"}
    assert same_after_a_reload(site, config)


def test_a_checked_server_is_checked_and_does_not_take_requests_when_it_fails(site: Site, servers: Servers) -> None:
    one, bad = servers.open("one"), servers.open("bad", {"status": "500"})
    checks = (*ROUND_ROBIN, "option httpchk GET /health")
    config = site.config.backend("up_a", *checks, line(one)).host("a.test", "up_a")
    site.apply(config)
    site.live(config.backend("up_a", *checks, line(one), line(bad, "check inter 50ms fall 1")))
    eventually(lambda: _is_down(site, f"s_{bad.port}"), message="the server whose check fails is down")
    assert site.who("a.test") == {"one"}


def _is_down(site: Site, server: str) -> bool:
    found = [row for row in site.ask("show stat up_a 4 -1", "show info")[0].splitlines() if f",{server}," in row]
    return ",DOWN," in found[0]


def test_every_server_may_be_exchanged_at_once(site: Site, servers: Servers) -> None:
    one, two, three = (servers.open(name) for name in ("one", "two", "three"))
    config = start(site, line(one))
    for pair in ((two, three), (one, two), (three,), (one,)):
        lines = [line(server) for server in pair]
        site.live(config := config.backend("up_a", *ROUND_ROBIN, *lines))
        assert site.who("a.test") == {server.name for server in pair}


def test_new_servers_of_an_empty_random_backend_all_get_requests(site: Site, servers: Servers) -> None:
    """Without an id, HAProxy before 3.0 gives one of them none."""
    opened = [servers.open(name) for name in ("one", "two", "three")]
    config = site.config.backend("up_a", "balance random").host("a.test", "up_a")
    site.apply(config)
    site.live(config.backend("up_a", "balance random", *map(line, opened)))
    assert site.who("a.test", times=60) == {"one", "two", "three"}


def test_a_static_balance_is_a_reload_that_names_it(site: Site, servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    config = site.config.backend("up_a", "balance source", line(one)).host("a.test", "up_a")
    site.apply(config)
    outcome = site.apply(config.backend("up_a", "balance source", line(one), line(two)))
    assert outcome.how == "reload"
    assert outcome.reasons == ("backend up_a: `balance source` is static without `hash-type consistent`",)
