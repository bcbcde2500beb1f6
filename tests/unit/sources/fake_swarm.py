"""A manager of a swarm of dicts: what the SDK's low-level client would answer, in the shapes of a real one."""

from __future__ import annotations

from typing import Any

from docker.errors import APIError

from tests.unit.sources.fake_engine import FakeClient


def service(name: str, **changes: Any) -> dict[str, Any]:
    """A service. `labels`, `inner` (its containers' labels), `ports`, `mode`, `created`."""
    ports = changes.get("ports", [])
    spec = {
        "Name": name,
        "Labels": changes.get("labels", {"fairway.host": f"{name}.example.com"}),
        "TaskTemplate": {
            "ContainerSpec": {"Image": "shop:1", "Labels": changes.get("inner"), "Isolation": "default"},
            "Networks": [{"Target": "edge-id"}],
            "Runtime": "container",
        },
        "Mode": changes.get("mode", {"Replicated": {"Replicas": 2}}),
        "EndpointSpec": {"Mode": "vip", "Ports": ports},
    }
    return {
        "ID": f"{name}-id",
        "Version": {"Index": 20},
        "CreatedAt": changes.get("created", "2023-11-14T22:13:20.5Z"),
        "UpdatedAt": "2023-11-14T22:13:21.5Z",
        "Spec": spec,
        "Endpoint": {
            "Spec": {"Mode": "vip", "Ports": ports},
            "Ports": ports,
            "VirtualIPs": [{"NetworkID": "edge-id", "Addr": "10.77.1.2/24"}],
        },
    }


def published(target: int, at: int, mode: str = "ingress") -> dict[str, Any]:
    """A published port of a service or a task."""
    return {"Protocol": "tcp", "TargetPort": target, "PublishedPort": at, "PublishMode": mode}


def attachment(name: str, *addresses: str, driver: str = "overlay", ingress: bool = False) -> dict[str, Any]:
    """A network of a task, with its addresses there."""
    spec = {"Name": name, "Labels": {}, "DriverConfiguration": {"Name": driver}, "Scope": "swarm"}
    network = {
        "ID": f"{name}-id",
        "Spec": spec | ({"Ingress": True} if ingress else {}),
        "DriverState": {"Name": driver},
    }
    return {"Network": network, "Addresses": list(addresses)} if addresses else {"Network": network}


def task(of: str, slot: int, address: str = "10.77.1.3/24", **changes: Any) -> dict[str, Any]:
    """A task of that service. `id`, `state`, `desired`, `node`, `networks`, `ports`; slot 0 for a global one."""
    found = {
        "ID": changes.get("id", f"{of}-{slot}-id"),
        "Version": {"Index": changes.get("version", 42)},
        "UpdatedAt": changes.get("updated", "2023-11-14T22:13:22Z"),
        "ServiceID": f"{of}-id",
        "NodeID": changes.get("node", "node-1-id"),
        "Status": {
            "Timestamp": "2023-11-14T22:13:22Z",
            "State": changes.get("state", "running"),
            "ContainerStatus": {"ContainerID": "c" * 64, "PID": 11334, "ExitCode": 0},
            "PortStatus": {"Ports": changes["ports"]} if "ports" in changes else {},
        },
        "DesiredState": changes.get("desired", "running"),
        "NetworksAttachments": changes.get("networks", [attachment("edge", address)]),
    }
    return found | {"Slot": slot} if slot else found


def node(name: str, address: str = "192.0.2.1", **changes: Any) -> dict[str, Any]:
    """A node. `manager`: the address at which others join it."""
    found = {
        "ID": f"{name}-id",
        "Spec": {"Role": "worker", "Availability": "active"},
        "Description": {"Hostname": name},
        "Status": {"State": "ready", "Addr": address},
    }
    return found | {"ManagerStatus": {"Leader": True, "Addr": changes["manager"]}} if "manager" in changes else found


class FakeManager(FakeClient):
    """An engine that is a manager of `held_services`, `held_tasks` and `held_nodes`."""

    def __init__(self, *services: dict[str, Any], tasks: tuple[dict[str, Any], ...] = ()) -> None:
        super().__init__()
        self.held_services = list(services)
        self.held_tasks = list(tasks)
        self.held_nodes = [node("node-1")]
        self.filters: Any = None

    def services(self) -> Any:
        self._answer()
        return self.held_services

    def tasks(self, filters: Any) -> Any:
        self._answer()
        self.filters = filters
        return [one for one in self.held_tasks if one["ServiceID"] in filters["service"]]

    def nodes(self) -> Any:
        self._answer()
        return self.held_nodes

    def announce(self, kind: str, action: str, name: str, **attributes: str) -> None:
        """One event of the cluster, or of a container of this node."""
        actor = {"ID": f"{name}-id", "Attributes": {"name": name} | attributes}
        self.streams[-1].events.put({"Type": kind, "Action": action, "Actor": actor, "timeNano": 10**18})


class NoManager(FakeManager):
    """An engine that refuses as dockerd does, in these words."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said

    def services(self) -> Any:
        raise APIError("503 Server Error", explanation=self.said)
