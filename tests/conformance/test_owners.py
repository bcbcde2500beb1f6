"""Routes of several owners on a running proxy: challenges, hosts on other listeners, containers that are recreated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gen.state import Workload
from tests.conformance.conftest import Serve
from tests.support.binaries import proxy_of
from tests.support.client import Answer, Ask, ask
from tests.support.proxy import Runner, free_port
from tests.support.recreated import Daemon
from tests.support.servers import Servers
from tests.support.world import Maker, instance, model_of, settings, workload

PROJECT = "com.docker.compose.project"
CHALLENGE = "/.well-known/acme-challenge/token"


def owned(owner: str, servers: Servers, labels: Mapping[str, str], created: float = 1.0) -> Workload:
    at = instance(f"{owner}-1", "127.0.0.1", servers.open(owner).port)
    return workload(owner, {**labels, PROJECT: owner}, at, created=created)


def get(port: int, host: str, target: str = "/") -> Answer:
    return ask(port, Ask(target=target, host=host))


def test_a_url_answers_the_challenges_of_all_hosts(serve: Serve, servers: Servers, port: int) -> None:
    red = owned("red", servers, {"fairway.host": "a.test", "fairway.ip_allow": "192.0.2.1"})
    thief = owned("blue", servers, {"fairway.path": "/.well-known", "fairway.priority": "9"}, 0.5)
    serve(red, thief, acme_challenge=f"http://127.0.0.1:{servers.open('acme').port}")
    assert [get(port, host, CHALLENGE).echo["server"] for host in ("a.test", "unknown.test")] == ["acme", "acme"]
    assert get(port, "a.test").status == 403


def test_a_directory_answers_challenges_or_the_proxy_says_that_it_cannot(
    proxy: str, serve: Serve, servers: Servers, runner: Runner, port: int
) -> None:
    red = owned("red", servers, {"fairway.host": "a.test", "fairway.ip_allow": "192.0.2.1"})
    (runner.directory / "acme" / Path(CHALLENGE).parent.relative_to("/")).mkdir(parents=True)
    (runner.directory / "acme" / CHALLENGE[1:]).write_text("proof")
    chosen = {"acme_challenge": str(runner.directory / "acme")}
    serve(red, **chosen)
    if proxy_of(proxy) == "nginx":
        assert get(port, "a.test", CHALLENGE).body == b"proof"
    else:
        model = Maker(proxy).fit(model_of([red], settings(runner.directory, listeners=f"web={port}", **chosen)))
        assert any("serves no files" in str(problem) for problem in model.problems)
        assert get(port, "a.test", CHALLENGE).status == 403
    assert get(port, "a.test").status == 403


def test_a_host_is_its_owners_on_every_listener(serve: Serve, servers: Servers, port: int) -> None:
    other = free_port()
    red = owned("red", servers, {"fairway.host": "a.w.test", "fairway.listeners": "web"})
    wide = {"fairway.host": "*.w.test", "fairway.listeners": "web, other", "fairway.priority": "9"}
    serve(red, owned("blue", servers, wide, 0.5), listeners=f"web={port}, other={other}")
    assert get(port, "a.w.test").echo["server"] == "red" and get(other, "a.w.test").status == 404
    assert [get(at, "b.w.test").echo["server"] for at in (port, other)] == ["blue", "blue"]


@pytest.mark.parametrize("order", ["-red +red -blue +blue", "-red -blue +blue +red", "-blue -red +red +blue"])
def test_recreating_changes_no_owner_of_a_running_proxys_route(
    proxy: str, runner: Runner, servers: Servers, port: int, order: str
) -> None:
    daemon = Daemon(settings=settings(runner.directory, listeners=f"web={port}"), binary=proxy)
    at = {owner: instance(owner, "127.0.0.1", servers.open(owner).port) for owner in ("red", "blue")}
    for age, owner in enumerate(at):
        daemon.start(owner, owner, age, at=at[owner])
    for age, step in enumerate(order.split(), 10):
        owner = step[1:]
        if step[0] == "-":
            daemon.remove(owner)
        else:
            daemon.start(owner, owner, age, at=at[owner])
        assert daemon.bundle is not None
        runner.run(daemon.bundle)
        answer = get(port, "a.test")
        if "red" in daemon.containers:
            assert answer.status == 200 and answer.echo["server"] == "red", step
        else:
            assert answer.status == 503 and "retry-after" in answer.headers, step
