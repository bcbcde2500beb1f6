"""The lines of a backend that its upstream's policies make, and what is said of those that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping

import jinja2
import pytest

from gen.model import Model
from gen.proxies.haproxy import Haproxy
from gen.render import Renderer
from tests.support.cases import ROOT
from tests.support.world import instance, model_of, settings, workload

SERVER = "server s_a_1"


def fitted(labels: Mapping[str, str], **named: str) -> Model:
    own = {"fairway.host": "a.test"} | {f"fairway.{key}": value for key, value in labels.items()}
    a = workload("a", own, instance("a-1", "10.0.0.1", 80))
    model = model_of([a], settings("/srv/fairway", proxy="haproxy", **named))
    return Haproxy(frozenset({"prometheus"})).fit(model)


def lines(labels: Mapping[str, str], **named: str) -> list[str]:
    """The lines of the only backend; a server without its name, address and number."""
    loader = jinja2.FileSystemLoader(ROOT / "templates")
    bundle = Renderer(Haproxy(frozenset({"prometheus"})), loader).render(fitted(labels, **named))
    text = next(file.content.decode() for file in bundle.files if file.name == bundle.main)
    found = [line.strip() for line in text.rpartition("\nbackend ")[2].splitlines()[1:]]
    return [line.partition(" weight 1")[2].strip() if line.startswith(SERVER) else line for line in found if line]


def server(labels: Mapping[str, str]) -> str:
    return lines(labels)[-1]


def test_a_check_is_written_word_by_word() -> None:
    own = {"path": "/healthz?x=1", "interval": "5s", "timeout": "500ms", "expect": '200-299, 304, ~it\'s 100% "ok"'}
    own |= {"host": "shop.test", "method": "options", "rise": "1", "fall": "4", "port": "81"}
    assert lines({f"health_check.{key}": value for key, value in own.items()}) == [
        "option httpchk",
        "http-check send meth 'OPTIONS' uri '/healthz?x=1' ver HTTP/1.1 hdr Host shop.test",
        "http-check expect status 200-299,304",
        "http-check expect string 'it'\\''s 100% \"ok\"'",
        "timeout check 500ms",
        "check inter 5000ms rise 1 fall 4 port 81",
    ]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"health_check.kind": "tcp"}, "check inter 2000ms rise 2 fall 3"),
        (
            {"health_check.kind": "agent", "health_check.port": "9999"},
            "agent-check agent-port 9999 agent-inter 2000ms",
        ),
        ({"slow_start": "30s"}, "slowstart 30000ms"),
        ({"keepalive": "64"}, "pool-max-conn 64"),
        (
            {"passive_health": "3", "passive_health.window": "30s"},
            "check inter 1d fastinter 30000ms downinter 30000ms rise 1 fall 2"
            " observe layer4 error-limit 3 on-error mark-down",
        ),
        (
            {"circuit_breaker": "5", "health_check.kind": "tcp"},
            "check inter 2000ms rise 2 fall 3 observe layer7 error-limit 5 on-error mark-down",
        ),
        (
            {"circuit_breaker": "5", "health_check.kind": "agent", "health_check.port": "9999"},
            "agent-check agent-port 9999 agent-inter 2000ms check inter 1d fastinter 10000ms downinter 10000ms"
            " rise 1 fall 2 observe layer7 error-limit 5 on-error mark-down",
        ),
        ({"protocol": "https"}, "ssl verify none sni var(txn.host)"),
        (
            {"protocol": "https", "upstream_tls.name": "db.internal", "upstream_tls.ca": "ours.pem"},
            "ssl verify required ca-file '/etc/ssl/certs/ours.pem' sni 'str(db.internal)' verifyhost db.internal",
        ),
        (
            {"protocol": "grpcs", "upstream_tls": "off"},
            "ssl verify none sni var(txn.host) alpn h2",
        ),
        (
            {"protocol": "https", "upstream_tls.name": "db.internal", "health_check": "/"},
            "check inter 2000ms rise 2 fall 3 check-sni db.internal"
            " ssl verify required ca-file '/etc/ssl/certs/ca-certificates.crt' sni 'str(db.internal)'"
            " verifyhost db.internal",
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_server_is_told_what_it_has_to_be_asked(labels: dict[str, str], words: str) -> None:
    assert server(labels) == words


def test_a_name_is_verified_or_there_is_no_request() -> None:
    found = lines({"protocol": "https", "upstream_tls": "on"})
    assert "acl has_host var(txn.host) -m len -- 1:" in found
    assert any(line.startswith("http-request return status 400") and line.endswith("unless has_host") for line in found)


@pytest.mark.parametrize(
    ("labels", "key", "said"),
    [
        ({"circuit_breaker": "5", "passive_health": "3"}, "passive_health", "counts failed connections too"),
        ({"queue": "5"}, "queue", "without max_conns nobody waits"),
        ({"protocol": "fastcgi", "health_check": "/"}, "health_check", "write kind tcp"),
    ],
)
def test_what_means_nothing_is_left_out_and_said(labels: dict[str, str], key: str, said: str) -> None:
    model = fitted(labels)
    (problem,) = model.problems
    assert problem.origin.key == f"fairway.{key}"
    assert said in problem.message
    assert key not in [policy.name for upstream in model.upstreams for policy in upstream.policies]


def test_a_route_whose_servers_cannot_be_verified_is_withheld() -> None:
    (route,) = fitted({"upstream_tls": "on"}).routes
    assert "no TLS" in route.withheld


def test_metrics_that_were_not_built_in_are_said_to_be_missing() -> None:
    a = workload("a", {"fairway.host": "a.test"}, instance("a-1", "10.0.0.1", 80))
    model = model_of([a], settings("/srv/fairway", proxy="haproxy", metrics="127.0.0.1:8404"))
    assert ["metrics" in str(problem) for problem in Haproxy(frozenset()).fit(model).problems] == [True]
    assert Haproxy(frozenset({"prometheus"})).fit(model).problems == ()
