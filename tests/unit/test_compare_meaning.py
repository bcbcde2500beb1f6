"""What nginx reads as the same is no difference, and who is the same on both sides is compared with itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_compare import in_http, told

POOL = "upstream %s { server 10.0.0.1:80; %s}"
SITE = "server { listen 80; server_name a.test; location / { proxy_pass http://%s/x; } }"


def server(*lines: str, listen: str = "listen 80;", names: str = "server_name a.test;") -> str:
    return in_http(f"server {{ {listen} {names} {' '.join(lines)} }}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (server(), server(listen="listen *:80;")),
        (server(), server(listen="listen 0.0.0.0:80;")),
        (server(), server(listen="")),
        (server(listen="listen [::]:80;"), server(listen="listen [::];")),
        (server(listen="listen 10.0.0.1;"), server(listen="listen 10.0.0.1:80;")),
        (server(listen="listen 443 ssl http2;"), server(listen="listen *:443 http2 ssl;")),
        (server(listen="listen 80 default;"), server(listen="listen 80 default_server;")),
        (server(names="server_name a.test b.test;"), server(names="server_name B.test; server_name a.TEST;")),
        (server("location / { }"), server("location ^~ / { }")),
        (server("location / { location /a { } }"), server('location ^~ "/" { location ^~ "/a" { } }')),
        (server("location @a { return 404; }"), server("location '@a' { return 404; } # more\n")),
        (server("send_timeout 60;"), server("send_timeout 1m;")),
        (server("proxy_next_upstream error timeout;"), server("proxy_next_upstream timeout error;")),
        (in_http("map $a $b { c d; e f; }"), in_http('map "$a" $b { e "f"; c d; }')),
        (
            in_http("server { listen 80; server_name a.test b.test; return 204; }"),
            in_http(*(f"server {{ listen 80; server_name {name}.test; return 204; }}" for name in "ab")),
        ),
        (
            "events {} stream { upstream d { server 10.0.0.1:1; } server { listen 1; proxy_pass d; } }",
            "stream { server { proxy_pass d; listen *:1; } upstream d { server 10.0.0.1:1; } } events {}",
        ),
    ],
)
def test_what_nginx_reads_as_the_same_is_no_difference(one: str, other: str, tmp_path: Path) -> None:
    assert told(one, other, tmp_path) == []
    assert told(other, one, tmp_path) == []


@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        (
            server(),
            server(listen="listen 80; listen [::]:80;"),
            "+ http > server a.test on 80: listen [::]:80",
        ),
        (server(), server(listen="listen 8080;"), "+ http > server a.test on 80: listen 8080"),
        (server(), server(listen="listen 80 ssl;"), "~ http > server a.test on 80: listen 80 -> listen 80 ssl"),
        (server(names=""), server(names="server_name _;"), "+ http > server _ on 80: server_name _"),
        (
            server("location / { }", "location ~ x { }"),
            server("location ^~ / { }", "location ~ x { }"),
            "+ http > server a.test on 80: location ^~ / {}",
        ),
        (
            in_http("map $a $b { ~^x 1; ~^xy 2; }"),
            in_http("map $a $b { ~^xy 2; ~^x 1; }"),
            "> http > map $a $b: ~^xy 2 stands elsewhere among its like",
        ),
        (
            server("if ($a) { return 403; }", "if ($b) { return 404; }"),
            server("if ($b) { return 404; }", "if ($a) { return 403; }"),
            "> http > server a.test on 80: if ($b) stands elsewhere among its like",
        ),
        (
            server("allow 10.0.0.1;", "deny all;"),
            server("allow 10.0.0.1;", "allow 10.0.0.1;", "deny all;"),
            "+ http > server a.test on 80: allow 10.0.0.1",
        ),
        (
            in_http(POOL % ("a", ""), SITE % "a"),
            in_http(POOL % ("b", ""), SITE % "b"),
            "~ http: upstream a {} -> upstream b {}",
        ),
        (
            in_http(POOL % ("a", ""), SITE % "a"),
            in_http(POOL % ("b", "keepalive 4; "), SITE % "b"),
            "+ http > upstream a: keepalive 4",
        ),
        (
            in_http(POOL % ("a", ""), SITE % "a"),
            in_http("split_clients $request_id $p { * shop:80; }", SITE % "$p"),
            "~ http > server a.test on 80 > location /: proxy_pass http://a/x [10.0.0.1:80]"
            " -> proxy_pass http://$p/x [shop:80]",
        ),
    ],
)
def test_what_nginx_does_otherwise_is_a_difference(one: str, other: str, line: str, tmp_path: Path) -> None:
    assert line in told(one, other, tmp_path)


def test_names_by_regex_are_tried_in_the_order_of_their_servers(tmp_path: Path) -> None:
    first = "server { listen 80 default_server; } server { listen 80; server_name ~^a; return 201; }"
    second = "server { listen 80; server_name ~b$; return 202; }"
    lines = told(in_http(first, second), in_http(second, first), tmp_path)
    assert lines == ["> http: server ~b$ on 80 stands elsewhere among its like"]


def test_what_is_in_a_block_that_only_one_has_did_not_move(tmp_path: Path) -> None:
    old = in_http("server { listen 80; server_name a.test; }", "access_log off;")
    new = in_http("server { listen 80; server_name a.test; }", "server { listen 81; access_log off; }")
    assert told(old, new, tmp_path) == ["+ http: server _ on 81 {}", "- http: access_log off"]


def test_hosts_come_before_pools_and_those_before_the_rest(tmp_path: Path) -> None:
    old = in_http("gzip on;", POOL % ("z", ""), server().removeprefix("events {} http {").removesuffix("}"))
    new = in_http("server { listen 80; server_name a.test; return 204; }", POOL % ("z", "keepalive 2; "))
    where = [line.split(": ")[0] for line in told(old, new, tmp_path)]
    assert where == ["+ http > server a.test on 80", "+ http > upstream z", "- http"]
