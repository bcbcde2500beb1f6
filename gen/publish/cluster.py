"""Publish, the world: a manager's calls that change a service and what it is given, and those that follow an update."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from docker.errors import APIError

from gen.errors import LockedError, PublishError, SourceError
from gen.publish.pieces import Piece
from gen.sources.docker_engine import Client, Json, tables
from gen.sources.docker_read import table, text
from gen.sources.swarm_engine import SwarmEngine

SERVICE, PATH, UNTIL = "fairway-service", "fairway-path", "fairway-until"
"""Labels of what is kept: whose it is, where its tasks see it, and until when it is of use."""
_OUT_OF_SEQUENCE: Final = "out of sequence"
_THERE: Final = "already exists"
_GONE: Final = "not found"
_IN_USE: Final = "in use"
_TOO_LARGE: Final = "must be larger than 0 and less than"
"""Words by which managers refuse; in front of them stands the name of an error that differs from call to call."""


class OutOfSequence(LockedError):
    """Somebody changed the service, or removed what it was to be given, since it was read."""


class Refused(PublishError):
    """The manager refuses a piece or a description."""


class PublishingClient(Client, Protocol):
    """The calls of `docker.APIClient` that publishing makes."""

    def services(self) -> Any: ...
    def tasks(self, filters: Any) -> Any: ...
    def nodes(self) -> Any: ...
    def inspect_service(self, service: str) -> Any: ...
    def update_service(self, service: str, version: int, **description: Any) -> Any: ...
    def configs(self, filters: Any) -> Any: ...
    def secrets(self, filters: Any) -> Any: ...
    def create_config(self, name: str, data: bytes, labels: Any) -> Any: ...
    def create_secret(self, name: str, data: bytes, labels: Any) -> Any: ...
    def remove_config(self, id: str) -> Any: ...  # noqa: A002
    def remove_secret(self, id: str) -> Any: ...  # noqa: A002


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A config or a secret of ours that the swarm keeps. `content` is empty for a secret: no manager tells it."""

    id: str
    name: str
    path: str
    is_secret: bool
    until: int = 0
    content: bytes = b""


class Cluster(SwarmEngine):
    """A manager to publish to. Raises SourceError where it does not answer, and what stands above where it refuses."""

    def service(self, name: str) -> Json | None:
        """One service by its name; None where there is none. A manager would also take the beginning of an id."""
        found = self._listed("services", lambda client: client.services())
        wanted = next((one for one in found if text(table(one, "Spec"), "Name") == name), None)
        return None if wanted is None else self._told("services", lambda client: client.inspect_service(wanted["ID"]))

    def kept(self, service: str) -> tuple[Kept, ...]:
        """What was made for this service, by name."""
        wanted = {"label": f"{SERVICE}={service}"}
        configs = tables(self.endpoint, "configs", self._told("configs", lambda client: client.configs(wanted)))
        secrets = tables(self.endpoint, "secrets", self._told("secrets", lambda client: client.secrets(wanted)))
        found = [_kept(one, is_secret=False) for one in configs] + [_kept(one, is_secret=True) for one in secrets]
        return tuple(sorted(found, key=lambda one: one.name))

    def add(self, piece: Piece, service: str) -> str:
        """Makes a piece; its id. Where another publish made the same one meanwhile, that one counts."""
        labels = {SERVICE: service, PATH: piece.path, **({UNTIL: str(piece.until)} if piece.until else {})}

        def create(client: PublishingClient) -> Any:
            made = client.create_secret if piece.is_secret else client.create_config
            return made(piece.name, piece.content, labels)

        try:
            return text(self._told("create", create), "ID")
        except Refused as error:
            if _THERE in str(error):
                return next(one.id for one in self.kept(service) if one.name == piece.name)
            raise _explained(error, piece) from error

    def remove(self, kept: Kept) -> bool:
        """Removes it; False where a service uses it."""
        try:
            self._told(
                "remove",
                lambda client: client.remove_secret(kept.id) if kept.is_secret else client.remove_config(kept.id),
            )
        except Refused as error:
            if _IN_USE in str(error):
                return False
            raise
        return True

    def update(self, found: Json, spec: Mapping[str, Any]) -> None:
        """Describes the service that was `found` anew. Raises OutOfSequence."""
        version = int(table(found, "Version")["Index"])
        description = {
            "task_template": spec["TaskTemplate"],
            "name": spec["Name"],
            "labels": spec["Labels"],
            "mode": spec["Mode"],
            "update_config": spec["UpdateConfig"],
            "rollback_config": spec["RollbackConfig"],
            "endpoint_spec": spec.get("EndpointSpec"),
        }
        try:
            self._told("update", lambda client: client.update_service(found["ID"], version, **description))
        except Refused as error:
            if _OUT_OF_SEQUENCE in str(error) or _GONE in str(error):
                raise OutOfSequence(str(error)) from error
            raise

    def tasks_of(self, service: str) -> tuple[Json, ...]:
        """All tasks of a service by its id, those that ended too."""
        return self.tasks([service])

    def _told(self, kind: str, call: Callable[[PublishingClient], Any]) -> Any:
        try:
            return self._ask(kind, lambda client: call(cast(PublishingClient, client)))
        except SourceError as error:
            cause = error.__cause__
            if isinstance(cause, APIError) and cause.response is not None and cause.status_code != 503:
                raise Refused(f"{self.endpoint}: {cause.explanation}") from error
            raise self._explained(error) from error


def _explained(error: Refused, piece: Piece) -> Refused:
    said = str(error)
    if _TOO_LARGE not in said:
        return error
    most = said.rpartition(_TOO_LARGE)[2].split()[0]
    kind = "secret" if piece.is_secret else "config"
    message = f"{piece.path} has {len(piece.content)} bytes, and a swarm's {kind} less than {most}"
    hint = "let each proxy follow by itself instead: fairway watch as a global service"
    return Refused(message, hint=hint)


def _kept(found: Json, *, is_secret: bool) -> Kept:
    spec = table(found, "Spec")
    labels = table(spec, "Labels")
    until = text(labels, UNTIL)
    return Kept(
        id=text(found, "ID"),
        name=text(spec, "Name"),
        path=text(labels, PATH),
        is_secret=is_secret,
        until=int(until) if until.isdecimal() else 0,
        content=b"" if is_secret else base64.b64decode(text(spec, "Data")),
    )
