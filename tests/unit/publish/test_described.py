"""A service's description with a release: ours is replaced, the operator's stays, and Swarm is told to go back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from gen.proxies.commands import Layout
from gen.proxies.kinds import KINDS
from gen.publish.described import Wanted, described, is_equal, unfit
from gen.publish.pieces import Piece
from tests.unit.publish.fake import edge
from tests.unit.sources.fake_swarm import published

CONFIG = Piece(name="fairway-conf-1", path="/srv/current/nginx.conf", content=b"x")
KEY = Piece(name="fairway-key-1", path="/srv/current/certs/a.pem", content=b"k", is_secret=True, mode=0o400)


def wanted(proxy: str = "nginx") -> Wanted:
    return Wanted(
        digest="d" * 64,
        pieces=(CONFIG, KEY),
        commands=KINDS[proxy].commands(proxy),
        layout=Layout(root=PurePosixPath("/srv")),
        ids={CONFIG.name: "c1", KEY.name: "s1"},
    )


def container(spec: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = spec["TaskTemplate"]["ContainerSpec"]
    return found


def of(**said: Any) -> dict[str, Any]:
    found: dict[str, Any] = edge(**said)["Spec"]
    return found


def test_the_tasks_get_the_files_a_command_places_to_write_to_and_a_check() -> None:
    now = container(described(of(), wanted(), ()))
    assert now["Command"][:1] + now["Command"][-4:-2] == ["nginx", "-c", "/srv/current/nginx.conf"]
    assert [(one["ConfigID"], one["File"]["Name"]) for one in now["Configs"]] == [("c1", CONFIG.path)]
    assert [(one["SecretID"], one["File"]["Mode"]) for one in now["Secrets"]] == [("s1", 0o400)]
    assert [(one["Type"], one["Target"]) for one in now["Mounts"]] == [
        ("tmpfs", "/srv/run"),
        ("tmpfs", "/srv/run/inner"),
        ("volume", "/srv/temp"),
        ("volume", "/srv/cache"),
    ]
    assert now["Healthcheck"]["Test"] == ["CMD", "sh", "/srv/health", "/srv/run/confirm.sock", "d" * 64]
    assert now["StopSignal"] == "SIGQUIT"


def test_what_is_the_operators_stays() -> None:
    given = {
        "Image": "nginx:special",
        "Command": ["nginx", "-c", "/srv/current/nginx.conf", "-g", "daemon off; pcre_jit on;"],
        "Configs": [{"ConfigName": "mime", "ConfigID": "m"}, {"ConfigName": "fairway-old", "ConfigID": "o"}],
        "Mounts": [{"Type": "bind", "Source": "/ssd", "Target": "/srv/cache/"}],
        "Healthcheck": {"Test": ["CMD", "/check"], "Interval": 1},
        "StopSignal": "SIGTERM",
        "Labels": {"team": "edge"},
    }
    now = container(described(of(**given), wanted(), {"fairway-old"}))
    assert [one["ConfigName"] for one in now["Configs"]] == ["mime", CONFIG.name]
    for key in ("Image", "Command", "Healthcheck", "StopSignal"):
        assert now[key] == given[key]
    assert [one["Target"] for one in now["Mounts"]] == ["/srv/cache/", "/srv/run", "/srv/run/inner", "/srv/temp"]
    assert now["Labels"] == {"team": "edge", "fairway-release": "d" * 64}


def test_networks_that_older_clients_wrote_elsewhere_are_not_lost() -> None:
    spec = of()
    spec["Networks"] = spec["TaskTemplate"].pop("Networks")
    assert described(spec, wanted(), ())["TaskTemplate"]["Networks"] == [{"Target": "edge-id"}]


def test_a_second_release_says_nothing_twice() -> None:
    once = described(of(), wanted(), ())
    again = described(once, wanted(), {CONFIG.name, KEY.name})
    assert is_equal(once, again)


@pytest.mark.parametrize(
    ("ports", "network", "order"),
    [
        ([], "edge-id", "start-first"),
        ([published(80, 80)], "edge-id", "start-first"),
        ([published(80, 80, "host")], "edge-id", "stop-first"),
        ([], "host", "stop-first"),
    ],
)
def test_a_task_that_holds_a_port_of_its_node_ends_before_the_next_one_starts(
    ports: list[Any], network: str, order: str
) -> None:
    spec = of()
    spec["EndpointSpec"]["Ports"] = ports
    spec["TaskTemplate"]["Networks"] = [{"Target": network}]
    spec["UpdateConfig"] = {"Parallelism": 3, "FailureAction": "pause", "Order": "stop-first", "Monitor": 7}
    now = described(spec, wanted(), ())
    assert now["UpdateConfig"] == {"Parallelism": 3, "FailureAction": "rollback", "Order": order, "Monitor": 7}
    assert now["RollbackConfig"]["Order"] == order


def test_what_a_manager_leaves_out_is_no_difference() -> None:
    assert is_equal({"a": [], "b": {"c": 0}, "d": 1}, {"d": 1})
    assert not is_equal({"d": 1}, {"d": 2})
    assert not is_equal({"d": [1]}, {"d": [1, 2]})


def changed(**spec: Any) -> dict[str, Any]:
    found = edge()
    found["Spec"] |= spec
    return found


@pytest.mark.parametrize(
    ("found", "why", "hint"),
    [
        (changed(TaskTemplate={}), "no containers", "a service of containers"),
        (changed(Mode={"ReplicatedJob": {}}), "a job, which ends", "a replicated or a global"),
        (changed(Labels={}), "no label fairway.proxy", "--label-add fairway.proxy=haproxy edge"),
        (changed(Labels={"fairway.proxy": "nginx"}), "fairway.proxy=nginx, so it may not be a haproxy", "say so"),
        (changed(TaskTemplate={"ContainerSpec": {"Image": "x"}}), "on no network", "--network-add edge edge"),
    ],
)
def test_a_service_that_cannot_be_used_says_why_and_what_helps(found: dict[str, Any], why: str, hint: str) -> None:
    said = unfit(found, "haproxy")
    assert why in said[0]
    assert hint in said[1]
    assert unfit(edge(), "haproxy") == ("", "")


def test_a_large_file_is_unpacked_into_memory_before_the_proxy_starts() -> None:
    large = Piece(name="fairway-large", path="/srv/current/a b.cfg.gz", content=b"z", is_secret=True, mode=0o400)
    packed = replace(wanted(), pieces=(CONFIG, replace(large, unpacked="/srv/current/a b.cfg")))
    once = described(of(), packed, ())
    shell, flag, script, name, *rest = container(once)["Command"]
    assert (shell, flag, name) == ("sh", "-c", "fairway-unpacks")
    assert script == "(umask 177; gzip -dc '/srv/current/a b.cfg.gz' >'/srv/current/a b.cfg') && exec \"$@\""
    assert rest == list(packed.commands.start(packed.layout))
    assert {"Type": "tmpfs", "Target": "/srv/current"} in container(once)["Mounts"]
    assert is_equal(once, described(once, packed, {CONFIG.name, large.name}))
    smaller = described(once, wanted(), {CONFIG.name, large.name})
    assert container(smaller)["Command"] == rest


def test_a_command_of_the_operators_is_kept_behind_what_unpacks() -> None:
    own = ["nginx", "-c", "/srv/current/nginx.conf", "-g", "daemon off; pcre_jit on;"]
    packed = replace(wanted(), pieces=(replace(CONFIG, path=f"{CONFIG.path}.gz", unpacked=CONFIG.path),))
    once = container(described(of(Command=own), packed, ()))
    assert once["Command"][:2] + once["Command"][4:] == ["sh", "-c", *own]
    assert once["Command"][2].startswith("(umask 133; gzip -dc ")
