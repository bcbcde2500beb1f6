"""A URL as it is typed → what is asked, and of which listeners."""

from __future__ import annotations

from base64 import b64decode

import pytest

from gen.errors import BadValue
from gen.explain.question import STRANGER, door, question, server_name
from gen.model import Listener, Model
from gen.settings import Settings
from gen.values import Cidr

LISTENERS = (
    Listener(name="alt", port=8080),
    Listener(name="db", port=5432, protocol="tcp"),
    Listener(name="dns", port=53, protocol="udp"),
    Listener(name="mqtts", port=8883, protocol="tcp", tls=True),
    Listener(name="web", port=80),
    Listener(name="websecure", port=443, tls=True),
)
MODEL = Model(settings=Settings(), listeners=LISTENERS)


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("http://shop.test", "shop.test", "/"),
        ("shop.test/a", "shop.test", "/a"),
        ("http://shop.test?x=1", "shop.test", "/?x=1"),
        ("http://shop.test/a%20b/../c?x=1#part", "shop.test", "/a%20b/../c?x=1"),
        ("http://shop.test/ä b", "shop.test", "/%C3%A4%20b"),
        ("http://me:secret@shop.test:81/", "shop.test", "/"),
        ("http://münchen.test/", "xn--mnchen-3ya.test", "/"),
        ("http://STRASSE.straße.test/", "strasse.xn--strae-oqa.test", "/"),
        ("http://[::1]:8080/", "[::1]", "/"),
    ],
)
def test_a_url_is_taken_as_a_browser_sends_it(url: str, host: str, target: str) -> None:
    asked = question(url)
    assert (asked.host, asked.target) == (host, target)


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http://", "http://x:99999/", "tcp://db", "http://a b/", "http://a..b/", "https:///x"]
)
def test_what_is_no_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BadValue, match="write for example"):
        question(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://me:secret@shop.test/", "me:secret"),
        ("https://me:s%3Ac%40ret@shop.test:81/x@y", "me:s:c@ret"),
        ("http://me@shop.test/", "me:"),
        ("me:secret@shop.test", "me:secret"),
    ],
)
def test_who_asks_in_a_url_is_sent_as_clients_do(url: str, said: str) -> None:
    ((name, value),) = question(url).headers
    assert (name, b64decode(value.removeprefix("Basic ")).decode()) == ("Authorization", said)
    own = question(url, headers=("authorization: Bearer x",))
    assert [found for _, found in own.headers] == ["Bearer x"]


def test_who_asks_is_not_shown_where_a_url_is_refused() -> None:
    for url in ("http://me:secret@x:99999/", "ftp://me:secret@x/", "tcp://me:secret@db", "me:secret@x:y"):
        with pytest.raises(BadValue) as raised:
            question(url)
        assert "secret" not in str(raised.value)


def test_a_host_field_counts_more_than_the_urls_host_and_tls_asks_for_the_urls() -> None:
    asked = question("https://127.0.0.1/", headers=("Host: shop.test", "X-Env: beta"))
    assert (asked.host, asked.headers) == ("shop.test", (("X-Env", "beta"),))
    assert server_name(asked) == ""
    assert server_name(question("https://Shop.Test./")) == "shop.test"
    assert server_name(question("http://shop.test/")) == ""


def test_a_client_that_nothing_is_said_of_is_nobodys_friend() -> None:
    assert question("x.test/").client == STRANGER
    assert not any(
        Cidr.parse(private).contains(STRANGER) for private in ("10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16")
    )
    assert question("x.test/", client="10.0.0.1").client == "10.0.0.1"
    for wrong in ({"client": "nobody"}, {"headers": ("no colon",)}, {"method": "GE T"}):
        with pytest.raises(BadValue):
            question("x.test/", **wrong)


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("http://x.test/", ["web"]),
        ("http://x.test:8080/", ["alt"]),
        ("https://x.test/", ["websecure"]),
        ("https://x.test:5432/", ["db"]),
        ("tcp://x.test:5432", ["db"]),
        ("tls://x.test:443", ["websecure"]),
        ("udp://x.test:53", ["dns"]),
        ("http://x.test:443/", []),
        ("http://x.test:53/", []),
        ("https://x.test:8080/", []),
        ("http://x.test:9/", []),
    ],
)
def test_scheme_and_port_choose_the_listener(url: str, names: list[str]) -> None:
    found = door(MODEL, question(url))
    assert [one.name for one in found.listeners] == names
    assert bool(found.note) is not bool(names)


def test_a_usual_port_that_nobody_has_may_be_a_published_one() -> None:
    inside = Model(
        settings=Settings(), listeners=(Listener(name="web", port=8080), Listener(name="tls", port=1, tls=True))
    )
    found = door(inside, question("http://x.test/"))
    assert [one.name for one in found.listeners] == ["web"]
    assert "a published port would have to lead to web=8080" in found.note
    assert door(inside, question("http://x.test:80/")).listeners == ()


def test_a_listener_may_be_named() -> None:
    assert [one.name for one in door(MODEL, question("x.test/"), "alt").listeners] == ["alt"]
    assert "there is no listener 'nope'" in door(MODEL, question("x.test/"), "nope").note
