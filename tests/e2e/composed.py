"""Docker Compose as people run it, with the private engine of a test; what it made is gone after the block."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.engine import LABEL, Engine
from tests.e2e.image import server_image
from tests.support.binaries import CACHE

BINARY = CACHE / "docker-compose-trixie" / "docker-compose"


class Project:
    """A compose project `fw` of services of the test server; each answers with its service's name."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.file = path / "compose.yml"

    def up(self, services: dict[str, dict[str, Any]], networks: dict[str, Any] | None = None) -> None:
        """Makes what runs what the services say."""
        image = server_image(self._engine.client)
        written = {name: self._service(name, image, service) for name, service in services.items()}
        document = {"name": "fw", "services": written, **({"networks": networks} if networks else {})}
        self.file.write_text(json.dumps(document), encoding="utf-8")
        self.run("up", "--detach", "--remove-orphans", "--pull", "never")

    def follow(self, file: Path, leave_out: tuple[str, ...] = ()) -> None:
        """The same of a compose file, with the test server in place of each image, on its own port."""
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        for service in document["services"].values():
            for key in ("image", "expose"):
                service.pop(key, None)
        services = {name: each for name, each in document["services"].items() if name not in leave_out}
        self.up(services, document.get("networks"))

    def run(self, *words: str) -> str:
        """Runs a command of Compose's."""
        command = [str(BINARY), "--file", str(self.file), "--progress", "quiet", *words]
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.file.parent), "DOCKER_HOST": self._engine.url}
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _service(self, name: str, image: str, service: dict[str, Any]) -> dict[str, Any]:
        labels = {**service.get("labels", {}), LABEL: self._engine.session}
        environment = {"NAME": name, **service.get("environment", {})}
        return {"image": image, **service, "labels": labels, "environment": environment}


@contextlib.contextmanager
def project(engine: Engine, path: Path) -> Iterator[Project]:
    """A project that is down after the block."""
    made = Project(engine, path)
    try:
        yield made
    finally:
        if made.file.exists():
            made.run("down", "--timeout", "1")
