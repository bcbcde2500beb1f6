"""A Docker Engine for tests: the one that answers here, or a private one. What a test makes is labelled and removed."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from tests.e2e import daemon
from tests.e2e.image import server_image

LABEL = "fairway-test"
DEFAULT_URL = "unix:///var/run/docker.sock"


class Engine:
    """One engine and what this session made on it; other containers are never touched."""

    def __init__(self, *, url: str, private: daemon.Daemon | None = None) -> None:
        self.url = url
        self.private = private
        self.session = uuid.uuid4().hex[:12]
        self.client = docker.DockerClient(base_url=url, timeout=30)

    def run(
        self,
        name: str,
        *,
        labels: Mapping[str, str] | None = None,
        network: str | Network | None = None,
        image: str = "",
        environment: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Container:
        """Starts a container of the test server (or `image`) that answers with `name`; further options are Docker's.

        Returned with fresh attributes; the server in it may need a moment more: poll.
        """
        container = self.client.containers.run(
            image or server_image(self.client),
            name=name,
            detach=True,
            labels={**(labels or {}), LABEL: self.session},
            network=network.name if isinstance(network, Network) else network,
            environment={"NAME": name, **(environment or {})},
            **options,
        )
        container.reload()
        return container

    def network(self, name: str, **options: Any) -> Network:
        """Makes a network; further options are Docker's."""
        network = self.client.networks.create(name, labels={LABEL: self.session}, **options)
        network.reload()
        return network

    def address(self, container: Container, network: str | Network | None = None) -> tuple[str, int]:
        """Where the server in that container answers, on `network` or else on its first one."""
        container.reload()
        networks = container.attrs["NetworkSettings"]["Networks"]
        name = network.name if isinstance(network, Network) else network or next(iter(networks))
        return (networks[name]["IPAddress"], 8080)

    @property
    def published_at(self) -> str:
        """The address at which published ports answer, seen from this machine."""
        return self.private.published_at if self.private else "127.0.0.1"

    def restart(self) -> None:
        """Stops and starts a private daemon on the same data. Containers die unless it has `live_restore`."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stops a private daemon; RuntimeError for an engine that is not ours."""
        self._own().stop()

    def start(self) -> None:
        """Starts a private daemon that was stopped; RuntimeError for an engine that is not ours."""
        self._own().start()

    def clear(self) -> None:
        """Removes every container and network of this session, also those of a test that failed."""
        mine: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={self.session}"}
        for container in self.client.containers.list(all=True, filters=mine):
            with contextlib.suppress(NotFound):
                container.remove(force=True, v=True)
        for network in self.client.networks.list(filters=mine):
            with contextlib.suppress(NotFound):
                network.remove()

    def close(self) -> None:
        """Removes what this session made, and a private daemon with it."""
        try:
            if self.private is None or self.private.is_running:
                self.clear()
        finally:
            self.client.close()
            if self.private is not None:
                self.private.remove()

    def _own(self) -> daemon.Daemon:
        if self.private is None:
            raise RuntimeError(f"{self.url} is not our engine: ask for the fixture private_engine")
        return self.private


def answering_url(environment: Mapping[str, str] = os.environ) -> str:
    """The URL at which an engine answers here (DOCKER_HOST, else the default socket), or empty."""
    url = environment.get("DOCKER_HOST") or DEFAULT_URL
    with contextlib.suppress(DockerException, OSError):
        # The SDK leaves its socket open when nobody listens, and a warning is an error here.
        if url.startswith("unix://") and not daemon.answers_at(Path(url.removeprefix("unix://"))):
            return ""
        client = docker.DockerClient(base_url=url, timeout=5)
        try:
            return url if client.ping() else ""
        finally:
            client.close()
    return ""


def existing_or_private_engine() -> Engine | None:
    """An engine to test with, None where none answers and none can be started."""
    url = answering_url()
    if url:
        return Engine(url=url)
    return new_private_engine() if daemon.can_run() else None


def new_private_engine(*, live_restore: bool = False) -> Engine:
    """A daemon of its own. RuntimeError where it does not start."""
    private = daemon.Daemon(live_restore=live_restore)
    return Engine(url=private.url, private=private)
