"""Routes to what is no container: declared in files, seen by every command, followed by watch."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run
from tests.support.cli import arguments, environment
from tests.support.http import http_get
from tests.support.process import LocalServer
from tests.support.proxy import free_port
from tests.support.wait import eventually

NAS = 'routes:\n  nas:\n    servers: ["10.0.0.5:80", "https://nas.lan"]\n    host: nas.example.com\n'


def test_a_route_of_the_operator_has_its_host_and_those_of_containers_stand_beside_it(
    run: Run, compose: Callable[..., None], tmp_path: Path, without_proxy: None
) -> None:
    compose(nas={"fairway.host": "other.example"})
    (tmp_path / "fairway.yml").write_text("listeners: [web=8080]\nroutes: {nas: {servers: h:1, host: good.example}}\n")
    found = {row["hosts"][0]: row for row in json.loads(run("routes", "-f", "compose.yml", "--format", "json").out)}
    assert set(found) == {"good.example", "other.example"}
    assert (found["good.example"]["servers"], found["good.example"]["owner"]) == (["h:1"], "operator")


def test_a_mistake_in_a_file_says_where_and_costs_itself_alone(run: Run, tmp_path: Path, without_proxy: None) -> None:
    (tmp_path / "routes").mkdir()
    (tmp_path / "routes" / "a.yml").write_text(NAS + "    weigth: 2\n")
    (tmp_path / "routes" / "b.yml").write_text("routes: {")
    checked = run("check", "--docker", "none", "--set", "route_files=routes")
    assert checked.code == 1
    place = tmp_path / "routes"
    assert f"error: {place}/a.yml:5:13: nas: fairway.weigth: there is no such option" in checked.out
    assert f"error: {place}/b.yml:1:10: this is not YAML" in checked.out
    assert checked.err.startswith("1 route, 2 errors")


def test_a_snapshot_that_has_them_does_not_have_them_twice(run: Run, tmp_path: Path, without_proxy: None) -> None:
    (tmp_path / "fairway.yml").write_text(NAS)
    written = run("snapshot", "--docker", "none", "-o", "world.json")
    assert (written.code, written.err) == (0, "")
    again = run("routes", "--snapshot", "world.json")
    assert again.out.count("server    10.0.0.5:80") == 1
    assert again.out == run("routes", "--docker", "none").out


@pytest.fixture
def short_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fw", dir="/tmp") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_watch_follows_files_that_are_dropped_in(
    local_server: Callable[..., LocalServer], short_path: Path, proxy: str
) -> None:
    one, two, port = local_server(name="one"), local_server(name="two"), free_port()
    folder, log = short_path / "routes", short_path / "log"
    folder.mkdir()
    flags = ("--proxy", proxy, "--directory", str(short_path / "d"), "--set", f"route_files={folder}")
    words = ("watch", "--docker", "none", *flags, "--set", f"listeners=web={port}", "--set", "access_log=off")

    def who() -> str:
        reply = http_get(("127.0.0.1", port), host="lan.test")
        return str(reply.json()["instance"]) if reply.status == 200 else str(reply.status)

    def declare(server: LocalServer) -> None:
        (folder / "lan.yml").write_text(f"routes: {{lan: {{servers: 127.0.0.1:{server.port}, host: lan.test}}}}")

    with (
        log.open("wb") as stderr,
        subprocess.Popen(arguments(*words), cwd=short_path, env=environment(), stderr=stderr) as watch,
    ):
        try:
            eventually(lambda: who() == "404", timeout=30, message="the first release")
            for server in (one, two):
                declare(server)
                eventually(lambda name=server.name: who() == name, message="the server that is declared")  # type: ignore[misc]
            (folder / "lan.yml").write_text("routes: {lan: [")
            eventually(lambda: "what it said last counts" in log.read_text(), message="the problem")
            assert who() == "two"
            (folder / "lan.yml").unlink()
            eventually(lambda: who() == "404", message="no route")
        finally:
            watch.send_signal(signal.SIGTERM)
            watch.wait(20)
    assert watch.returncode == 0
