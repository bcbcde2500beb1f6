"""A Docker Engine of a dict and a queue: what the SDK's low-level client would answer."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

from docker.errors import NotFound

SECOND = 10**9
STARTED = 1_700_000_000 * SECOND


def container(name: str, **changes: Any) -> dict[str, Any]:
    """An inspect answer. `status`, `health`, `networks`, `mode`, `labels`, `exposed`, `ports`, `started`, `signal`."""
    status = changes.get("status", "running")
    networks = changes.get("networks", {"shop": "10.0.0.2"})
    return {
        "Id": changes.get("id", name.encode().hex().ljust(64, "0")),
        "Name": f"/{name}",
        "Created": "2023-11-14T22:13:20.5Z",
        "State": {
            "Status": status,
            "Running": status in ("running", "paused", "restarting"),
            "StartedAt": changes.get("started", "2023-11-14T22:13:20Z"),
            "Health": {"Status": changes["health"]} if "health" in changes else None,
        },
        "Config": {
            "Labels": changes.get("labels", {"fairway.host": f"{name}.example.com"}),
            "ExposedPorts": {port: {} for port in changes.get("exposed", ("80/tcp",))},
            "StopSignal": changes.get("signal", ""),
        },
        "HostConfig": {"NetworkMode": changes.get("mode", "shop"), "PortBindings": changes.get("bindings", {})},
        "NetworkSettings": {
            "Networks": {key: {"IPAddress": ip, "Gateway": "10.0.0.1"} for key, ip in networks.items()},
            "Ports": changes.get("ports", {}),
        },
    }


def entry(inspected: dict[str, Any]) -> dict[str, Any]:
    """What the list says of a container."""
    health = (inspected["State"].get("Health") or {}).get("Status", "")
    return {
        "Id": inspected["Id"],
        "Names": [inspected["Name"]],
        "State": inspected["State"]["Status"],
        "Status": f"Up 3 minutes ({health})" if health else "Up 3 minutes",
        "Labels": inspected["Config"]["Labels"],
        "HostConfig": {"NetworkMode": inspected["HostConfig"]["NetworkMode"]},
        "NetworkSettings": {"Networks": inspected["NetworkSettings"]["Networks"]},
        "Ports": [],
    }


class FakeStream:
    """Events until `close`."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.events.get, None)

    def close(self) -> None:
        self.events.put(None)


class FakeClient:
    """The calls that Fairway makes. `refusal`, when set, is raised by each of them."""

    def __init__(self, *containers: dict[str, Any]) -> None:
        self.known = {one["Id"]: one for one in containers}
        self.listed_networks: list[dict[str, Any]] = []
        self.said_info: dict[str, Any] = {}
        self.streams: list[FakeStream] = []
        self.sinces: list[Any] = []
        self.refusal: Exception | None = None
        self.vanishing: set[str] = set()

    def put(self, inspected: dict[str, Any]) -> str:
        self.known[inspected["Id"]] = inspected
        return str(inspected["Id"])

    def containers(self, *, all: bool = False, filters: Any = None) -> Any:  # noqa: A002
        self._answer()
        if filters:
            key, _, value = filters["label"][0].partition("=")
            return [entry(one) for one in self.known.values() if one["Config"]["Labels"].get(key) == value]
        return [entry(one) for one in self.known.values() if all or one["State"]["Status"] == "running"]

    def inspect_container(self, container: str) -> Any:
        self._answer()
        for one in self.known.values():
            if container in (one["Id"], one["Name"].removeprefix("/")) and one["Id"] not in self.vanishing:
                return one
        raise NotFound(f"No such container: {container}")

    def networks(self) -> Any:
        self._answer()
        return self.listed_networks

    def info(self) -> Any:
        self._answer()
        return self.said_info

    def events(self, *, since: Any, filters: Any, decode: Any) -> Any:
        self._answer()
        self.sinces.append(since)
        self.streams.append(FakeStream())
        return self.streams[-1]

    def close(self) -> None:
        """Nothing is held."""

    def tell(self, action: str, one: dict[str, Any], *, at: int = STARTED + SECOND, **attributes: str) -> None:
        """One container event."""
        actor = {"ID": one["Id"], "Attributes": one["Config"]["Labels"] | {"name": one["Name"][1:]} | attributes}
        self.streams[-1].events.put({"Type": "container", "Action": action, "Actor": actor, "timeNano": at})

    def _answer(self) -> None:
        if self.refusal:
            raise self.refusal
