"""Observe, step four and its questions to the engine: which container is the proxy's → a Vantage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gen.errors import Origin, Problem
from gen.sources import docker_vantage
from gen.sources.docker_engine import Engine
from gen.sources.docker_events import Hint
from gen.sources.docker_read import Facts, facts, text
from gen.state import Network, Vantage


@dataclass(frozen=True, slots=True, kw_only=True)
class Senses:
    """How Fairway finds out about itself: its container's id (or empty), and which addresses are its machine's."""

    own_id: Callable[[], str]
    is_local: Callable[[str], bool]


class Standpoint:
    """`spec` names the proxy's container: a name, an id or `label=value`; empty means that Fairway stands where the
    proxy does. A container that is away keeps its last known networks: it is most likely being restarted, and must
    not come back to an empty configuration."""

    def __init__(self, engine: Engine, spec: str, senses: Senses) -> None:
        self._engine = engine
        self._spec = spec
        self._senses = senses
        self._own: str | None = None
        self._facts: Facts | None = None
        self._lender: Facts | None = None
        self._is_away = False
        self._is_rootless = False

    def concerns(self, hint: Hint) -> bool:
        """Whether an event is about the proxy's container."""
        known = {found.id for found in (self._facts, self._lender) if found is not None}
        if hint.container in known:
            return True
        key, equals, value = self._spec.partition("=")
        if equals:
            return (key, value) in hint.attributes
        return bool(self._spec) and (hint.name == self._spec or hint.container.startswith(self._spec))

    def refresh(self) -> None:
        """Looks for the container again. Raises SourceError."""
        if self._own is None:
            self._own = self._senses.own_id()
            self._is_rootless = self._engine.is_rootless()
        name = self._name()
        inspected = self._engine.inspect(name) if name else None
        self._is_away = inspected is None
        found = facts(inspected) if inspected is not None else None
        if found is not None and (found.is_present or self._facts is None):
            self._facts = found
            lender = self._engine.inspect(found.lender) if found.lender else None
            self._lender = facts(lender) if lender else None

    def vantage(self, networks: tuple[Network, ...]) -> Vantage:
        """From where the proxy sees; the rules are `docker_vantage`'s. A named container that was never seen may be
        on any network."""
        own = self._facts
        if own is not None:
            if not (self._lender or own).host_network:
                return docker_vantage.inside(own, self._lender, networks)
            if self._spec and own.id != self._own:
                return docker_vantage.beside(own.name, networks)
        elif self._spec:
            return Vantage(kind="container", name=self._spec)
        return docker_vantage.outside(
            self._engine.endpoint, networks, self._senses.is_local, rootless=self._is_rootless
        )

    @property
    def is_elsewhere(self) -> bool:
        """Whether Fairway runs in a container that this engine does not have."""
        return bool(self._own) and not self._spec and self._is_away

    def problems(self) -> tuple[Problem, ...]:
        """The proxy's container is not there."""
        if not self._spec or not self._is_away:
            return ()
        then = "its last known networks are used" if self._facts else "every network counts as reachable"
        return (
            Problem(
                severity="warning",
                origin=Origin(source="docker", workload=self._spec),
                message=f"proxy container: {self._engine.endpoint} has no container {self._spec!r}; {then}",
                hint="give its name, its id or label=value",
            ),
        )

    def _name(self) -> str:
        if not self._spec:
            return self._own or ""
        if "=" not in self._spec:
            return self._spec
        found = sorted(self._engine.labelled(self._spec), key=_running_first)
        return text(found[0], "Id") if found else ""


def _running_first(entry: object) -> tuple[bool, str]:
    return (text(entry, "State") != "running", text(entry, "Id"))
