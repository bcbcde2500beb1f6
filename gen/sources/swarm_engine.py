"""Observe a swarm, step one: a manager → answers of its API. An Engine with the calls that only a manager answers.

A manager announces what happens to services, nodes and networks, and as an engine to its own containers. It announces
no task. A node that is no manager answers with 503, which is told in the words that help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, Protocol, cast

from docker.errors import APIError

from gen.errors import SourceError
from gen.sources.docker_engine import EVENTS, Client, Engine, Json, tables

_NO_SWARM: Final = "docker swarm init"
"""What the engine advises where there is no swarm at all; elsewhere it speaks of managers alone."""


class SwarmClient(Client, Protocol):
    """The calls of `docker.APIClient` that a manager answers."""

    def services(self) -> Any: ...

    def tasks(self, filters: Any) -> Any: ...

    def nodes(self) -> Any: ...


class SwarmEngine(Engine):
    """One manager. `calls` also counts services, tasks and nodes."""

    followed: ClassVar[Mapping[str, list[str]]] = {
        "type": ["service", "node", "network", "container"],
        "event": [*EVENTS, "remove"],
    }

    def services(self) -> tuple[Json, ...]:
        """All services."""
        return self._listed("services", lambda client: client.services())

    def nodes(self) -> tuple[Json, ...]:
        """All nodes."""
        return self._listed("nodes", lambda client: client.nodes())

    def tasks(self, services: Iterable[str]) -> tuple[Json, ...]:
        """The tasks of these services, also those that ended; no call where there is no service."""
        wanted = list(services)
        return self._listed("tasks", lambda client: client.tasks(filters={"service": wanted})) if wanted else ()

    def _listed(self, kind: str, call: Callable[[SwarmClient], Any]) -> tuple[Json, ...]:
        try:
            found = self._ask(kind, lambda client: call(cast(SwarmClient, client)))
        except SourceError as error:
            raise self._explained(error) from error
        if found is None:
            raise SourceError(f"{self.endpoint}: the engine knows no swarm", hint="Podman has none; try --docker")
        return tables(self.endpoint, kind, found)

    def _explained(self, error: SourceError) -> SourceError:
        cause = error.__cause__
        said = str(cause.explanation or "") if isinstance(cause, APIError) else ""
        if "not a swarm manager" not in said:
            return error
        if _NO_SWARM in said:
            hint = "make one by `docker swarm init`, or read this engine's containers by --docker"
            return SourceError(f"{self.endpoint}: the engine is in no swarm", hint=hint)
        hint = "give a manager's URL to --swarm; `docker node ls` there shows which nodes are"
        return SourceError(f"{self.endpoint}: the engine is a worker; only a manager knows the swarm", hint=hint)
