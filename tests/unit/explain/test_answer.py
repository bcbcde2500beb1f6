"""Who answers, and what a client gets: certificate, policies, servers, connections."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from gen.certificate import Certificate
from gen.settings import Settings
from gen.values import Listen
from tests.support.labelled import instance, workload
from tests.unit.explain.worlds import SETTINGS, asked, basis

REDIRECTS = Path(__file__).parents[2] / "conformance" / "a-redirect-leads-where-the-label-says.yaml"


def certificate(name: str, *names: str, until: float = 2000.0) -> Certificate:
    return Certificate(
        name=name,
        names=names,
        certificate_file=f"/c/{name}.crt",
        key_file=f"/c/{name}.key",
        not_before=0.0,
        not_after=until,
        fingerprint=name,
    )


def redirects() -> list[tuple[dict[str, str], str, str, str]]:
    """(labels, host, target, location) of what running proxies are asked in the conformance tests."""
    document = yaml.safe_load(REDIRECTS.read_text(encoding="utf-8"))
    by_host = {one["labels"]["fairway.host"].lstrip("*."): one["labels"] for one in document["workloads"].values()}
    found: list[tuple[dict[str, str], str, str, str]] = []
    for request in document["requests"]:
        location = request["expect"].get("headers", {}).get("location", "~")
        if "headers" not in request and not location.startswith("~") and request.get("get", "").startswith("/"):
            host = request["host"]
            labels = by_host.get(host) or by_host[host.partition(".")[2]]
            found.append((labels, host, request["get"], location))
    return found


@pytest.mark.parametrize(("labels", "host", "target", "location"), redirects())
def test_a_redirect_is_said_as_running_proxies_answer_it(
    labels: dict[str, str], host: str, target: str, location: str
) -> None:
    found = asked(basis(workload("a", labels)), f"http://{host}{target}").outcome
    assert (found.location, found.status) == (location, int(labels.get("fairway.redirect.code", "308")))


def test_there_are_redirects_to_compare() -> None:
    assert len(redirects()) >= 7


def test_tls_required_answers_plain_requests_with_a_redirect_and_names_the_label() -> None:
    of = basis(
        workload("a", {"fairway.host": "a.test", "fairway.tls": "required"}),
        certificates=[certificate("a", "a.test")],
        now=5.0,
    )
    plain, encrypted = asked(of, "http://a.test/x"), asked(of, "https://a.test/x")
    assert (plain.outcome.status, plain.outcome.location) == (308, "https://a.test/x")
    assert plain.route is not None and encrypted.route is not None
    assert [one.option for one in plain.route.policies[0].said] == ["tls"]
    assert encrypted.outcome.status == 0
    assert encrypted.certificate is not None
    assert (encrypted.certificate.name, encrypted.certificate.wrong) == ("a", "")


@pytest.mark.parametrize(
    ("now", "url", "wrong"),
    [
        (5.0, "https://a.test/", ""),
        (2001.0, "https://a.test/", "it has expired"),
        (5.0, "https://x.y.b.test/", "it is not for x.y.b.test"),
        (5.0, "https://c.test/", "no certificate is for c.test: refused"),
    ],
)
def test_the_certificate_is_judged_as_a_client_does(now: float, url: str, wrong: str) -> None:
    of = basis(
        workload("a", {"fairway.host": "a.test"}),
        workload("b", {"fairway.host": "*.b.test"}),
        certificates=[certificate("a", "a.test"), certificate("b", "*.b.test", until=9000.0)],
        now=now,
    )
    shown = asked(of, url).certificate
    assert shown is not None
    assert shown.wrong == wrong


def test_ip_allow_is_judged_by_the_client_that_is_named() -> None:
    of = basis(workload("a", {"fairway.host": "a.test", "fairway.ip_allow": "10.0.0.0/8"}))
    assert asked(of, "http://a.test/").outcome.status == 403
    assert asked(of, "http://a.test/", client="11.0.0.1").outcome.status == 403
    allowed = asked(of, "http://a.test/", client="10.1.2.3")
    assert allowed.outcome.status == 0
    assert allowed.route is not None
    assert allowed.route.policies[0].effect == "lets 10.1.2.3 in"


def test_policies_stand_in_the_order_in_which_requests_meet_them() -> None:
    names = ("timeouts.read", "retry.tries", "compress", "ip_allow", "rate_limit")
    values = ("5s", "2", "on", "0.0.0.0/0", "1/s")
    labels = {f"fairway.{name}": value for name, value in zip(names, values, strict=True)}
    found = asked(basis(workload("a", {"fairway.host": "a.test", **labels})), "http://a.test/").route
    assert found is not None
    assert [one.name for one in found.policies] == ["ip_allow", "rate_limit", "timeouts", "compress", "retry"]


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
@pytest.mark.parametrize(
    "more", [{"fairway.upstream": "pool"}, {"fairway.redirect": "https"}, {"fairway.ip_allow": "x"}]
)
def test_a_route_in_whose_place_another_says_the_same_has_lines_all_the_same(proxy: str, more: dict[str, str]) -> None:
    of = basis(
        workload("wide", {"fairway.host": "*.test", **more}),
        workload("own", {"fairway.host": "a.test", "fairway.routes.x.path": "/x", **more}),
        proxy=proxy,
    )
    found = asked(of, "http://a.test/").route
    assert found is not None
    assert any(line.is_own for line in found.lines)


def test_behind_a_redirect_nothing_is_met() -> None:
    labels = {"fairway.host": "a.test", "fairway.redirect": "https://b.test", "fairway.rate_limit": "1/s"}
    found = asked(basis(workload("a", {**labels, "fairway.strip_prefix": "/a"})), "http://a.test/").route
    assert found is not None
    assert [(one.name, one.effect) for one in found.policies] == [
        ("rate_limit", ""),
        ("redirect", "308 to https://b.test"),
        ("strip_prefix", "not met: the redirect comes first"),
    ]


def test_a_withheld_route_and_one_without_servers_answer_503_and_say_why() -> None:
    of = basis(
        workload("a", {"fairway.host": "a.test", "fairway.ip_allow": "nobody"}),
        workload("b", {"fairway.host": "b.test"}, replace(instance("b"), health="unhealthy")),
        workload("c", {"fairway.host": "c.test"}, replace(instance("c"), running=False)),
    )
    withheld = asked(of, "http://a.test/").outcome
    assert (withheld.status, "ip_allow cannot be kept" in withheld.what) == (503, True)
    for name, reason in (("b", "it is unhealthy"), ("c", "it does not run")):
        found = asked(of, f"http://{name}.test/")
        assert found.outcome.status == 503
        assert found.route is not None
        assert reason in found.route.shares[0].places[0].reason


def test_of_those_who_share_a_route_each_stands_there_with_his_labels() -> None:
    of = basis(
        workload("old", {"fairway.host": "a.test", "fairway.rate_limit": "1/s"}, created=1.0),
        workload(
            "new", {"fairway.host": "a.test", "fairway.rate_limit": "9/s"}, instance("n", "10.0.0.9"), created=2.0
        ),
    )
    found = asked(of, "http://a.test/")
    assert found.route is not None
    assert [one.workload for one in found.route.shares] == ["old", "new"]
    assert [each.origin.workload for each in found.route.policies[0].said] == ["old"]
    assert [one.instances for one in found.route.servers] == [("n",), ("old",)]
    assert found.outcome.what == "one of 2 servers answers (round_robin)"


def test_connections_are_explained_by_the_name_that_is_asked_for() -> None:
    of = basis(
        workload("all", {"fairway.tcp.db.port": "80"}),
        workload("one", {"fairway.tcp.x.host": "x.test", "fairway.tcp.x.listeners": "db", "fairway.tcp.x.port": "80"}),
    )
    named, nameless = asked(of, "tls://x.test:5432"), asked(of, "tcp://any:5432")
    assert [one.verdict for one in named.tried] == ["answers", "lost"]
    assert [one.verdict for one in nameless.tried] == ["missed", "answers"]
    assert nameless.route is not None
    assert nameless.route.shares[0].workload == "all"


def test_a_directory_for_challenges_answers_before_routes() -> None:
    settings = replace(SETTINGS, acme_webroot="/var/acme")
    of = basis(workload("a", {"fairway.host": "a.test"}), settings=settings)
    path = ".well-known/acme-challenge/x"
    assert "acme_webroot" in asked(of, f"http://a.test/{path}").outcome.what
    assert "acme_webroot" not in asked(of, "http://a.test/x").outcome.what


@pytest.mark.parametrize(("status", "shown"), [(404, 404), (421, 421), (444, 0)])
def test_an_unknown_host_gets_what_the_operator_says(status: int, shown: int) -> None:
    settings = Settings(listeners=(Listen("web", 80),), unknown_host=status)
    of = basis(workload("a", {"fairway.host": "a.test", "fairway.path": "/a"}), settings=settings)
    assert asked(of, "http://b.test/").outcome.status == shown
    assert asked(of, "http://a.test/").outcome.status == 404
