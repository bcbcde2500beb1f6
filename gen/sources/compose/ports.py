"""`ports` and `expose` of a service → Ports, in the short and the long syntax of the compose specification.

A port decides where traffic goes, so one that cannot be read is an error: a guess could open another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from gen.errors import BadValue
from gen.sources.compose.report import Report
from gen.sources.compose.tree import Node, Scalar, Sequence, Table, shown
from gen.state import Port

_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_PROTOCOLS = ("tcp", "udp", "sctp")
_HIGHEST = 65535
_LONG = 64
"""Exposed ranges of more ports stay one Port with a first and a last number."""


def read_ports(service: Table, report: Report) -> tuple[Port, ...]:
    """All ports by number, each host port once; an exposed port that is also published appears only as published."""
    found: dict[tuple[object, ...], Port] = {}
    for item in _items(service, "ports", report):
        for port in _checked(item, "ports", report):
            found[port.host_ip, port.number, port.host_port, port.protocol] = port
    published = {(port.number, port.protocol) for port in found.values()}
    for item in _items(service, "expose", report):
        for port in _checked(item, "expose", report):
            if (port.number, port.protocol) not in published:
                found["", port.number, 0, port.protocol] = port
    return tuple(sorted(found.values(), key=_order))


def _order(port: Port) -> tuple[int, str, str, int, str]:
    return (port.number, port.protocol, port.host_ip, port.host_port, port.name)


def _items(service: Table, key: str, report: Report) -> tuple[Node, ...]:
    node = service.find(key)
    if node is None or isinstance(node, Sequence):
        return node.items if node else ()
    report.error(node.place, key, f"found {shown(node)}; write a list of ports")
    return ()


def _checked(item: Node, key: str, report: Report) -> tuple[Port, ...]:
    try:
        return tuple(_exposed(item) if key == "expose" else _published(item))
    except BadValue as error:
        report.error(item.place, key, str(error.hidden() if _is_hidden(item) else error))
        return ()


def _is_hidden(item: Node) -> bool:
    """Whether a part of it came out of a variable."""
    nodes = [entry.value for entry in item.entries.values()] if isinstance(item, Table) else [item]
    return any(isinstance(node, Scalar) and node.variables for node in nodes)


def _exposed(item: Node) -> Iterator[Port]:
    text = _text(item, "a port", "8080")
    numbers, protocol = _with_protocol(text)
    found = _numbers(numbers, text)
    if len(found) > _LONG:
        yield Port(number=found[0], protocol=protocol, last=found[-1])
        return
    for number in found:
        yield Port(number=number, protocol=protocol)


def _published(item: Node) -> Iterator[Port]:
    if isinstance(item, Table):
        yield _long(item)
    else:
        yield from _short(_text(item, "a port", "8080:80"))


def _short(text: str) -> Iterator[Port]:
    """`[[host ip:]host port or range:]container port or range[/protocol]`."""
    rest, protocol = _with_protocol(text)
    rest, _, container = rest.rpartition(":")
    host_ip, _, host = rest.rpartition(":")
    numbers = _numbers(container, text)
    if host_ip and not _is_address(host_ip.strip("[]")):
        raise BadValue(text, "a port", "127.0.0.1:8080:80", f"{host_ip} is not an IP address")
    for number, host_port in zip(numbers, _host_ports(host, len(numbers), text), strict=True):
        yield Port(number=number, protocol=protocol, host_ip=host_ip.strip("[]"), host_port=host_port)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _long(item: Table) -> Port:
    """`target`, `published`, `host_ip`, `protocol`, `name`."""
    if item.find("target") is None:
        raise BadValue("a mapping", "a port", "target: 80", "it has no target")
    fields = {key: _field(item, key) for key in ("target", "published", "host_ip", "protocol", "name")}
    numbers = _numbers(fields["target"], fields["target"])
    if len(numbers) > 1:
        raise BadValue(fields["target"], "a single port", "80", "a target is no range")
    return Port(
        number=numbers[0],
        protocol=_protocol(fields["protocol"] or "tcp"),
        name=fields["name"],
        host_ip=fields["host_ip"],
        host_port=_host_ports(fields["published"], 1, fields["published"])[0],
    )


def _field(item: Table, key: str) -> str:
    node = item.find(key)
    return "" if node is None else _text(node, f"a value of {key}", "80")


def _text(node: Node, kind: str, example: str) -> str:
    if isinstance(node, Scalar) and not node.is_null:
        return node.text
    raise BadValue(shown(node), kind, example)


def _with_protocol(text: str) -> tuple[str, str]:
    numbers, _, protocol = text.partition("/")
    return numbers, _protocol(protocol or "tcp")


def _protocol(text: str) -> str:
    if text.lower() not in _PROTOCOLS:
        raise BadValue(text, f"a protocol of {', '.join(_PROTOCOLS)}", "80/tcp")
    return text.lower()


def _numbers(text: str, shown_as: str, lowest: int = 1) -> range:
    """`80` or `8000-8010`, each from `lowest` to 65535."""
    match = _RANGE.fullmatch(text)
    if match is None:
        raise BadValue(shown_as, "a port", "8080:80")
    first, last = int(match[1]), int(match[2] or match[1])
    if first < lowest or last > _HIGHEST:
        raise BadValue(shown_as, "a port", "8080:80", f"{text} is not within {lowest} and {_HIGHEST}")
    if first > last:
        raise BadValue(shown_as, "a range of ports", "8000-8010", "it goes backwards")
    return range(first, last + 1)


def _host_ports(text: str, count: int, shown_as: str) -> tuple[int, ...]:
    """One host port per container port, 0 where the engine picks: none given, or a range for a single port."""
    if not text:
        return (0,) * count
    numbers = _numbers(text, shown_as, lowest=0)
    if len(numbers) == count:
        return tuple(numbers)
    if count == 1:
        return (0,)
    raise BadValue(shown_as, "a pair of ranges", "8000-8001:80-81", f"{len(numbers)} host ports for {count} ports")
