"""Observe: a file that declares routes to what is no container → workloads, as if their labels had been read.

    routes:
      nas:
        servers: [192.168.1.10:5000, 192.168.1.11:5000]
        host: nas.example.com
        rate_limit: {rate: 10/s, burst: 20}

Below a name stands what labels say, without `fairway.`; a list is one label with commas. Pure: text in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import yaml

from gen.entries import ROUTES
from gen.errors import BadValue, Origin, Problem
from gen.state import Address, Instance, Label, Port, Workload
from gen.values import ServerAddress

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_SERVERS: Final = "servers"
_DEEPEST: Final = 8
_MOST_LABELS: Final = 1000
"""Of one workload: aliases in YAML multiply."""
_PREFIX: Final = "fairway."


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What one file says: workloads in its order, and what is wrong with it. Not `is_usable`: it is no file of routes,
    or is empty, as one is that is just being written."""

    is_usable: bool = True
    workloads: tuple[Workload, ...] = ()
    problems: tuple[Problem, ...] = ()


def read(text: str, file: str, *, whole: bool = True) -> Declared:
    """The routes of a file; where it is no `whole` file of routes, other keys are somebody else's. Raises
    yaml.YAMLError where it is not YAML."""
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    reading = _Reading(file)
    if document is None:
        return Declared(is_usable=not whole)
    if not isinstance(document, yaml.MappingNode):
        reading.unusable(document, "", f"a file of routes is a mapping; write for example `{ROUTES}: {{nas: …}}`")
        return reading.done()
    is_ours = any(key.value == ROUTES for key, _ in document.value)
    for key, value in document.value:
        if key.value == ROUTES:
            reading.routes(value)
        elif whole:  # the keys of another file may be secrets
            shown = str(key.value) if is_ours or get_close_matches(str(key.value), [ROUTES], cutoff=0.5) else ""
            reading.wrong(key, shown, f"a file of routes has the key {ROUTES} alone")
    return reading.done()


@dataclass(slots=True)
class _Reading:
    """One file on its way."""

    file: str
    workloads: dict[str, Workload] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_usable: bool = True

    def done(self) -> Declared:
        workloads, problems = tuple(self.workloads.values()), tuple(self.problems)
        return Declared(is_usable=self.is_usable, workloads=workloads, problems=problems)

    def unusable(self, node: Any, key: str, message: str) -> None:
        self.is_usable = False
        self.wrong(node, key, message)

    def wrong(self, node: Any, key: str, message: str, *, workload: str = "") -> None:
        mark = node.start_mark
        origin = Origin(
            source="file", workload=workload, key=key, file=self.file, line=mark.line + 1, column=mark.column + 1
        )
        self.problems.append(Problem(severity="error", origin=origin, message=message))

    def routes(self, node: Any) -> None:
        if not isinstance(node, yaml.MappingNode):
            self.unusable(
                node, ROUTES, f"{ROUTES} is a mapping of names; write for example `nas: {{servers: 10.0.0.5:80, …}}`"
            )
            return
        for key, value in node.value:
            name = str(key.value)
            if not _NAME.fullmatch(name):
                self.wrong(key, ROUTES, f"{name[:63]!r} is not a name; write letters, digits, `-`, `_` and `.`")
            elif name in self.workloads:
                self.wrong(key, ROUTES, "this name stands here twice; the first counts", workload=name)
            elif not isinstance(value, yaml.MappingNode):
                self.wrong(
                    value, ROUTES, "options are a mapping; write for example `host: nas.example.com`", workload=name
                )
            else:
                self.workloads[name] = self._workload(name, value)

    def _workload(self, name: str, node: Any) -> Workload:
        labels: dict[str, Label] = {}
        servers: list[tuple[Any, ServerAddress]] = []
        for key, value in node.value:
            if key.value == _SERVERS:
                servers += self._servers(name, value)
            else:
                for label in self._labels(name, f"{_PREFIX}{key.value}", (key, value)):
                    if labels.setdefault(label.key, label) is not label:
                        self.wrong(key, label.key, "it stands here twice; the first counts", workload=name)
                    if len(labels) > _MOST_LABELS:
                        self.wrong(key, label.key, f"it has more than {_MOST_LABELS} options", workload=name)
                        return Workload(id=f"file:{name}", name=name, kind="file")
        if not any(key.value == _SERVERS for key, _ in node.value):
            self.wrong(node, _SERVERS, "nobody answers; write for example servers: [10.0.0.5:8080]", workload=name)
        protocol = self._protocol(name, servers)
        if protocol is not None and labels.setdefault(protocol.key, protocol).value != protocol.value:
            said = f"its servers are of {protocol.value}, its protocol is {labels[protocol.key].value}; that one counts"
            self.wrong(node, _SERVERS, said, workload=name)
        instances = {one.id: one for one in (_instance(name, address) for _, address in servers)}
        return Workload(
            id=f"file:{name}",
            name=name,
            kind="file",
            labels=tuple(labels[key] for key in sorted(labels)),
            instances=tuple(sorted(instances.values(), key=lambda one: one.name)),
        )

    def _servers(self, name: str, node: Any) -> Iterator[tuple[Any, ServerAddress]]:
        for item in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            try:
                if not isinstance(item, yaml.ScalarNode):
                    raise BadValue("a mapping or a list", "a server", "10.0.0.5:8080")
                yield item, ServerAddress.parse(str(item.value))
            except BadValue as error:
                self.wrong(item, _SERVERS, str(error), workload=name)

    def _protocol(self, name: str, servers: list[tuple[Any, ServerAddress]]) -> Label | None:
        """What URLs say of how to speak to the servers; one upstream speaks one protocol."""
        said = {address.protocol: node for node, address in servers if address.protocol}
        for protocol, node in list(said.items())[1:]:
            self.wrong(node, _SERVERS, f"{protocol}: its servers speak {next(iter(said))} already", workload=name)
        return self._label("fairway.protocol", next(iter(said)), next(iter(said.values()))) if said else None

    def _labels(self, name: str, key: str, pair: tuple[Any, Any]) -> Iterator[Label]:
        """One label for a scalar or a list, one for each leaf of a mapping. `pair`: where it stands, and what does."""
        at, node = pair
        if isinstance(node, yaml.ScalarNode):
            yield self._label(key, str(node.value), node)
        elif isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
            items = ('"' + str(item.value).replace('"', '""') + '"' for item in node.value)
            yield self._label(key, ",".join(items), node)
        elif isinstance(node, yaml.MappingNode) and node.value and key.count(".") < _DEEPEST:
            for inner, value in node.value:
                yield from self._labels(name, f"{key}.{inner.value}", (inner, value))
        else:
            self.wrong(at, key, "this is neither a text, a list of texts, nor options by name", workload=name)

    def _label(self, key: str, value: str, node: Any) -> Label:
        mark = node.start_mark
        return Label(key=key, value=value, file=self.file, line=mark.line + 1, column=mark.column + 1)


def _instance(name: str, address: ServerAddress) -> Instance:
    """A server listens for whatever is asked of it: TCP or UDP."""
    ports = tuple(Port(number=address.port, protocol=protocol) for protocol in ("tcp", "udp"))
    place = f"{address.host}:{address.port}"
    return Instance(
        id=f"file:{name}:{place}",
        name=f"{name} {place}",
        addresses=(Address(network="", host=address.host, is_name=address.is_name),),
        ports=ports,
    )
