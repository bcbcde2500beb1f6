"""Random routing tables with header conditions, and requests with repeated and odd header fields."""

from __future__ import annotations

import random

from gen.received import Request

HOSTS = ("a.test", "*.a.test", r"~^c[0-9]*\.test$")
NAMES: tuple[str, ...] = (
    "X-A",
    "X-A",
    "X-B",
    "Cookie",
    "X-Forwarded-Proto",
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Forwarded-Host",
)
NAMES += ("X-Forwarded-Port", "Host", "Forwarded", "X-Forwarded-Prefix")
CONDITIONS = {
    "X-A": ("1", "1, 2", "~^1", "~^$", "*", "~2$", "~^[0-9, ]*$", "~, "),
    "X-B": ("1", "*", "~^$", "~^1(?:, 1)*$"),
    "Cookie": ("a=1", "a=1; b=2", "~(?:^|; )b=2(?:;|$)", "*", "~^$"),
    "X-Forwarded-Proto": ("https", "http", "~^https?$"),
    "X-Forwarded-For": ("127.0.0.1", "~^203", "~127[.]0[.]5[.]1$", "*"),
    "X-Real-IP": ("127.0.0.1", "203.0.113.7", "~^127", "~:"),
    "X-Forwarded-Host": ("a.test", "~^A", "~:8080$", "*"),
    "X-Forwarded-Port": ("80", "443", "8080"),
    "Host": ("a.test", "~^x[.]", "~^$"),
    "Forwarded": ("*", "~^$"),
    "X-Forwarded-Prefix": ("*", "/p", "~^$"),
}
METHODS = ("GET", "GET", "GET", "PURGE", "get", "Get", "G!T")
BLANKS = ("", " ", "\t", "\t \t")
NETWORKS = ("203.0.113.0/24", "127.0.0.0/24", "::/0", "2001:db8::/32", "::ffff:203.0.113.0/120", "0.0.0.0/0")
TRUSTED = "127.0.5.0/24, 10.0.0.0/8, 2001:db8:1::/48"
ELEMENTS_6 = ("2002:a00:1::1", "::10.0.0.5", "::1", "2002:cb00:7107::1", "::203.0.113.7", "64:ff9b::203.0.113.7")
CLIENTS = ("127.0.0.1", "127.0.5.1", "127.0.5.1", "127.0.5.2")
ELEMENTS: tuple[str, ...] = (
    "203.0.113.7",
    "198.51.100.1",
    "10.0.0.5",
    "10.1.2.3:8080",
    "2001:db8::1",
    "[2001:db8::1]",
    "unknown",
)
ELEMENTS += ("[2001:db8::1]:80", "2001:db8:1::9", "::ffff:203.0.113.7", "::ffff:10.0.0.1", "junk", "203.0.113.7x")
ELEMENTS += ("", "01.2.3.4", "1.2.3.256", "1.2.3.4:99999", "[1.2.3.4]", "_hidden", "1.2.3.4 5.6.7.8", "10.0.0.9", "::")
ELEMENTS += ("[::1", "1.2.3.4/8", "10.0.0.1:0", "1.2.3", "10.0.0.5\t10.0.0.5", '"10.0.0.5"', "fe80::1%eth0", "1::2::3")
VALUES = {
    "X-A": ("1", "2", "", "1, 2", "x", "1,2"),
    "X-B": ("1", "", "2"),
    "Cookie": ("a=1", "b=2", "a=1; b=2", ""),
    "X-Forwarded-Proto": ("https", "http", "HTTPS", "gopher", ""),
    "X-Real-IP": ("203.0.113.7",),
    "X-Forwarded-Host": ("evil.test",),
    "X-Forwarded-Port": ("1",),
    "Forwarded": ("for=1",),
    "X-Forwarded-Prefix": ("/p", "/q"),
}
ASKED: tuple[str, ...] = (
    "a.test",
    "A.Test",
    "a.test:8080",
    "a.test.",
    "A.TEST.:80",
    "x.a.test",
    "c1.test:443",
    "c.test",
    "no.test",
)
ASKED += ("a.test:", "[::1]:80", "[2001:db8::1]", "a.test:0", "a.test:080")
BAD_HOSTS = ("a.test:x", "a.test:70000", "a..test", "a.test/x", "a.test:1:2", 'a"b', "[::1", "a@b", "a b", "x a.test")


def table(chance: random.Random, size: int) -> list[dict[str, str]]:
    """The labels of `size` workloads with one route each, of few hosts and paths."""
    return [_route(chance) for _ in range(size)]


def _route(chance: random.Random) -> dict[str, str]:
    labels = {"fairway.path": chance.choice(("/", "/", "/x"))}
    if chance.random() < 0.8:
        labels["fairway.host"] = chance.choice(HOSTS)
    for _ in range(chance.choice((0, 1, 1, 2))):
        name = chance.choice(NAMES)
        labels[f"fairway.headers.{name}"] = chance.choice(CONDITIONS[name])
    if chance.random() < 0.25:
        labels["fairway.client_ip"] = chance.choice(NETWORKS)
    if chance.random() < 0.25:
        labels["fairway.ip_allow"] = chance.choice(NETWORKS)
    return labels


def request(chance: random.Random) -> Request:
    headers: list[tuple[str, str]] = []
    for name in chance.sample(sorted(VALUES), chance.randint(0, 4)):
        count = chance.choice((1, 1, 1, 2, 2, 3, 4, 5, 60 if chance.random() < 0.1 else 1))
        headers += [(_spelled(chance, name), chance.choice(VALUES[name])) for _ in range(count)]
        if count == 1 and name in ("X-A", "X-B", "X-Forwarded-Proto") and chance.random() < 0.3:
            headers[-1] = (headers[-1][0], f"{chance.choice(BLANKS)}{headers[-1][1]}{chance.choice(BLANKS)}")
    if chance.random() < 0.6:
        headers += [("X-Forwarded-For", _chain(chance)) for _ in range(chance.choice((1, 1, 1, 2, 3, 5)))]
    if chance.random() < 0.05:
        headers.append(("X-Long", "x" * chance.choice((100, 4000, 7000))))
    if chance.random() < 0.05:
        headers.append(("Host", chance.choice(("a.test", "b.test"))))
    chance.shuffle(headers)
    return Request(
        listener="web",
        host=chance.choice(BAD_HOSTS if chance.random() < 0.08 else ASKED),
        target=chance.choice(("/", "/x", "/x/y")),
        method=chance.choice(METHODS),
        headers=tuple(headers),
        client=chance.choice(CLIENTS),
    )


def _chain(chance: random.Random) -> str:
    few = ELEMENTS[:11] if chance.random() < 0.6 else ELEMENTS if chance.random() < 0.7 else ELEMENTS_6
    count = chance.choice((1, 1, 2, 3, 4, chance.randint(5, 14), 300 if chance.random() < 0.05 else 1))
    return chance.choice((", ", ", ", ",", " , ")).join(chance.choice(few) for _ in range(count))


def _spelled(chance: random.Random, name: str) -> str:
    return name if chance.random() < 0.7 else name.lower()
