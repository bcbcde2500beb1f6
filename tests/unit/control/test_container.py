"""A proxy in another container, against an engine made of dictionaries."""

from __future__ import annotations

import io
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, cast

import docker
import pytest
import requests
from docker.errors import APIError, NotFound

from gen.control.container import Container
from gen.errors import ProxyError

GROUP = b"root:x:0:\nweb:x:33:\n"
UP = {"Running": True, "Restarting": False, "Paused": False}


@dataclass(slots=True)
class FakeEngine:
    state: dict[str, bool] = field(default_factory=lambda: dict(UP))
    labelled: tuple[str, ...] = ()
    user: str = ""
    ulimits: tuple[dict[str, str | int], ...] | None = None
    answer: tuple[int, bytes | None, bytes | None] = (0, None, None)
    failure: Exception | None = None
    stuck: threading.Event | None = None
    log: list[str] = field(default_factory=list)

    def containers(self, **filters: Any) -> list[dict[str, Any]]:
        self.log.append(f"find {filters['filters']['label'][0]}")
        return [{"Id": f"id-{name}", "Names": [f"/{name}"]} for name in self.labelled]

    def inspect_container(self, which: str) -> dict[str, Any]:
        if self.failure:
            raise self.failure
        found = {"Id": which, "State": self.state, "Image": "sha256:1", "Config": {"User": self.user}}
        return {**found, "HostConfig": {"Ulimits": self.ulimits}}

    def get_archive(self, container: str, path: str) -> tuple[list[bytes], dict[str, Any]]:
        if path != "/etc/group":
            raise NotFound("no such file")
        target, entry = io.BytesIO(), tarfile.TarInfo("group")
        entry.size = len(GROUP)
        with tarfile.open(fileobj=target, mode="w") as archive:
            archive.addfile(entry, io.BytesIO(GROUP))
        return [target.getvalue()[:700], target.getvalue()[700:]], {}

    def exec_create(self, container: str, command: list[str]) -> dict[str, str]:
        self.log.append(f"exec {container} {' '.join(command)}")
        return {"Id": "e"}

    def exec_start(self, started: str, *, demux: bool) -> tuple[bytes | None, bytes | None]:
        if self.stuck:
            self.stuck.wait(5)
        return self.answer[1:]

    def exec_inspect(self, started: str) -> dict[str, int]:
        return {"ExitCode": self.answer[0]}

    def kill(self, container: str, signal: str) -> None:
        self.log.append(f"{signal} {container}")

    def start(self, container: str) -> None:
        self.log.append(f"start {container}")

    def restart(self, container: str) -> None:
        self.log.append(f"restart {container}")


def container(engine: FakeEngine, which: str = "edge") -> Container:
    return Container(cast(docker.APIClient, engine), which, directory_inside=PurePosixPath("/fairway"))


def test_a_check_runs_inside_and_brings_back_what_was_written() -> None:
    engine = FakeEngine(answer=(1, None, b"nginx: [emerg] no"))
    completed = container(engine).run(("nginx", "-t"), timeout=5, isolated=True)
    assert completed is not None
    assert (completed.returncode, completed.stderr, completed.stdout) == (1, "nginx: [emerg] no", "")
    assert engine.log == ["exec edge nginx -t"]


def test_a_reload_is_a_signal_to_the_container() -> None:
    engine = FakeEngine()
    container(engine).signal("HUP")
    assert engine.log == ["SIGHUP edge"]


def test_the_end_of_fairway_is_not_the_end_of_the_container() -> None:
    engine = FakeEngine()
    container(engine).stop()
    assert engine.log == []


def test_the_group_of_the_workers_is_read_from_the_containers_own_files() -> None:
    assert container(FakeEngine()).group_id(("nobody", "web")) == 33
    assert container(FakeEngine(user="101")).group_id(("web",)) == 0
    assert container(FakeEngine(user="5:44")).group_id(("web",)) == 44


def test_open_files_are_limited_where_the_container_was_made_so() -> None:
    assert container(FakeEngine()).most_files() is None
    limits: tuple[dict[str, str | int], ...] = ({"Name": "core", "Soft": 0, "Hard": 0},)
    assert container(FakeEngine(ulimits=limits)).most_files() is None
    limits += ({"Name": "nofile", "Soft": 100, "Hard": 2000},)
    assert container(FakeEngine(ulimits=limits)).most_files() == 2000


def test_a_label_finds_the_container_that_has_it() -> None:
    engine = FakeEngine(labelled=("edge",))
    container(engine, "fairway.proxy=nginx").signal("HUP")
    assert engine.log == ["find fairway.proxy=nginx", "SIGHUP id-edge"]


def test_no_container_with_the_label_is_an_error() -> None:
    with pytest.raises(ProxyError, match="no container has the label role=proxy"):
        container(FakeEngine(), "role=proxy").signal("HUP")


def test_several_containers_with_the_label_are_an_error_that_names_them() -> None:
    with pytest.raises(ProxyError, match="2 containers have the label role=proxy: a, b"):
        container(FakeEngine(labelled=("b", "a")), "role=proxy").is_running()


def test_a_container_that_is_not_there_is_an_error() -> None:
    engine = FakeEngine(failure=NotFound("404"))
    with pytest.raises(ProxyError, match="there is no container edge"):
        container(engine).is_running()


def test_an_engine_that_refuses_or_does_not_answer_is_an_error() -> None:
    with pytest.raises(ProxyError, match="edge: the engine refuses"):
        container(FakeEngine(failure=APIError("no"))).start()
    with pytest.raises(ProxyError, match="the engine does not answer"):
        container(FakeEngine(failure=requests.ConnectionError("gone"))).start()


@pytest.mark.parametrize("change", [{"Running": False}, {"Restarting": True}, {"Paused": True}])
def test_nothing_is_run_in_a_container_that_is_not_up(change: dict[str, bool]) -> None:
    engine = FakeEngine(state={**UP, **change})
    assert container(engine).run(("nginx", "-t"), timeout=5) is None
    assert engine.log == []


def test_a_container_that_waits_to_be_restarted_is_restarted_now() -> None:
    engine = FakeEngine(state={**UP, "Restarting": True})
    container(engine).start()
    container(FakeEngine(state={**UP, "Running": False}, log=engine.log)).start()
    assert engine.log == ["restart edge", "start edge"]


def test_a_container_without_the_proxy_is_an_error() -> None:
    engine = FakeEngine(answer=(127, b"exec: nginx: executable file not found", None))
    with pytest.raises(ProxyError, match="edge: nginx cannot be run in this container: exec: nginx"):
        container(engine).run(("nginx", "-t"), timeout=5)


def test_a_command_without_end_is_given_up() -> None:
    engine = FakeEngine(stuck=threading.Event())
    completed = container(engine).run(("nginx", "-t"), timeout=0.01)
    assert completed is not None
    assert completed.timed_out
    assert engine.stuck is not None
    engine.stuck.set()
