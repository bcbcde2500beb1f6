"""The engine: its version, its clock, and what to do where it may not be asked."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from docker.errors import DockerException

from gen.doctor.engine import engine, world
from gen.errors import Origin, Problem, SourceError
from gen.settings import Settings
from gen.state import State


class FakeClient:
    """What an engine says of itself."""

    def __init__(self, moment: float) -> None:
        self.moment = moment
        self.closed = False

    def version(self) -> dict[str, Any]:
        return {"Version": "24.0.7", "ApiVersion": "1.43", "Components": [{"Name": "Engine"}]}

    def info(self) -> dict[str, Any]:
        return {"SystemTime": time.strftime("%Y-%m-%dT%H:%M:%S.5Z", time.gmtime(self.moment))}

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("ahead", "level"), [(0.0, "ok"), (3600.0, "warn")])
def test_version_and_clock_are_told(monkeypatch: pytest.MonkeyPatch, ahead: float, level: str) -> None:
    client = FakeClient(time.time() + ahead)
    monkeypatch.setattr("gen.sources.docker_engine.connect", lambda endpoint: client)
    found = list(engine(Settings(docker="unix:///x.sock")))
    assert [(one.about, one.level) for one in found] == [("engine", "ok"), ("clock", level)]
    assert found[0].found.startswith("Engine 24.0.7 (API 1.43) answers at unix:///x.sock")
    assert client.closed


def test_a_socket_that_may_not_be_used_is_told_with_its_owner_and_who_we_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "docker.sock"
    path.touch(0o600)

    def refuse(endpoint: object) -> None:
        raise DockerException("Error while fetching server API version") from PermissionError(13, "Permission denied")

    monkeypatch.setattr("gen.sources.docker_engine.connect", refuse)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = list(engine(Settings(docker=f"unix://{path}")))
    assert [one.level for one in found] == ["fail"]
    assert "permission denied" in found[0].found
    assert f"{path} is -rw-------" in found[0].found
    assert "and this is" in found[0].found
    assert "add this user to the group docker" in found[0].hint


def test_a_url_that_is_none_is_told() -> None:
    found = list(engine(Settings(docker="nonsense")))
    assert [(one.level, "is not the URL of an engine" in one.found) for one in found] == [("fail", True)]


def test_what_is_read_is_counted_and_its_problems_are_told() -> None:
    problem = Problem(severity="warning", origin=Origin(source="docker"), message="odd")
    state, found = world(lambda: State(source="docker", problems=(problem,)))
    assert state is not None
    assert [(one.level, one.about) for one in found] == [("warn", "source"), ("warn", "source")]
    assert "label a container" in found[0].hint

    def fail() -> State:
        raise SourceError("gone", hint="come back")

    state, found = world(fail)
    assert (state, [(one.level, one.found, one.hint) for one in found]) == (None, [("fail", "gone", "come back")])
