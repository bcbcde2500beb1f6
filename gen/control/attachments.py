"""Attachments: a container and a network → connected, or not any more. Which of them is `gen.build.joins`' business.

Every attachment that is made here carries a mark, so that none is ever taken away that somebody else made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException, NotFound

from gen.errors import ProxyError
from gen.sources.docker_read import JOINED
from gen.state import Network

if TYPE_CHECKING:
    from docker import APIClient

_THERE = "already exists in network"
_GONE = "is not connected to"


class Attachments:
    """Of one engine, which is asked for when it is first needed. All raise ProxyError."""

    def __init__(self, open_engine: Callable[[], APIClient]) -> None:
        self._open = open_engine
        self._engine: APIClient | None = None

    def connect(self, container: str, network: Network) -> None:
        """One that is there already counts as made."""
        with self._errors(f"{container} cannot be connected to {network.name}", fine=_THERE):
            self._client().connect_container_to_network(container, network.id, driver_opt={JOINED: "yes"})

    def disconnect(self, container: str, network: str) -> None:
        """One that is gone already counts as taken away; so does one whose network or container is gone."""
        with self._errors(f"{container} cannot be disconnected from {network}", fine=_GONE):
            try:
                self._client().disconnect_container_from_network(container, network)
            except NotFound:
                return

    def _client(self) -> APIClient:
        if self._engine is None:
            self._engine = self._open()
        return self._engine

    @contextmanager
    def _errors(self, what: str, *, fine: str) -> Iterator[None]:
        try:
            yield
        except APIError as error:
            said = str(error.explanation or error)
            if fine not in said:
                raise ProxyError(f"{what}: {said}") from error
        except (DockerException, OSError) as error:
            self._engine = None
            raise ProxyError(f"{what}: the engine does not answer: {error}") from error
