"""Networks of the project, and where each service is on them.

Comes in: the merged project. Goes out: Networks under the names that the engine will give them, and one Attachment
per service: the names under which it answers. A file does not know addresses; the engine's DNS answers to the
service name on every network that the project makes, for all replicas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gen.sources.compose.report import Report
from gen.sources.compose.tree import Node, Scalar, Table, empty, is_null, shown
from gen.state import Address, Network

_TRUE = frozenset({"true", "yes", "on", "y", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "0"})
_NETWORK_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_MAX_HOPS = 16
_DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Where a service is: on the host's network, or at `addresses` by network."""

    addresses: tuple[Address, ...] = ()
    host: bool = False


def read_networks(declared: Table, project: str, report: Report) -> Mapping[str, Network]:
    """The declared networks by key, and `default`, which is always there. What cannot be read is as if absent."""
    networks = {_DEFAULT: Network(id=_DEFAULT, name=f"{project}_{_DEFAULT}")}
    for key, entry in declared.entries.items():
        node = entry.value
        if not isinstance(node, Table):
            if not is_null(node):
                report.warning(node.place, f"networks.{key}", f"found {shown(node)}; write a mapping")
            node = empty(node.place)
        networks[key] = _network(key, node, project, report)
    return networks


def _network(key: str, node: Table, project: str, report: Report) -> Network:
    external = node.find("external")
    if isinstance(external, Table):
        name, is_external = _text(external, "name", key, report), True
    else:
        name, is_external = "", _truth(node, "external", key, report)
    name = _text(node, "name", key, report) or name or (key if is_external else f"{project}_{key}")
    driver = _text(node, "driver", key, report) or "bridge"
    return Network(id=key, name=name, driver=driver, internal=_truth(node, "internal", key, report))


def _text(node: Table, field_name: str, key: str, report: Report) -> str:
    found = node.find(field_name)
    if found is None or isinstance(found, Scalar):
        return found.text if found else ""
    report.warning(found.place, f"networks.{key}.{field_name}", f"found {shown(found)}; write a text")
    return ""


def _truth(node: Table, field_name: str, key: str, report: Report) -> bool:
    text = _text(node, field_name, key, report).lower()
    if text and text not in _TRUE | _FALSE:
        report.warning(node.place, f"networks.{key}.{field_name}", f"{text!r} is not true or false")
    return text in _TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """Finds where services are. `services` are the active ones; each may share the network of another."""

    services: Mapping[str, Table]
    networks: Mapping[str, Network]
    report: Report
    containers: Mapping[str, str] = field(default_factory=dict)
    """Service names by container name."""
    project: str = ""

    def of(self, name: str) -> Attachment:
        """Where the service is. What decides it and cannot be read is an error of that service."""
        return self._follow(name, self.report.about(name), 0)

    def _follow(self, name: str, report: Report, hops: int) -> Attachment:
        service = self.services[name]
        mode = service.find("network_mode")
        if mode is None:
            return Attachment(addresses=self._on_networks(name, service, report))
        if not isinstance(mode, Scalar):
            report.error(mode.place, "network_mode", f"found {shown(mode)}; write for example host")
            return Attachment()
        if service.section("networks").entries:
            report.error(mode.place, "network_mode", "given together with networks; keep one of the two")
        return self._by_mode(name, mode, report, hops=hops)

    def _by_mode(self, name: str, mode: Scalar, report: Report, *, hops: int) -> Attachment:
        kind, _, other = mode.text.partition(":")
        match kind:
            case "host" if not other:
                return Attachment(host=True)
            case "none" if not other:
                return Attachment()
            case "bridge" if not other:
                why = "the engine's default bridge has no names, so nobody can reach the service by its own"
                report.warning(mode.place, "network_mode", why, hint="use networks instead")
                return Attachment()
            case "service":
                return self._shared(mode, other, report, hops=hops)
            case "container" if other in self.containers:
                return self._shared(mode, self.containers[other], report, hops=hops)
            case "container" if other:
                return Attachment(addresses=(Address(network="", host=other, is_name=True),))
            case _ if _NETWORK_NAME.fullmatch(mode.text):
                return Attachment(addresses=(Address(network=mode.text, host=self._container(name), is_name=True),))
        what = f"{shown(mode)} is not host, none, service:NAME, container:NAME or the name of a network"
        report.error(mode.place, "network_mode", what)
        return Attachment()

    def _container(self, name: str) -> str:
        """The name of a container, by which alone it answers on a network that network_mode names."""
        given = (container for container, service in self.containers.items() if service == name)
        return next(given, f"{self.project}-{name}-1")

    def _shared(self, mode: Scalar, other: str, report: Report, *, hops: int) -> Attachment:
        if other not in self.services:
            report.error(mode.place, "network_mode", f"{mode.text!r}: there is no active service {other!r}")
            return Attachment()
        if hops >= _MAX_HOPS:
            report.error(mode.place, "network_mode", f"{mode.text!r}: services share the network in a circle")
            return Attachment()
        return self._follow(other, report, hops + 1)

    def _on_networks(self, name: str, service: Table, report: Report) -> tuple[Address, ...]:
        node = service.find("networks")
        if node is None or (isinstance(node, Table) and not node.entries):
            keys: tuple[str, ...] = (_DEFAULT,)
        elif isinstance(node, Table):
            keys = tuple(key for key, entry in node.entries.items() if self._is_usable(key, entry.value, report))
        else:
            return ()
        names = {self.networks[key].name for key in keys}
        return tuple(Address(network=network, host=name, is_name=True) for network in sorted(names))

    def _is_usable(self, key: str, node: Node, report: Report) -> bool:
        if key not in self.networks:
            declared = ", ".join(sorted(self.networks))
            report.error(node.place, "networks", f"{key!r} is not a network of the project; there are {declared}")
            return False
        if not isinstance(node, Table) and not is_null(node):
            report.error(node.place, f"networks.{key}", f"found {shown(node)}; write a mapping, such as aliases: [a]")
            return False
        return True
