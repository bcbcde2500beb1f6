"""A swarm for tests: a private engine that is a manager, others that join it by a cable of their own.

This machine's kernel may know no IPVS, so that no virtual address answers; the tasks' own do. What a test makes is
removed after it.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.networks import Network
from docker.types import ServiceMode, UpdateConfig

from tests.e2e.beside import proxy_beside
from tests.e2e.engine import LABEL, Engine, new_private_engine
from tests.e2e.fairway import Fairway, fairway_on
from tests.e2e.image import server_image
from tests.support.wait import eventually

SECOND = 10**9


class Cable:
    """A link between the namespaces of two private engines, as their machines would have, that can be cut."""

    def __init__(self, here: Engine, there: Engine) -> None:
        assert here.private is not None and there.private is not None
        self._ends = (here.private.namespace, there.private.namespace)
        self.here, self.there = (str(here.private.pool[253 * 256 + number]) for number in (1, 2))
        _ip(self._ends[0], "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", self._ends[1])
        for namespace, address in zip(self._ends, (self.here, self.there), strict=True):
            _ip(namespace, "address", "add", f"{address}/30", "dev", "cable")
            _ip(namespace, "link", "set", "cable", "up")

    def cut(self) -> None:
        _ip(self._ends[0], "link", "set", "cable", "down")

    def mend(self) -> None:
        _ip(self._ends[0], "link", "set", "cable", "up")


def _ip(namespace: str, *arguments: str) -> None:
    subprocess.run(["ip", "-n", namespace, *arguments], check=True, capture_output=True)


class Swarm:
    """Makes the engine the only manager of a new swarm. `here`: its address for the others, where there are some."""

    def __init__(self, engine: Engine, *, here: str = "") -> None:
        assert engine.private is not None
        self.engine = engine
        self.client: Any = engine.client  # The SDK's services are untyped.
        here = here or engine.published_at
        pool = list(engine.private.pool.subnets(new_prefix=18))[2]
        self.client.swarm.init(
            advertise_addr=here, listen_addr=f"{here}:2377", default_addr_pool=[str(pool)], subnet_size=24
        )

    def join(self, worker: Engine, cable: Cable) -> None:
        """Makes the engine at the other end of the cable a worker."""
        worker.client.swarm.join(
            remote_addrs=[f"{cable.here}:2377"],
            join_token=self.client.swarm.attrs["JoinTokens"]["Worker"],
            advertise_addr=cable.there,
            listen_addr=f"{cable.there}:2377",
        )
        server_image(worker.client)

    @property
    def node(self) -> str:
        """The host name of the only node."""
        return str(self.client.nodes.list()[0].attrs["Description"]["Hostname"])

    def overlay(self, name: str) -> Network:
        """A network of the swarm to which containers may attach."""
        return self.engine.network(name, driver="overlay", attachable=True)

    def service(
        self,
        name: str,
        *,
        labels: Mapping[str, str],
        network: Network,
        replicas: int | None = 1,
        grace: float = 0,
        **options: Any,
    ) -> Any:
        """A service of the test server, global without `replicas`; each task answers with its own name. `grace`:
        seconds that it serves on when it is told to end. A rolling update starts the new task first, and
        leaves it time to listen: without a health check a task that runs may not do so yet."""
        mode = ServiceMode("global") if replicas is None else ServiceMode("replicated", replicas)
        return self.client.services.create(
            server_image(self.client),
            name=name,
            labels=dict(labels),
            mode=mode,
            networks=[network.name],
            env=["NAME={{.Task.Name}}", f"GRACE={grace}"],
            stop_grace_period=int((grace + 10) * SECOND),
            update_config=UpdateConfig(parallelism=1, delay=5 * SECOND, order="start-first", monitor=SECOND),
            **options,
        )

    def available(self, availability: str, role: str = "manager") -> None:
        """Sets the nodes of that role `active` or to `drain`."""
        for node in self.client.nodes.list(filters={"role": role}):
            node.update({**node.attrs["Spec"], "Availability": availability})

    def clear(self) -> None:
        """Removes every service, and the containers of their tasks are gone too; the node takes tasks again."""
        self.available("active")
        self.available("active", "worker")
        for service in self.client.services.list():
            with contextlib.suppress(NotFound):
                service.remove()
        eventually(self._has_no_task, timeout=60, message="an end of all tasks")
        # A network of the swarm is there until each node let go of it.
        with contextlib.suppress(APIError):
            self.engine.clear()
        eventually(self._has_no_network, timeout=60, message="an end of all networks")

    def _has_no_task(self) -> bool:
        """The swarm removes the containers too, and Docker answers 409 to the second of two who do."""
        of_tasks = {"label": "com.docker.swarm.task.id"}
        for container in self.client.containers.list(all=True, filters=of_tasks):
            with contextlib.suppress(APIError):
                container.remove(force=True)
        return not self.client.containers.list(all=True, filters=of_tasks)

    def _has_no_network(self) -> bool:
        mine = {"label": f"{LABEL}={self.engine.session}"}
        for network in self.client.networks.list(filters=mine):
            with contextlib.suppress(APIError):
                network.remove()
        return not self.client.networks.list(filters=mine)


def states(swarm: Swarm) -> list[str]:
    """Of its nodes, `ready` or `down`."""
    return [node.attrs["Status"]["State"] for node in swarm.client.nodes.list()]


@contextlib.contextmanager
def two_nodes() -> Iterator[tuple[Swarm, Engine, Cable]]:
    """A manager's swarm, its worker, and the cable between them."""
    with contextlib.ExitStack() as stack:
        manager, worker = (stack.enter_context(contextlib.closing(new_private_engine())) for _ in range(2))
        cable = Cable(manager, worker)
        swarm = Swarm(manager, here=cable.here)
        swarm.join(worker, cable)
        yield swarm, worker, cable


def scale(service: Any, replicas: int) -> None:
    """A manager counts the version on by itself now and then, and wants the last one."""

    def is_scaled() -> bool:
        service.reload()
        with contextlib.suppress(APIError):
            return bool(service.scale(replicas))
        return False

    eventually(is_scaled, message=f"{replicas} replicas")


@contextlib.contextmanager
def fairway_attached(swarm: Swarm, edge: Network, proxy: str) -> Iterator[Fairway]:
    """A Fairway on the manager's host that follows the swarm; its proxy's container is attached to the overlay."""
    with fairway_on(swarm.engine, proxy=proxy, swarm=swarm.engine.url, proxy_container="fw-proxy") as one:
        ports = {f"{one.port}/tcp": one.port}
        proxy_beside(swarm.engine, one, inside=str(one.directory), network=edge, ports=ports)
        yield one.start()
