"""A daemon's pipeline over containers that a test starts and removes: what it remembers is all that is of a daemon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gen.bundle import Bundle
from gen.deployment import loader
from gen.model import Model
from gen.pipeline import Pipeline
from gen.proxies.kinds import KINDS
from gen.settings import Settings
from gen.state import Instance, Label, State, Workload
from tests.support.binaries import capabilities, proxy_of
from tests.support.world import instance

PROJECT = "com.docker.compose.project"


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Daemon:
    """The pipeline of a daemon, over worlds of containers by id. `binary`: a proxy that runs, and can what it can."""

    def __init__(
        self, proxy: str = "nginx", settings: Settings | None = None, *, binary: str = "", installed: bytes = b""
    ) -> None:
        self.clock, self.settings = Clock(), settings or Settings()
        kind = KINDS[proxy_of(binary) if binary else proxy]
        known = capabilities(binary) if binary else frozenset()
        self.pipeline = Pipeline(self.settings, kind.proxy(known), loader(self.settings), certificates=lambda: ((), ()))
        self.pipeline.remember_routes(self.clock, installed)
        self.containers: dict[str, Workload] = {}
        self.bundle: Bundle | None = None

    def start(
        self,
        name: str,
        owner: str,
        created: float,
        labels: Mapping[str, str] | None = None,
        at: Instance | None = None,
    ) -> Model:
        written = {"fairway.host": "a.test", PROJECT: owner} | dict(labels or {})
        self.containers[name] = Workload(
            id=name,
            name=name,
            created=created,
            labels=tuple(Label(key=key, value=value) for key, value in sorted(written.items())),
            instances=(at or instance(name, f"10.0.0.{len(name)}", 80),),
        )
        return self.update()

    def remove(self, name: str) -> Model:
        del self.containers[name]
        return self.update()

    def update(self) -> Model:
        found = tuple(self.containers[name] for name in sorted(self.containers))
        made = self.pipeline.make(State(source="docker", workloads=found))
        self.bundle = made.bundle
        return made.model

    def restarted(self) -> Daemon:
        """Another daemon on the same machine."""
        assert self.bundle is not None
        release = next(file.content for file in self.bundle.files if file.name == "release.json")
        found = Daemon(installed=release)
        found.containers = self.containers
        return found
