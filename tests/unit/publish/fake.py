"""A manager that can be published to: it keeps configs and secrets, counts versions, and replaces tasks at once."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import requests
from docker.errors import APIError

from gen.deployment import pipeline
from gen.proxies.kinds import KINDS
from gen.publish.cluster import Cluster
from gen.publish.publication import Publication, place_of, publication
from gen.publish.release import Release
from gen.publish.rollout import Watched
from gen.settings import Settings
from gen.sources.docker_endpoint import Endpoint
from gen.sources.swarm import SwarmSource
from tests.unit.sources.fake_swarm import FakeManager, service, task

MOST = 512_000
ROOT = PurePosixPath("/srv/fairway")
SETTINGS = Settings(proxy="haproxy", directory=str(ROOT), swarm="default", proxy_service="edge")


def refusal(said: str, status: int = 500) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError(f"{status} Server Error", response=response, explanation=said)


def edge(**container: Any) -> dict[str, Any]:
    """The service of the proxies; `container` goes into the description of its containers."""
    found = service("edge", labels={"fairway.proxy": "haproxy"}, mode={"Global": {}})
    found["Spec"]["TaskTemplate"]["ContainerSpec"] |= container
    return found


class FakePublishing(FakeManager):
    """`outcome` says what becomes of an update: how the service's UpdateStatus and its tasks look afterwards."""

    def __init__(self, *services: dict[str, Any]) -> None:
        super().__init__(*services, task_for_web()[0], tasks=task_for_web()[1])
        self.listed_networks = [{"Id": "edge-id", "Name": "edge", "Driver": "overlay"}]
        self.held: dict[str, dict[str, dict[str, Any]]] = {"config": {}, "secret": {}}
        self.updates = 0
        self.before_update: Callable[[], None] = lambda: None
        self.outcome = self.complete
        self.number = 0

    @property
    def edge(self) -> dict[str, Any]:
        return next(one for one in self.held_services if one["Spec"]["Name"] == "edge")

    def inspect_service(self, service: str) -> Any:
        self._answer()
        return copy.deepcopy(next(one for one in self.held_services if one["ID"] == service))

    def update_service(self, service: str, version: int, **said: Any) -> Any:
        hook, self.before_update = self.before_update, lambda: None
        hook()
        found = next(one for one in self.held_services if one["ID"] == service)
        if version != found["Version"]["Index"]:
            raise refusal("rpc error: code = Unknown desc = update out of sequence")
        self.updates += 1
        names = {"task_template": "TaskTemplate", "name": "Name", "labels": "Labels", "mode": "Mode"}
        names |= {"update_config": "UpdateConfig", "rollback_config": "RollbackConfig", "endpoint_spec": "EndpointSpec"}
        found["PreviousSpec"] = found["Spec"]
        found["Spec"] = {names[key]: copy.deepcopy(value) for key, value in said.items()}
        found["Version"] = {"Index": version + 1}
        self.outcome()

    def replaced(self, **changes: Any) -> dict[str, Any]:
        """A task of the service as it is described now."""
        self.number += 1
        spec = copy.deepcopy(self.edge["Spec"]["TaskTemplate"])
        return task("edge", 0, id=f"edge-task-{self.number}", **changes) | {"Spec": spec}

    def complete(self) -> None:
        self.held_tasks = [one for one in self.held_tasks if one["ServiceID"] != "edge-id"] + [self.replaced()]
        self.edge["UpdateStatus"] = {"State": "completed", "Message": "update completed", "StartedAt": f"{self.number}"}

    def go_back(self) -> None:
        """The new task fails, so the old description counts again."""
        failed = self.replaced(state="failed", desired="shutdown")
        failed["Status"]["Err"] = "task: non-zero exit (1)"
        self.edge["Spec"] = self.edge.pop("PreviousSpec")
        self.held_tasks += [failed, self.replaced()]
        self.edge["Version"]["Index"] += 1
        self.edge["UpdateStatus"] = {"State": "rollback_completed", "Message": "rollback completed", "StartedAt": "x"}

    def configs(self, filters: Any) -> Any:
        return self._kept("config", filters)

    def secrets(self, filters: Any) -> Any:
        return self._kept("secret", filters)

    def create_config(self, name: str, data: bytes, labels: Any) -> Any:
        return self._create("config", name, data, labels)

    def create_secret(self, name: str, data: bytes, labels: Any) -> Any:
        return self._create("secret", name, data, labels)

    def remove_config(self, id: str) -> Any:  # noqa: A002
        self._remove("config", id)

    def remove_secret(self, id: str) -> Any:  # noqa: A002
        self._remove("secret", id)

    def names(self) -> set[str]:
        return {one["Spec"]["Name"] for kind in self.held.values() for one in kind.values()}

    def _kept(self, kind: str, filters: Any) -> list[dict[str, Any]]:
        self._answer()
        key, _, value = filters["label"].partition("=")
        return [one for one in self.held[kind].values() if one["Spec"]["Labels"].get(key) == value]

    def _create(self, kind: str, name: str, data: bytes, labels: Any) -> Any:
        if not 0 < len(data) < MOST:
            raise refusal(f"rpc error: {kind} data must be larger than 0 and less than {MOST} bytes", 400)
        if name in self.names():
            raise refusal(f"rpc error: {kind} {name} already exists", 409)
        self.number += 1
        spec: dict[str, Any] = {"Name": name, "Labels": labels}
        if kind == "config":
            spec["Data"] = base64.b64encode(data).decode()
        self.held[kind][f"{kind}-{self.number}"] = {"ID": f"{kind}-{self.number}", "Spec": spec}
        return {"ID": f"{kind}-{self.number}"}

    def _remove(self, kind: str, identity: str) -> None:
        key = {"config": "Configs", "secret": "Secrets"}[kind]
        used = self.edge["Spec"]["TaskTemplate"]["ContainerSpec"].get(key) or []
        if identity in [one[f"{kind.capitalize()}ID"] for one in used]:
            raise refusal(f"rpc error: {kind} is in use by the following service: edge", 400)
        del self.held[kind][identity]


def task_for_web() -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    return service("web", labels={"fairway.host": "web.test", "fairway.port": "8080"}), (task("web", 1),)


def cluster_of(client: FakePublishing) -> Cluster:
    return Cluster(Endpoint(url="unix:///fake.sock", origin="fake"), open_client=lambda endpoint: client)


def released(client: FakePublishing, settings: Settings = SETTINGS) -> Release:
    """What `release` makes of this world, without a binary that checks it."""
    source = SwarmSource(None, {}, proxy_service="edge", own_id=lambda: "", open_client=lambda endpoint: client)
    made = pipeline(settings, KINDS[settings.proxy].baseline).make(source.read())
    return Release(made=made, certificates=(), was_checked=True, now=0.0)


def planned(client: FakePublishing, settings: Settings = SETTINGS) -> Publication:
    """What publishing this world would change."""
    cluster = cluster_of(client)
    found = cluster.service("edge")
    assert found is not None
    commands = KINDS[settings.proxy].commands(settings.binary)
    at = place_of(found, settings.directory, commands)
    return publication(cluster, found, released(client, settings), at, commands=commands)


class Said(list[str]):
    """What a rollout tells; its clock counts the questions."""

    def watched(self, patience: float = 60.0) -> Watched:
        ticks = iter(range(10_000))
        return Watched(say=self.append, patience=patience, clock=lambda: next(ticks), sleep=lambda seconds: None)
