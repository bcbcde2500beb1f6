"""TLS listeners behind proxies that are trusted: the scheme by which the client came decides, on every listener."""

from __future__ import annotations

from tests.conformance.test_tls import Site, site
from tests.support.client import Ask, ask

__all__ = ["site"]

TRUSTED = "127.0.5.1"


def required(site: Site, **labels: str) -> None:
    own = {"fairway.host": "a.test", "fairway.tls": "required"} | {f"fairway.{name}": v for name, v in labels.items()}
    site.run(own, {"fairway.host": "none.test", "fairway.redirect": "https"}, trusted_proxies=TRUSTED)


def said(proto: str) -> tuple[tuple[str, str], ...]:
    return (("X-Forwarded-Proto", proto),)


def test_https_that_a_trusted_proxy_ended_is_served_on_the_plain_listener(site: Site) -> None:
    required(site)
    assert ask(site.plain, Ask(host="a.test", client=TRUSTED, headers=said("https"))).echo["server"] == "a-1"
    moved = ask(site.plain, Ask(host="a.test", target="/x", headers=said("https")))
    assert (moved.status, moved.headers["location"]) == (308, f"https://a.test:{site.port}/x")


def test_http_that_a_trusted_proxy_took_is_redirected_on_the_tls_listener(site: Site) -> None:
    required(site)
    assert ask(site.port, Ask(host="a.test", sni="a.test", client=TRUSTED, headers=said("http"))).status == 308
    for client, headers in ((TRUSTED, said("https")), (TRUSTED, ()), ("127.0.0.1", said("http"))):
        answer = ask(site.port, Ask(host="a.test", sni="a.test", client=client, headers=headers))
        assert answer.echo["server"] == "a-1"


def test_the_challenge_path_stays_open_on_the_plain_listener_alone(site: Site) -> None:
    required(site)
    challenge = "/.well-known/acme-challenge/token"
    assert ask(site.plain, Ask(host="a.test", target=challenge)).status == 200
    on_tls = Ask(host="a.test", target=challenge, sni="a.test", client=TRUSTED, headers=said("http"))
    assert ask(site.port, on_tls).status == 308


def test_one_upstream_serves_both_listeners_so_that_limits_hold_for_both(site: Site) -> None:
    required(site, **{"rate_limit": "2/m", "rate_limit.burst": "0"})
    first = ask(site.plain, Ask(host="a.test", client=TRUSTED, headers=said("https")))
    second = ask(site.port, Ask(host="a.test", sni="a.test", client=TRUSTED))
    assert (first.status, second.status) == (200, 429)


def test_a_redirect_to_https_is_no_loop_on_the_tls_listener(site: Site) -> None:
    site.run({"fairway.host": "a.test", "fairway.redirect": "https"})
    moved = ask(site.plain, Ask(host="a.test", target="/x"))
    assert (moved.status, moved.headers["location"]) == (308, f"https://a.test:{site.port}/x")
    assert ask(site.port, Ask(host="a.test", sni="a.test", target="/x")).echo["server"] == "a-1"
