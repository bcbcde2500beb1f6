"""The proxies of a swarm as an operator makes them, and a Fairway that publishes to them."""

from __future__ import annotations

from functools import partial
from typing import Any

from docker.models.networks import Network
from docker.types import EndpointSpec, ServiceMode, UpdateConfig

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway
from tests.e2e.image import tooled_image
from tests.e2e.swarm import SECOND, Swarm
from tests.support.http import Reply, http_get
from tests.support.wait import eventually

PORT, SECURE = 8000, 8443


def labels(host: str, **more: str) -> dict[str, str]:
    """Those of a workload of the test server."""
    return {"fairway.host": host, "fairway.port": "8080", **{f"fairway.{key}": value for key, value in more.items()}}


class Site:
    """The service `edge` with a proxy on each node, made as an operator would, and a Fairway that publishes to it."""

    def __init__(self, nodes: tuple[Swarm, Engine], edge: Network, fairway: Fairway) -> None:
        self.swarm, self.fairway = nodes[0], fairway
        self.addresses = [engine.published_at for engine in (nodes[0].engine, nodes[1])]
        for client in (nodes[0].client, nodes[1].client):
            image = tooled_image(client, fairway.proxy)
        ports: Any = {port: (port, "tcp", "host") for port in (PORT, SECURE)}
        self.swarm.client.services.create(
            image,
            name="edge",
            user="root",
            labels={"fairway.proxy": fairway.proxy},
            networks=[edge.name],
            mode=ServiceMode("global"),
            endpoint_spec=EndpointSpec(mode="dnsrr", ports=ports),
            update_config=UpdateConfig(parallelism=1, monitor=2 * SECOND),
        )

    def publish(self, *options: str) -> tuple[int, str, str]:
        """Exit code, output, errors."""
        with self.fairway.popen("publish", *options) as process:
            out, err = process.communicate(timeout=200)
            return process.returncode, out, err

    def await_servers(self, count: int) -> None:
        """Waits until the next release would bring so many servers."""

        def planned() -> bool:
            code, out, _ = self.publish("--dry-run")
            return code == 2 and sum(line.startswith("+ server ") for line in out.splitlines()) == count

        eventually(planned, timeout=90, message=f"a plan with {count} servers")

    def version(self) -> int:
        return int(self.swarm.client.services.get("edge").attrs["Version"]["Index"])

    def kept(self) -> set[str]:
        client = self.swarm.client
        return {str(one.name) for one in (*client.configs.list(), *client.secrets.list())}

    def everywhere(self, host: str, **options: Any) -> set[int]:
        """The status with which each node answers. Swarm says that a task runs a moment before its proxy listens, so
        each may take a while."""
        return {eventually(partial(self._status, at, host, **options), timeout=30) for at in self.addresses}

    def _status(self, address: str, host: str, **options: Any) -> int:
        port = SECURE if options.get("tls") else PORT
        return http_get((address, port), host=host, **options).status

    def anywhere(self, host: str) -> Reply:
        """What a client gets who tries the next address when one does not answer."""
        try:
            return http_get((self.addresses[0], PORT), host=host)
        except OSError:
            return http_get((self.addresses[1], PORT), host=host)
