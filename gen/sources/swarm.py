"""Observe: a manager of a swarm → State. The source `swarm`, put together from its siblings and those of `docker`:

    swarm_engine   a manager's API                   swarm_asked        what the next read looks at
    swarm_read     its words → facts → Workload      docker_following   hints and reads, whatever is read
    swarm_standpoint   the service whose tasks are the proxies → from where they see

Events tell of services, nodes and networks; what they named is listed again, with the tasks of the services that
count. No event tells of tasks, so between events their list is asked for each `poll` seconds and compared: an equal
one is no change, and nothing else is called. An engine waits two seconds between taking a task out of the swarm's names
and its SIGTERM (`defaultGossipConvergeDelay` in `daemon/cluster/executor/container` of dockerd), so a poll of 1.5 s is
sooner. The end of a task's container on the manager's own node is an event, and a hint too. Only services with a label
of ours are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Final

from gen.errors import Origin, Problem, in_order
from gen.sources import LABELS
from gen.sources.docker_endpoint import Endpoint, find_endpoint
from gen.sources.docker_engine import Client, Engine, connect
from gen.sources.docker_events import Hint
from gen.sources.docker_following import FollowedSource, spread_delays
from gen.sources.docker_read import network
from gen.sources.docker_standpoint import Senses, Standpoint
from gen.sources.docker_vantage import is_local_address, own_container_id
from gen.sources.swarm_asked import Part, Parts
from gen.sources.swarm_engine import SwarmEngine
from gen.sources.swarm_read import HOST, SOURCE, Node, Service, Task, disputes, nodes, service, tasks, workload
from gen.sources.swarm_standpoint import ServiceStandpoint
from gen.state import Network, State, Vantage, Workload

_SERVICE: Final = "com.docker.swarm.service.id"
_SHOWN: Final = 3


class SwarmSource(FollowedSource[frozenset[Part]]):
    """Services of a swarm as workloads, their tasks as instances. Connects when first read; raises SourceError for a
    bad endpoint, and for an engine that is no manager.

    `proxy_container`: name, id or `label=value` of the proxy's container or task, on the manager or on `beside`, the
    URL of another engine; empty: it runs where Fairway does. `proxy_service`: instead, the service whose tasks are the
    proxies. `poll`: seconds between two looks at the tasks; the rest is as with the Docker source.
    """

    def __init__(
        self,
        url: str | None,
        environment: Mapping[str, str],
        *,
        proxy_container: str = "",
        proxy_service: str = "",
        beside: str = "",
        resync: float = 300.0,
        poll: float = 1.5,
        label_prefixes: tuple[str, ...] = LABELS,
        own_id: Callable[[], str] = own_container_id,
        is_local: Callable[[str], bool] = is_local_address,
        open_client: Callable[[Endpoint], Client] = connect,
        delays: Callable[[], Iterator[float]] = spread_delays,
    ) -> None:
        self._parts = Parts()
        self._manager = SwarmEngine(find_endpoint(url, environment), open_client=open_client)
        super().__init__(self._manager, self._parts, resync=resync, poll=poll, delays=delays)
        near = Engine(find_endpoint(beside, environment), open_client=open_client) if beside else self._manager
        self._standpoint = Standpoint(near, proxy_container, Senses(own_id=own_id, is_local=is_local))
        self._proxies = ServiceStandpoint(proxy_service)
        self._near = near
        self._prefixes = label_prefixes
        self._networks: tuple[Network, ...] = ()
        self._vantage = Vantage()
        self._services: dict[str, Service] = {}
        self._nodes: dict[str, Node] = {}
        self._tasks: tuple[Task, ...] = ()
        self._workloads: dict[str, Workload] = {}

    @property
    def name(self) -> str:
        """`swarm`."""
        return SOURCE

    def close(self) -> None:
        """Ends `changes` and the connections."""
        super().close()
        self._near.drop()

    def _note(self, hint: Hint) -> bool:
        if hint.cluster:
            self._parts.ask("services" if hint.cluster == "service" else "nodes")
            return True
        if hint.networks:
            self._parts.ask("networks")
            return True
        if self._standpoint.concerns(hint):
            self._parts.ask("proxy")
            return True
        return hint.action in ("kill", "die") and dict(hint.attributes).get(_SERVICE) in self._services

    def _poll(self) -> str:
        """What the poll of the tasks says is another than what was read last."""
        if not self._parts.is_following:
            return ""
        services, known = self._services, self._tasks
        found = tasks(self._manager.tasks(services))
        changed = {one.service for one in set(found) ^ set(known)}
        names = sorted(services[each].name for each in changed if each in services)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return f"tasks of {', '.join(names[:_SHOWN])}{more}" if names else ""

    def _look(self, work: frozenset[Part]) -> State:
        if "services" in work:
            listed = self._manager.services()
            self._proxies.learn(listed)
            found = (service(entry, self._prefixes) for entry in listed)
            self._services = {one.id: one for one in found if one is not None}
        if "nodes" in work:
            self._nodes = nodes(self._manager.nodes())
        if "networks" in work:
            # The ingress network is the routing mesh's. A proxy that publishes a port is on it, and reaches nobody.
            networks = (network(entry) for entry in self._manager.networks() if entry.get("Ingress") is not True)
            self._networks = tuple(sorted(networks, key=lambda one: (one.name, one.id)))
        if "proxy" in work and not self._proxies.service:
            self._standpoint.refresh()
        stands = self._proxies if self._proxies.service else self._standpoint
        self._vantage = _of_cluster(stands.vantage(self._networks), self._networks)
        self._tasks = tasks(self._manager.tasks(self._services))
        return self._state()

    def _state(self) -> State:
        """Workloads that are equal to the last ones stay the same objects, on which everything after us memoises."""
        by_service = {
            identity: tuple(its)
            for identity, its in groupby(
                sorted(self._tasks, key=attrgetter("service", "id")), key=attrgetter("service")
            )
        }
        made = [workload(one, by_service.get(one.id, ()), self._nodes) for one in self._services.values()]
        self._workloads = {one.id: _kept(self._workloads.get(one.id), one) for one in made}
        told = (problem for one in self._services.values() for problem in disputes(one))
        return State(
            source=self.name,
            workloads=tuple(sorted(self._workloads.values(), key=lambda one: (one.name, one.id))),
            networks=self._networks,
            vantage=self._vantage,
            problems=in_order((*self._standpoint.problems(), *self._elsewhere(), *self._proxies.problems(), *told)),
        )

    def _elsewhere(self) -> tuple[Problem, ...]:
        """A Fairway on another node than the manager's does not find itself there, and so not its networks."""
        if not self._standpoint.is_elsewhere:
            return ()
        message = f"{self._near.endpoint} does not have the container in which Fairway runs; its networks are unknown"
        hint = "say of which service it is: FAIRWAY_PROXY_SERVICE={{.Service.Name}} in the service's environment"
        return (Problem(severity="warning", origin=Origin(source=SOURCE), message=message, hint=hint),)


def _kept(before: Workload | None, now: Workload) -> Workload:
    return before if before is not None and before == now else now


def _of_cluster(vantage: Vantage, networks: tuple[Network, ...]) -> Vantage:
    """Every proxy reaches the nodes' own network: they are machines with addresses of their own. What is no network of
    the swarm or of this engine is no way to a task."""
    if vantage.networks is None:
        return vantage
    known = {one.name for one in networks}
    return replace(vantage, networks=tuple(sorted({name for name in vantage.networks if name in known} | {HOST})))
