"""Joining: what a pass counts on of networks → done at the engine, or a problem with which the pass is made anew.

Networks are joined before what needs them is served, and left when it is quiet: whoever is started anew a moment later
finds the proxy still there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gen.build import Joins
from gen.errors import Origin, Problem, ProxyError
from gen.log import event
from gen.pipeline import Made, Pipeline
from gen.state import Network

if TYPE_CHECKING:
    from gen.control.attachments import Attachments


class Joining:
    """`attachments` is None where the world is read from files, and no engine is asked."""

    def __init__(self, pipeline: Pipeline, attachments: Attachments | None) -> None:
        self._pipeline = pipeline
        self._attachments = attachments
        self._left = Joins()
        self._entered: list[str] = []

    @property
    def is_waiting(self) -> bool:
        """Whether there are networks to leave."""
        return bool(self._left.disconnect)

    def forgive(self) -> None:
        """What the engine refused may be tried again."""
        self._pipeline.refused.clear()

    def enter(self, made: Made) -> bool:
        """Join what the pass counts on. False where it has to be made anew, without what was refused."""
        self._left, self._entered = made.joins, []
        for network in made.joins.connect:
            try:
                self._connect(made.joins.to, network)
            except ProxyError as error:
                origin = Origin(source=made.state.source, workload=made.joins.to)
                hint = error.hint or "connect it yourself, or take its network out of the setting join"
                problem = Problem(severity="error", origin=origin, message=str(error), hint=hint)
                self._pipeline.refused[network.id] = problem
                return False
            self._entered.append(network.name)
            event("joined", f"network {network.name}", container=made.joins.to)
        return True

    def leave(self) -> None:
        """Leave what nobody needs any more; what cannot be left is tried again after the next change."""
        left, self._left = self._left, Joins()
        self._disconnect(left.to, left.disconnect)

    def retreat(self) -> None:
        """Leave what was joined last: what needed it is not served."""
        left, entered = self._left, self._entered
        self._left, self._entered = Joins(), []
        self._disconnect(left.to, entered)

    def _disconnect(self, container: str, networks: Iterable[str]) -> None:
        for network in networks:
            try:
                if self._attachments is not None:
                    self._attachments.disconnect(container, network)
                    event("left", f"network {network}", container=container)
            except ProxyError as error:
                event("failed", str(error), level=logging.WARNING)

    def _connect(self, container: str, network: Network) -> None:
        if self._attachments is None:
            raise ProxyError(f"{container} is not connected to networks while the world is read from files")
        self._attachments.connect(container, network)
