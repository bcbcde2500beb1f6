"""Random routing tables as labels, and random requests that are likely to meet them."""

from __future__ import annotations

import random

from gen.decide import Request

HOSTS = ("a.test", "b.test", "*.a.test", ".b.test", "*.x.a.test", r"~^C[0-9]*\.test$", r"~^[ac]1?\.test$", "c1.test")
ASKED = ("a.test", "b.test", "x.a.test", "y.x.a.test", "z.b.test", "c1.test", "c22.test", "c.test", "no.test", "")
SEGMENTS = ("a", "b", "ab", "a b", "é", "A")
REGEXES = (r"~^/a/", r"~\.php$", r"~^/[ab]+$", r"~(?i)^/A", r"~/b/?$")
METHODS = ("GET", "POST", "PUT", "DELETE")
HEADERS = (("X-Env", "beta"), ("X-Env", "~^be"), ("X-Env", "*"), ("X-Team", "a;b"), ("X-Team", "~[$]|\\$5"))
QUERY = (("v", "2"), ("v", "~^[0-9]+$"), ("v", "*"), ("w_x", "a b"), ("w_x", "é"), ("w_x", "a&b"), ("w_x", "%41"))
CLIENTS = ("127.0.0.1", "127.0.0.2", "127.0.1.9")
NETWORKS = ("127.0.0.1", "127.0.0.0/24", "127.0.1.0/24", "10.0.0.0/8, 127.0.0.2")


def table(chance: random.Random, size: int) -> list[dict[str, str]]:
    """The labels of `size` workloads with one route each."""
    few = chance.sample(HOSTS, chance.randint(1, 4))
    return [route(chance, few) for _ in range(size)]


def owned(chance: random.Random, size: int) -> list[dict[str, str]]:
    """The same of several owners, who meet at few hosts."""
    owners = ("red", "green", "blue")[: chance.randint(2, 3)]
    return [labels | {"com.docker.compose.project": chance.choice(owners)} for labels in table(chance, size)]


def route(chance: random.Random, hosts: list[str]) -> dict[str, str]:
    labels = {"fairway.path": path(chance)}
    if chance.random() < 0.85:
        labels["fairway.host"] = ", ".join(chance.sample(hosts, min(len(hosts), chance.choice((1, 1, 1, 2)))))
    if chance.random() < 0.25:
        labels["fairway.priority"] = str(chance.choice((-5, 1, 10)))
    if chance.random() < 0.2:
        labels["fairway.methods"] = ", ".join(chance.sample(METHODS, chance.randint(1, 2)))
    if chance.random() < 0.25:
        name, value = chance.choice(HEADERS)
        labels[f"fairway.headers.{name}"] = value
    if chance.random() < 0.2:
        name, value = chance.choice(QUERY)
        labels[f"fairway.query.{name}"] = value
    if chance.random() < 0.15:
        labels["fairway.client_ip"] = chance.choice(NETWORKS)
    return labels


def crowded(chance: random.Random, size: int) -> list[dict[str, str]]:
    """So many conditional routes on one path that one switch is not enough for them."""
    return [
        {"fairway.host": "a.test", "fairway.path": "/a", "fairway.headers.X-Env": f"e{number}"}
        | ({"fairway.query.v": "2"} if chance.random() < 0.3 else {})
        | ({"fairway.priority": str(chance.randint(0, 3))} if chance.random() < 0.5 else {})
        for number in range(size)
    ]


def path(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.12:
        return chance.choice(REGEXES)
    segments = [chance.choice(SEGMENTS) for _ in range(chance.choice((0, 1, 1, 2, 2, 3)))]
    text = "/" + "/".join(segments)
    if chance.random() < 0.3 and segments:
        text += "/"
    return "=" + text if kind < 0.4 else text


def request(chance: random.Random, *, envs: int = 0) -> Request:
    headers: list[tuple[str, str]] = []
    if envs:
        headers.append(("X-Env", f"e{chance.randrange(envs + 3)}"))
    elif chance.random() < 0.5:
        headers.append(("x-env", chance.choice(("beta", "bet", "Beta", "1"))))
    if chance.random() < 0.3:
        headers.append(("X-Team", chance.choice(("a;b", "$5", "x"))))
    host = chance.choice(ASKED[:5] if chance.random() < 0.7 else ASKED)
    return Request(
        listener="web",
        host=disguised(chance, host) if not envs else "a.test",
        target=target(chance) if not envs else "/a" + query(chance),
        method=chance.choice(METHODS) if chance.random() < 0.5 else "GET",
        headers=tuple(headers),
        client=chance.choice(CLIENTS) if chance.random() < 0.3 else CLIENTS[0],
    )


def disguised(chance: random.Random, host: str) -> str:
    """The same host in another spelling, now and then."""
    kind = chance.random()
    if kind < 0.1:
        return host.upper()
    if kind < 0.2 and host:
        return host + ":8080"
    return host + "." if kind < 0.3 and host else host


def target(chance: random.Random) -> str:
    segments = [chance.choice(SEGMENTS) for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4)))]
    text = "/" + "/".join(spelled(chance, segment) for segment in segments)
    kind = chance.random()
    if kind < 0.08:
        text = text.replace("/", "//", 1)
    elif kind < 0.16:
        text += chance.choice(("/..", "/x/../b", "/./a", "/.", "/%2e%2e/a", "%2fa", "/x/..%2fa"))
    elif kind < 0.20:
        text += chance.choice(
            (".php", "%0a", "%", "%2", "/%zz", "%00", "/../../..", "#x", "#?v=2", ";x", "%252f", "%3f")
        )
    elif kind < 0.4:
        text += "/"
    return text + (query(chance) if chance.random() < 0.4 else "")


def spelled(chance: random.Random, segment: str) -> str:
    raw = segment.encode()
    if chance.random() < 0.85:
        return "".join(chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02x}" for byte in raw)
    return "".join(f"%{byte:02X}" for byte in raw)


def query(chance: random.Random) -> str:
    value = chance.choice(
        ("v=2", "v=%32", "V=2", "v=", "v=x", "w_x=a+b", "w_x=a%20b", "w_x=%C3%A9", "w_x=a%2Bb", "w_x=a&b", "w_x=%41")
    )
    other = chance.choice(("", "&v=2", "&x=1", "&v=7"))
    return "?" + value + other
