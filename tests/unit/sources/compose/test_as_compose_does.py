"""Compose files as the real `docker compose config` reads them, field by field; many cases share one call."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gen.sources.compose import ComposeSource
from gen.state import State, Workload
from tests.support.binaries import CACHE
from tests.unit.sources.compose.oracle_cases import GROUPS
from tests.unit.sources.compose.oracle_groups import VARIABLES, Group

BINARY = CACHE / "docker-compose-trixie" / "docker-compose"
pytestmark = pytest.mark.skipif(not BINARY.exists(), reason="no Docker Compose: scripts/newer-proxies brings one")


def _oracle(directory: Path, group: Group) -> dict[str, Any]:
    """What Docker Compose makes of the files of a group."""
    flags = [word for name in group.named for word in ("-f", name)]
    flags += [word for name in group.profiles for word in ("--profile", name)]
    done = subprocess.run(
        [str(BINARY), *flags, "config", "--format", "json"],
        cwd=directory,
        env={**VARIABLES, "HOME": str(directory)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _ours(directory: Path, group: Group) -> State:
    source = ComposeSource(group.named, VARIABLES, profiles=group.profiles, directory=str(directory))
    return source.read()


def _expected(name: str, service: dict[str, Any], networks: dict[str, Any]) -> dict[str, Any]:
    """A service of Docker Compose's answer in the terms of a workload. It prints each dollar sign as two."""
    published = {
        (int(port["target"]), port["protocol"], port.get("host_ip", ""), _single(port.get("published", "")))
        for port in service.get("ports", ())
    }
    exposed = {found for text in service.get("expose", ()) for found in _exposed(str(text))}
    exposed -= {(number, protocol) for number, protocol, _, _ in published}
    scale = service.get("scale", service.get("deploy", {}).get("replicas", 1))
    return {
        "labels": {key: text.replace("$$", "$") for key, text in service.get("labels", {}).items()},
        "ports": published | {(number, protocol, "", 0) for number, protocol in exposed},
        "networks": {networks[key]["name"] for key in service.get("networks", {})},
        "host": service.get("network_mode") == "host",
        "running": scale > 0,
    }


def _found(workload: Workload) -> dict[str, Any]:
    (instance,) = workload.instances
    return {
        "labels": {label.key: label.value for label in workload.labels},
        "ports": {(port.number, port.protocol, port.host_ip, port.host_port) for port in instance.ports},
        "networks": {address.network for address in instance.addresses},
        "host": instance.host_network,
        "running": instance.running,
    }


def _single(text: str) -> int:
    """A published port; a range for one port leaves the choice to the engine."""
    return int(text) if text.isdigit() else 0


def _exposed(text: str) -> set[tuple[int, str]]:
    numbers, _, protocol = text.partition("/")
    first, _, last = numbers.partition("-")
    return {(number, protocol or "tcp") for number in range(int(first), int(last or first) + 1)}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_file_means_what_docker_compose_makes_of_it(group: Group, tmp_path: Path) -> None:
    directory = tmp_path / "shop"
    directory.mkdir()
    for name, text in group.files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    answer = _oracle(directory, group)
    wanted = {name: _expected(name, one, answer.get("networks") or {}) for name, one in answer["services"].items()}
    state = _ours(directory, group)
    assert {workload.name: _found(workload) for workload in state.workloads} == wanted
    assert {workload.id.partition("/")[0] for workload in state.workloads} == {answer["name"]}


def test_there_are_enough_cases() -> None:
    assert sum(group.cases for group in GROUPS) >= 150
