"""Servers known by name: resolved while running, and one that cannot be resolved harms nobody else."""

from __future__ import annotations

from tests.conformance.conftest import Serve
from tests.support.client import Ask, ask
from tests.support.dns import Names
from tests.support.proxy import until
from tests.support.servers import Servers
from tests.support.world import instance, workload


def test_a_name_is_resolved_and_an_unresolvable_one_fails_alone(serve: Serve, servers: Servers, port: int) -> None:
    there = servers.open("a-1").port
    with Names() as names:
        names.table["shop"] = "127.0.0.1"
        serve(
            workload("a", {"fairway.host": "a.test"}, instance("a-1", "shop", there, is_name=True)),
            workload("b", {"fairway.host": "b.test"}, instance("b-1", "nobody", there, is_name=True)),
            workload("c", {"fairway.host": "c.test"}, instance("c-1", "127.0.0.1", there)),
            resolvers=f"127.0.0.1:{names.port}",
        )
        until(lambda: ask(port, Ask(host="a.test")).status == 200, lambda: "the name is not resolved")
        found = ask(port, Ask(target="/x%20y//z?q=1", host="a.test"))
        assert found.echo["path"] == "/x%20y//z?q=1"
        assert found.echo["headers"]["host"] == "a.test"
        assert ask(port, Ask(host="b.test")).status in (502, 503)
        assert ask(port, Ask(host="c.test")).status == 200


def test_a_prefix_is_stripped_for_named_servers_too(serve: Serve, servers: Servers, port: int) -> None:
    there = servers.open("a-1").port
    labels = {"fairway.host": "a.test", "fairway.strip_prefix": "/api"}
    with Names() as names:
        names.table["shop"] = "127.0.0.1"
        serve(
            workload("a", labels, instance("a-1", "shop", there, is_name=True)),
            resolvers=f"127.0.0.1:{names.port}",
        )
        until(lambda: ask(port, Ask(host="a.test")).status == 200, lambda: "the name is not resolved")
        assert ask(port, Ask(target="/api/x?y=1", host="a.test")).echo["path"] == "/x?y=1"
        assert ask(port, Ask(target="/api", host="a.test")).echo["path"] == "/"


def test_a_name_that_moves_is_followed(serve: Serve, servers: Servers, port: int) -> None:
    there = servers.open("any", host="0.0.0.0").port
    with Names() as names:
        names.table["shop"] = "127.0.7.1"
        serve(
            workload("a", {"fairway.host": "a.test"}, instance("a-1", "shop", there, is_name=True)),
            resolvers=f"127.0.0.1:{names.port}",
            resolver_valid="1s",
        )
        until(lambda: ask(port, Ask(host="a.test")).status == 200, lambda: "the name is not resolved")
        assert ask(port, Ask(host="a.test")).echo["server"] == "127.0.7.1"
        names.table["shop"] = "127.0.7.2"
        moved = lambda: ask(port, Ask(host="a.test")).echo.get("server") == "127.0.7.2"  # noqa: E731
        until(moved, lambda: "the old address is still used")


def test_names_and_addresses_share_a_pool(serve: Serve, servers: Servers, port: int) -> None:
    named, plain = servers.open("a-1").port, servers.open("a-2").port
    with Names() as names:
        names.table["shop"] = "127.0.0.1"
        serve(
            workload(
                "a",
                {"fairway.host": "a.test"},
                instance("a-1", "shop", named, is_name=True),
                instance("a-2", "127.0.0.1", plain),
            ),
            resolvers=f"127.0.0.1:{names.port}",
        )
        found = {ask(port, Ask(host="a.test")).echo["server"] for _ in range(40)}
        assert found == {"a-1", "a-2"}
