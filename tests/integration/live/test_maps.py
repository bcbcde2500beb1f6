"""Routes that come and go: entries of maps, one by one or all at once."""

from __future__ import annotations

from tests.integration.live.site import ROUND_ROBIN, Config, Site, line
from tests.support.servers import Servers


def start(site: Site, servers: Servers) -> Config:
    """Two upstreams; the host `a.test` leads to the first."""
    config = site.config.host("a.test", "up_a")
    for name in ("up_a", "up_b"):
        config = config.backend(name, *ROUND_ROBIN, line(servers.open(name)))
    assert site.apply(config).how == "start"
    return config


def entries(site: Site) -> list[str]:
    return [row.partition(" ")[2] for row in site.ask("show map maps/hosts.map")[0].splitlines()]


def test_a_new_route_onto_a_known_upstream_is_live(site: Site, servers: Servers) -> None:
    config = start(site, servers)
    assert site.who("b.test") == {"503"}
    site.live(config.host("b.test", "up_b"))
    assert (site.who("a.test"), site.who("b.test")) == ({"up_a"}, {"up_b"})


def test_a_route_that_changes_is_never_there_twice(site: Site, servers: Servers) -> None:
    """`add map` on a key that is there makes a second entry, without a word."""
    config = start(site, servers)
    for backend in ("up_b", "up_a", "up_b"):
        site.live(config.host("a.test", backend))
        assert site.who("a.test") == {backend}
        assert sorted(entries(site)) == [". -", f"a.test {backend}"]


def test_a_route_that_is_gone_is_not_found(site: Site, servers: Servers) -> None:
    config = start(site, servers)
    site.live(config.host("b.test", "up_b"))
    site.live(config)
    assert site.who("b.test") == {"503"}
    site.live(config.host("b.test", "up_b"))
    assert site.who("b.test") == {"up_b"}


def test_a_map_without_routes_takes_one_later(site: Site, servers: Servers) -> None:
    """A map that is empty when HAProxy starts could not be spoken of: a line that nobody looks up stands in it."""
    config = site.config.backend("up_a", *ROUND_ROBIN, line(servers.open("up_a")))
    site.apply(config)
    site.live(config.host("a.test", "up_a"))
    assert site.who("a.test") == {"up_a"}


def test_thousands_of_routes_are_exchanged_at_once(site: Site, servers: Servers) -> None:
    """More than a payload may hold: HAProxy 2.6 would lose the map, and 3.2.0 crashed."""
    config = start(site, servers)
    many = config
    many.hosts.update({f"host-{number}.a-rather-long-name.test": "up_b" for number in range(3000)})
    site.live(many.host("last.test", "up_b"))
    assert (site.who("last.test"), site.who("host-2999.a-rather-long-name.test")) == ({"up_b"}, {"up_b"})
    assert len(entries(site)) == 3003
    site.live(config.host("a.test", "up_b"))


def test_words_that_the_runtime_api_reads_otherwise_arrive_as_they_are(site: Site, servers: Servers) -> None:
    config = start(site, servers)
    for host in ("semi;colon", "back\\slash", "a<<", "hash#mark", "quote'quote", "@1", "p%3Bq~"):
        config = config.host(host, "up_b")
        site.live(config)
        assert f"{host} up_b" in entries(site)


def test_a_difference_that_is_found_afterwards_is_repaired_by_a_reload(site: Site, servers: Servers) -> None:
    """Somebody else added the key that we add: then it is there twice."""
    config = start(site, servers)
    site.ask("add map maps/hosts.map b.test up_a")
    outcome = site.apply(config.host("b.test", "up_b"))
    assert outcome.how == "reload"
    assert (
        outcome.repaired == "found afterwards: maps/hosts.map has 4 entries, not 3" or "has 'up_a'" in outcome.repaired
    )
    assert site.who("b.test") == {"up_b"}
    assert sorted(entries(site)) == [". -", "a.test up_a", "b.test up_b"]
