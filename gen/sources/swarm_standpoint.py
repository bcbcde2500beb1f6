"""Observe a swarm, between the list of services and the State: the service whose tasks are the proxies → a Vantage.

Every proxy of a service is on the service's networks, whichever node it runs on. So wherever this is asked, and on
whichever engine, the answer is the same: what is one task's alone (its addresses, its node's gateway) is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gen.errors import Origin, Problem
from gen.sources.docker_engine import Json
from gen.sources.docker_read import sequence, table, text
from gen.sources.swarm_read import SOURCE
from gen.state import Network, Vantage


def service_networks(found: Json) -> tuple[str, ...]:
    """The networks that a service asks for, by id or name; older engines keep them beside the template of its tasks."""
    spec = table(found, "Spec")
    asked = (*sequence(table(spec, "TaskTemplate"), "Networks"), *sequence(spec, "Networks"))
    return tuple(sorted({text(one, "Target") for one in asked if text(one, "Target")}))


class ServiceStandpoint:
    """`service`: the name of a service, empty for none. One that is away keeps its last known networks; one that was
    never seen may be on any."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._asked: tuple[str, ...] | None = None
        self._is_away = False

    def learn(self, services: Iterable[Json]) -> None:
        """Looks for the service in what the manager lists."""
        found = next((one for one in services if text(table(one, "Spec"), "Name") == self.service), None)
        self._is_away = found is None
        if found is not None:
            self._asked = service_networks(found)

    def vantage(self, networks: Iterable[Network]) -> Vantage:
        """From where its tasks see."""
        if self._asked is None:
            return Vantage(kind="container", name=self.service)
        names = sorted(one.name for one in networks if one.id in self._asked or one.name in self._asked)
        return Vantage(kind="container", name=self.service, networks=tuple(names))

    def problems(self) -> tuple[Problem, ...]:
        """The service is not there."""
        if not self.service or not self._is_away:
            return ()
        then = "every network counts as reachable" if self._asked is None else "its last known networks are used"
        return (
            Problem(
                severity="warning",
                origin=Origin(source=SOURCE, workload=self.service),
                message=f"proxy service: the swarm has no service {self.service!r}; {then}",
                hint="`docker service ls` shows the names; proxy_service says which one is the proxy's",
            ),
        )
