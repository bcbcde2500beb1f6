"""The demo's servers: containers where a Docker Engine of this machine answers, else processes in a snapshot."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

from tests.e2e.engine import Engine, answering_url
from tests.support.process import LocalServer, local_server_process

Labels = dict[str, dict[str, str]]


class Servers(Protocol):
    """`kind` for people; `source`: the flags that let `fairway watch` see these servers; `stop`: that one goes away."""

    kind: str
    source: tuple[str, ...]

    def stop(self, name: str) -> None: ...


class Containers:
    """Containers on a network of their own."""

    kind = "Docker containers"

    def __init__(self, stack: ExitStack, url: str, labels: Labels) -> None:
        self._engine = stack.enter_context(closing(Engine(url=url)))
        self._session = self._engine.session
        network = self._engine.network(f"fairway-demo-{self._session}")
        for name, wanted in labels.items():
            # Published too: where the engine runs in a virtual machine its networks are out of reach.
            self._engine.run(
                self._full(name),
                labels=wanted,
                network=network,
                environment={"NAME": name},
                hostname=name,
                ports={"8080/tcp": ("127.0.0.1", None)},
            )
        self.source: tuple[str, ...] = ("--docker", url)

    def stop(self, name: str) -> None:
        self._engine.client.containers.get(self._full(name)).stop(timeout=5)

    def _full(self, name: str) -> str:
        return f"fairway-demo-{name}-{self._session}"


class Processes:
    """Processes of this machine, each on a port of its own, in a snapshot that is replaced when one goes away."""

    kind = "processes, described by a snapshot"

    def __init__(self, stack: ExitStack, directory: Path, labels: Labels) -> None:
        self._labels = labels
        self._running: dict[str, LocalServer] = {
            name: stack.enter_context(local_server_process(name=name)) for name in labels
        }
        self._snapshot = directory / "snapshot.json"
        self._write()
        self.source: tuple[str, ...] = ("--snapshot", str(self._snapshot))

    def stop(self, name: str) -> None:
        self._running.pop(name).stop()
        self._write()

    def _write(self) -> None:
        state = {
            "source": "demo",
            "workloads": [self._workload(server) for _name, server in sorted(self._running.items())],
            "networks": [{"id": "local", "name": "local"}],
        }
        replacement = self._snapshot.with_suffix(".new")
        replacement.write_text(json.dumps({"version": 1, "state": state}, indent=2))
        replacement.replace(self._snapshot)

    def _workload(self, server: LocalServer) -> dict[str, object]:
        labels = {**self._labels[server.name], "fairway.port": str(server.port)}
        instance = {
            "id": server.name,
            "name": server.name,
            "addresses": [{"network": "local", "host": server.address[0]}],
            "ports": [{"number": server.port}],
        }
        return {
            "id": server.name,
            "name": server.name,
            "labels": [{"key": key, "value": value} for key, value in sorted(labels.items())],
            "instances": [instance],
        }


def start_servers(stack: ExitStack, directory: Path, labels: Labels, *, with_docker: bool) -> Servers:
    """One server per name in `labels`; `stack` ends them. Containers only where their addresses are near."""
    url = answering_url() if with_docker else ""
    return Containers(stack, url, labels) if url.startswith("unix://") else Processes(stack, directory, labels)
