"""What is stored beside other policies: never somebody's own answer, never one in a coding its client did not want."""

from __future__ import annotations

import gzip

from tests.conformance.conftest import Serve
from tests.support.client import Answer, Ask, ask
from tests.support.servers import Servers
from tests.support.world import instance, workload

PUBLIC = "header=Cache-Control:public%2C%20max-age=60"
OWN = (("Authorization", "Basic dTpw"),)
GZIP = (("Accept-Encoding", "gzip"),)


def start(serve: Serve, servers: Servers, **labels: str) -> None:
    own = {"fairway.host": "a.test", "fairway.cache": "10m"} | {f"fairway.{key}": text for key, text in labels.items()}
    serve(workload("a", own, instance("a-1", "127.0.0.1", servers.open("a-1").port)))


def get(port: int, query: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return ask(port, Ask(target=f"/?{query}", host="a.test", headers=headers))


def asked(servers: Servers) -> int:
    """How often the workload was asked since the last time."""
    return len(servers.seen())


def test_an_answer_with_a_cookie_is_nobody_elses_even_if_it_says_public(
    serve: Serve, servers: Servers, port: int
) -> None:
    start(serve, servers)
    for _ in range(2):
        assert get(port, f"{PUBLIC}&header=Set-Cookie:who=me").headers["set-cookie"] == "who=me"
    assert asked(servers) == 2


def test_an_answer_to_credentials_is_nobody_elses_even_if_it_says_public(
    serve: Serve, servers: Servers, port: int
) -> None:
    start(serve, servers)
    assert get(port, PUBLIC, OWN).status == 200
    assert get(port, PUBLIC).headers["x-cache-status"] == "MISS"
    assert get(port, PUBLIC).headers["x-cache-status"] == "HIT"
    assert asked(servers) == 2
    get(port, PUBLIC, OWN)
    assert asked(servers) == 1


def test_who_takes_no_coding_gets_none_whoever_came_first(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, compress="application/json", **{"compress.min": "1"})
    query = f"{PUBLIC}&header=Vary:Accept-Encoding"
    for number, headers in enumerate((GZIP, (), GZIP, ())):
        answer = get(port, query, headers)
        coding = answer.headers.get("content-encoding", "")
        assert (
            coding == "gzip" if number == 0 else coding in ("", "gzip" if headers else "")
        )  # 3.4 gives hits as stored
        plain = gzip.decompress(answer.body) if coding else answer.body
        assert plain.startswith(b'{"server": "a-1"')
        assert "Accept-Encoding" in answer.headers["vary"]


def test_a_compressed_answer_is_not_called_the_same_bytes(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers, compress="application/json", **{"compress.min": "1"})
    query = f"{PUBLIC}&header=ETag:%22v1%22"
    answer = get(port, query, GZIP)
    assert (answer.headers["content-encoding"], answer.headers.get("etag", 'W/"v1"')) == ("gzip", 'W/"v1"')
    assert get(port, query).headers["etag"] == '"v1"'


def test_who_has_the_answer_already_is_told_so_from_the_store(serve: Serve, servers: Servers, port: int) -> None:
    start(serve, servers)
    query = f"{PUBLIC}&header=ETag:%22v1%22"
    get(port, query)
    answer = get(port, query, (("If-None-Match", '"v1"'),))
    assert (answer.status, answer.body, asked(servers)) == (304, b"", 1)
