"""Whole upstreams that come and go."""

from __future__ import annotations

from tests.integration.live.site import ROUND_ROBIN, Config, Site, can, line
from tests.support.servers import Servers


def start(site: Site, servers: Servers) -> Config:
    config = site.config.backend("up_a", *ROUND_ROBIN, line(servers.open("one"))).host("a.test", "up_a")
    assert site.apply(config).how == "start"
    return config


def test_a_new_upstream_is_live_where_haproxy_can_and_else_a_reload_that_says_so(site: Site, servers: Servers) -> None:
    config = start(site, servers)
    new = config.backend("up_b", line(servers.open("two"), "check")).host("b.test", "up_b")
    if "add_backend" in can(site.binary):
        site.live(new)
    else:
        assert site.apply(new).reasons == ("backend up_b is new (this HAProxy has no `add backend`)",)
    assert site.who("b.test") == {"two"}
    site.live(config)
    assert site.who("b.test") == {"503"}
    site.live(new)
    assert site.who("b.test") == {"two"}


def test_an_upstream_with_lines_of_its_own_is_a_reload(site: Site, servers: Servers) -> None:
    config = start(site, servers)
    new = config.backend("up_b", "timeout server 5s", line(servers.open("two")))
    outcome = site.apply(new)
    assert outcome.how == "reload"
    assert "backend up_b is new" in outcome.reasons[0]


def test_an_upstream_that_comes_back_as_it_was_is_live(site: Site, servers: Servers) -> None:
    """A container that is restarted: its upstream goes with it, and comes back with another address."""
    config = start(site, servers)
    for name in ("two", "three"):
        site.live(config.without("up_a"))
        assert site.who("a.test") == {"503"}
        site.live(config.backend("up_a", *ROUND_ROBIN, line(servers.open(name))))
        assert site.who("a.test") == {name}


def test_what_a_reload_took_away_is_not_thought_to_be_left(site: Site, servers: Servers) -> None:
    config = start(site, servers)
    site.live(config.without("up_a"))
    assert site.apply(config.without("up_a").backend("up_b", *ROUND_ROBIN, "timeout server 9s")).how == "reload"
    outcome = site.apply(config.backend("up_b", *ROUND_ROBIN, "timeout server 9s"))
    assert (outcome.how, outcome.repaired) == ("reload", "")
    assert site.who("a.test") == {"one"}


def test_an_upstream_whose_policies_differ_is_a_reload_that_names_them(site: Site, servers: Servers) -> None:
    config = start(site, servers)
    outcome = site.apply(config.backend("up_a", *ROUND_ROBIN, "timeout server 9s", line(servers.open("two"))))
    assert (outcome.how, outcome.reasons) == ("reload", ("backend up_a: timeout server differs",))
    assert site.who("a.test") == {"two"}
