"""Which way each change would take."""

from __future__ import annotations

from gen.bundle import Bundle, File
from gen.plan import plan, ways_between
from gen.proxies.haproxy.commands import HaproxyCommands
from gen.proxies.live import Way
from gen.proxies.nginx.commands import NginxCommands


def bundle(weight: int, timeout: int = 1) -> Bundle:
    text = f"""global
    default-path config

backend up_a
    timeout server {timeout}s
    server s_1 10.0.0.1:80 id 1 weight {weight}
"""
    return Bundle(main="haproxy.cfg", files=(File(name="haproxy.cfg", content=text.encode()),), digest="0" * 64)


INSTALLED = {"haproxy.cfg": bundle(1).file("haproxy.cfg")}


def test_each_difference_has_its_way_and_the_plan_holds_them() -> None:
    ways = ways_between(INSTALLED, bundle(2), HaproxyCommands(), frozenset())
    assert ways == (Way(what="server up_a/s_1: weight 1 -> 2", how="live"),)
    assert plan(INSTALLED, bundle(2), ways).ways == ways
    ways = ways_between(INSTALLED, bundle(2, timeout=2), HaproxyCommands(), frozenset())
    assert ways == (Way(what="backend up_a: timeout server differs", how="reload"),)


def test_what_is_not_installed_is_started() -> None:
    assert ways_between({}, bundle(1), HaproxyCommands(), frozenset()) == ()


def test_nginx_always_needs_a_reload() -> None:
    files = (File(name="nginx.conf", content=b""),)
    found = ways_between(
        {"nginx.conf": b"x"}, Bundle(main="nginx.conf", files=files, digest="0" * 64), NginxCommands(), frozenset()
    )
    assert found == (Way(what="nginx has no runtime API", how="reload"),)
