"""Two nginx configurations by what they mean."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import crossplane
import pytest

from gen.compare import Difference, compare
from tests.support.documents import ROOT

SITE = """
events {}
http {
    upstream shop { server 10.0.0.1:80; server 10.0.0.2:80 weight=2; keepalive 16; }
    server {
        listen 80; server_name shop.test www.shop.test;
        location / { proxy_pass http://shop; proxy_set_header Host $host; proxy_set_header X-A "a b"; }
        location ~ \\.php$ { allow 10.0.0.0/8; deny all; return 403; }
        location ~ ^/v1 { set $a 1; rewrite ^ /v2 break; }
    }
}
"""


def parsed(text: str, place: Path) -> list[dict[str, Any]]:
    path = place / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    found = crossplane.parse(str(path), combine=True)
    assert found["errors"] == []
    return [each for config in found["config"] for each in config["parsed"]]


def told(before: str, after: str, place: Path) -> list[str]:
    return [str(one) for one in compare(parsed(before, place), parsed(after, place))]


def test_layout_quotes_comments_and_order_that_does_not_count_are_no_difference(tmp_path: Path) -> None:
    other = """
    # Somebody else's layout.
    http { server { location ~ "\\.php$" {allow 10.0.0.0/8;deny all;return 403;}
        location ~ ^/v1 { set $a 1; rewrite ^ /v2 break; }
        location / { proxy_set_header X-A 'a b'; proxy_set_header "Host" $host; proxy_pass http://shop; }
        server_name www.shop.test shop.test; listen 80; }
      upstream shop { keepalive 16; server 10.0.0.2:80 weight=2; server 10.0.0.1:80; } }
    events { }
    """
    assert told(SITE, other, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("keepalive 16;", "keepalive 32;", "~ http > upstream shop: keepalive 16 -> keepalive 32"),
        ("weight=2", "weight=3", "~ http > upstream shop: server 10.0.0.2:80 weight=2 -> server 10.0.0.2:80 weight=3"),
        ("server 10.0.0.1:80; ", "", "- http > upstream shop: server 10.0.0.1:80"),
        ("keepalive 16;", "keepalive 16; zone z 64k;", "+ http > upstream shop: zone z 64k"),
        ("X-A", "X-B", '- http > server shop.test www.shop.test on 80 > location /: proxy_set_header X-A "a b"'),
        (
            "allow 10.0.0.0/8; deny all;",
            "deny all; allow 10.0.0.0/8;",
            "> http > server shop.test www.shop.test on 80 > location ~ \\.php$: deny all"
            " stands elsewhere among its like",
        ),
        (
            "location / { proxy_pass http://shop; ",
            "proxy_buffering off; location / { proxy_pass http://shop; ",
            "+ http > server shop.test www.shop.test on 80: proxy_buffering off",
        ),
    ],
)
def test_what_is_another_is_named_with_its_place(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert line in told(SITE, SITE.replace(old, new), tmp_path)


def test_locations_by_regex_are_tried_in_their_order(tmp_path: Path) -> None:
    first = "location ~ \\.php$ { allow 10.0.0.0/8; deny all; return 403; }"
    second = "location ~ ^/v1 { set $a 1; rewrite ^ /v2 break; }"
    swapped = SITE.replace(first, "FIRST").replace(second, first).replace("FIRST", second)
    (found,) = told(SITE, swapped, tmp_path)
    assert found.startswith("> http > server shop.test www.shop.test on 80: location ~")


def test_what_went_to_another_place_moved(tmp_path: Path) -> None:
    after = SITE.replace("proxy_set_header Host $host; ", "").replace("keepalive 16; }", "keepalive 16; }", 1)
    after = after.replace("http {", "http { proxy_set_header Host $host;", 1)
    (found,) = compare(parsed(SITE, tmp_path), parsed(after, tmp_path))
    assert (found.kind, found.where) == ("moved", ("http",))
    assert found.origin == ("http", "server shop.test www.shop.test on 80", "location /")


def test_a_block_stands_for_what_is_in_it(tmp_path: Path) -> None:
    more = SITE.replace("http {", "http { server { listen 81; location / { return 200; } }", 1)
    assert told(SITE, more, tmp_path) == ["+ http: server _ on 81 {}"]
    assert told(more, SITE, tmp_path) == ["- http: server _ on 81 {}"]


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("nginx.conf")), ids=lambda path: path.parent.name)
def test_a_configuration_of_ours_is_itself_in_any_order(path: Path, tmp_path: Path) -> None:
    whole = parsed(path.read_text(encoding="utf-8"), tmp_path)
    assert compare(whole, whole) == ()
    shuffled = _shuffled(whole, random.Random(7))
    assert [one for one in compare(whole, shuffled) if one.kind != "moved"] == []
    without = [each for each in whole if each is not whole[0]]
    assert len(compare(whole, without)) == 1
    assert isinstance(compare(whole, without)[0], Difference)


def _shuffled(directives: list[dict[str, Any]], by: random.Random) -> list[dict[str, Any]]:
    found = [{**each, "block": _shuffled(each["block"], by)} if "block" in each else each for each in directives]
    by.shuffle(found)
    return found


FIRST = "server { listen 80%s; server_name a.test; return 201; }"
SECOND = "server { listen 80; server_name b.test; return 202; }"


def in_http(*servers: str) -> str:
    return f"events {{}} http {{ {' '.join(servers)} }}"


def test_another_first_server_of_a_port_is_a_difference_as_it_answers_for_unknown_names(tmp_path: Path) -> None:
    lines = told(in_http(FIRST % "", SECOND), in_http(SECOND, FIRST % ""), tmp_path)
    assert lines == ["> http: server b.test on 80 stands elsewhere among its like"]


def test_the_order_of_servers_does_not_count_where_one_is_the_default(tmp_path: Path) -> None:
    first = FIRST % " default_server"
    assert told(in_http(first, SECOND), in_http(SECOND, first), tmp_path) == []


def test_the_order_of_servers_behind_the_first_one_does_not_count(tmp_path: Path) -> None:
    third = SECOND.replace("b.test", "c.test")
    assert told(in_http(FIRST % "", SECOND, third), in_http(FIRST % "", third, SECOND), tmp_path) == []
