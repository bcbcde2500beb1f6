"""What proxies say of their requests, understood; what they do not say is None."""

from __future__ import annotations

from gen.proxies.counts import Counts
from gen.proxies.haproxy.commands import HaproxyCommands
from gen.proxies.nginx.commands import NginxCommands

STATUS = (
    b"Active connections: 291 \nserver accepts handled requests\n 16630948 16630947 31070465 \nReading: 6 Writing: 179"
)
INFO = b"Name: HAProxy\nCurrConns: 2\nCumConns: 40\nCumReq: 55\nStopping: 0\n"
STAT = b"# pxname,svname,cache_lookups,cache_hits,\nup_a,BACKEND,4,3,\nup_b,BACKEND,6,0,\nup_c,BACKEND,,,\n\n"


def test_nginx_counts_connections_and_requests() -> None:
    reply = b"HTTP/1.1 200 OK\r\n\r\n" + STATUS
    assert NginxCommands().counted((reply,)) == Counts(requests=31070465, connections=16630948, open=291)


def test_haproxy_counts_its_caches_too() -> None:
    found = HaproxyCommands().counted((INFO, STAT))
    assert found == Counts(requests=55, connections=40, open=2, cache_lookups=10, cache_hits=3)


def test_nobody_answers_or_something_else() -> None:
    for commands in (NginxCommands(), HaproxyCommands()):
        for replies in ((), (b"",), (b"HTTP/1.1 404 Not Found\r\n\r\n", b"Unknown command\n")):
            assert commands.counted(replies) == Counts()
