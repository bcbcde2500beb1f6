"""`fairway explain` as people call it: who answers, why, from which label, by which lines; and the reference."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable

import pytest

from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("without_proxy")
SHOP = {"fairway.host": "shop.example", "fairway.rate_limit": "10/s"}
BETA = {
    "fairway.host": "shop.example",
    "fairway.headers.X-Env": "beta",
    "fairway.basic_auth.users": "al:$$apr1$$Q2wE4rT6$$Zdu1m6pdw7pih59hVtsK2/",
}
on_both = pytest.mark.parametrize("proxy", ["nginx", "haproxy"])


@pytest.fixture
def ask(run: Run, compose: Callable[..., None]) -> Run:
    compose(shop=SHOP, beta=BETA, api={"fairway.host": "*.example", "fairway.path": "/api", "fairway.methods": "POST"})
    return lambda *words: run("explain", "-f", "compose.yml", *words)


@on_both
def test_the_route_is_named_with_label_policies_servers_and_lines(ask: Run, proxy: str) -> None:
    ran = ask("http://shop.example/x?y=1", "--proxy", proxy)
    assert ran.code == 0, ran.err
    assert "GET /x?y=1 on web (port 80)" in ran.out
    assert "answer       its server answers" in ran.out
    assert "answers  shop.example/  (shop (compose.yml:15))" in ran.out
    assert "fairway.rate_limit=10/s  (compose.yml:16:5: shop)" in ran.out
    assert "shop:80  ready  shop over" in ran.out
    main = "nginx.conf" if proxy == "nginx" else "haproxy.cfg"
    assert f"in {main}" in ran.out
    shown = [line for line in ran.out.splitlines() if "shop:80" in line and ": " in line and "server" not in line[:10]]
    assert shown


@on_both
def test_the_lines_are_those_of_the_rendered_file(ask: Run, run: Run, proxy: str) -> None:
    found = json.loads(ask("http://shop.example/", "--proxy", proxy, "--format", "json").out)["answers"][0]["route"]
    text = run("render", "-f", "compose.yml", "--proxy", proxy).out.splitlines()
    own = [line for line in found["lines"] if line["file"] in ("nginx.conf", "haproxy.cfg")]
    assert all(text[line["number"] - 1] == line["text"] for line in own)
    assert any("shop:80" in line["text"] for line in own)
    assert not any("good:80" in line["text"] for line in own)


def test_who_else_was_tried_stands_there_with_the_reason(ask: Run) -> None:
    ran = ask("http://shop.example/api")
    assert "missed   *.example/api [POST]" in ran.out
    assert "the method is GET, not POST" in ran.out
    assert "the header X-Env is not there, and has to be beta" in ran.out
    ran = ask("http://shop.example/api", "-X", "POST", "-H", "X-Env: beta")
    assert "answers  shop.example/ [X-Env: beta]" in ran.out
    assert "answer       503: the route is withheld: this nginx (before 1.23) reads only the first" in ran.out
    assert "lost     shop.example/  " in ran.out
    assert "it asks for 0 conditions, that one for 1" in ran.out
    assert "the exact host shop.example comes before the wildcard host *.example" in ran.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_hash_of_a_password_is_shown(ask: Run, form: str) -> None:
    for proxy in ("nginx", "haproxy"):
        ran = ask("http://shop.example/", "-H", "X-Env: beta", "--format", form, "--proxy", proxy)
        assert "al:[redacted]" in ran.out
        assert "Zdu1m6pd" not in ran.out


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://nobody.test/", "answer       404: no route is for the host nobody.test"),
        ("http://good.example/%zz", "answer       400: the path is malformed"),
        ("http://good.example/../..", "answer       400: the path is malformed"),
        ("http://x.example/api", "answer       404: the host is known, and no route of it matches"),
        ("http://good.example:81/", "nobody listens on port 81; there are web=80, websecure=443/tls"),
        ("http://good.example:443/", "websecure on port 443 speaks TLS, not http"),
        ("https://good.example/", "certificate  no certificate is for good.example: refused"),
        ("tcp://good.example:80", "web takes requests of HTTP"),
    ],
)
def test_where_nobody_answers_that_is_said_and_the_code_is_one(ask: Run, url: str, answer: str) -> None:
    ran = ask(url)
    assert (ran.code, answer in ran.out) == (1, True), ran.out


def test_of_errors_those_of_the_host_are_told_and_the_rest_counted(run: Run, compose: Callable[..., None]) -> None:
    bad = {f"bad{number}": {"fairway.host": f"bad{number}.test", "fairway.port": "x"} for number in range(3)}
    compose(**bad)
    found = run("explain", "http://bad1.test:81/", "-f", "compose.yml")
    assert (found.code, "bad1: fairway.port" in found.err, "bad2" in found.err) == (1, True, False)
    assert re.search(r"(?m)^\d other errors in labels: `fairway check` tells them$", found.err)
    none = run("explain", "http://nobody.test/", "-f", "compose.yml")
    assert re.fullmatch(r"\d errors in labels: `fairway check` tells them\n", none.err)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_password_in_a_url_is_not_shown(run: Run, compose: Callable[..., None], form: str) -> None:
    compose(shop={"fairway.host": "shop.example", "fairway.headers.Authorization": "other"})
    ran = run("explain", "http://al:opensesame@shop.example/", "-f", "compose.yml", "--format", form)
    shown = ran.out + ran.err
    assert "the header Authorization is '[redacted]', and has to be" in ran.out
    assert ("opensesame" in shown, b64encode(b"al:opensesame").decode() in shown) == (False, False)


@pytest.mark.parametrize("url", ["http://", "ftp://x/", "tcp://db", "http://x:y/", "http://a b/"])
def test_what_is_no_url_is_refused(ask: Run, url: str) -> None:
    ran = ask(url)
    assert (ran.code, ran.out) == (64, "")
    assert "is not a" in ran.err


@pytest.mark.parametrize("character", ["\x1b[31m", "\r\n", "\x9b‮"], ids=ascii)
def test_neither_labels_nor_urls_reach_the_terminal_as_they_are(
    run: Run, compose: Callable[..., None], character: str
) -> None:
    compose(shop={"fairway.host": "shop.example", f"fairway.headers.X{character}": "1", "fairway.redirect": character})
    for form in ("text", "json"):
        url = f"http://shop.example/{character}"
        ran = run("explain", "-f", "compose.yml", url, "-H", f"X-A: {character}", "--format", form)
        assert [c for c in ran.out + ran.err if not c.isprintable() and c != "\n"] == []


def test_a_snapshot_is_explained_as_what_it_was_taken_of(ask: Run, run: Run) -> None:
    assert run("snapshot", "-f", "compose.yml", "-o", "world.json").code == 0
    now = ask("http://shop.example/")
    then = run("explain", "http://shop.example/", "--snapshot", "world.json")
    assert (then.code, then.out) == (0, now.out)


def test_a_listener_for_the_proxy_protocol_says_so(ask: Run) -> None:
    assert (
        "PROXY protocol"
        in ask("http://shop.example/", "--set=listeners=web=80/proxy", "--set=trusted_proxies=10.0.0.1").out
    )
    assert "PROXY protocol" not in ask("http://shop.example/").out


def test_a_name_gets_its_page_of_the_reference(run: Run) -> None:
    ran = run("explain", "rate_limit")
    assert ran.code == 0
    assert "Requests above the rate are answered with 429" in ran.out
    assert "fairway.rate_limit.burst" in ran.out
    for name in ("fairway.rate_limit.burst", "fairway.routes.api.rate_limit.burst", "rate_limit.burst"):
        assert "So many requests above the rate" in run("explain", name).out
    assert "FAIRWAY_UNKNOWN_HOST" in run("explain", "unknown_host").out
    assert json.loads(run("explain", "join", "--format", "json").out)[0]["title"] == "join"


def test_a_name_that_nobody_knows_gets_the_nearest(run: Run) -> None:
    ran = run("explain", "fairway.rate_limt")
    assert ran.code == 64
    assert "did you mean rate_limit" in ran.err
