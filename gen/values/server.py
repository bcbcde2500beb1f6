"""Where a server is that is no container: an address or a name with a port, and how to speak to it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Self

from gen.errors import BadValue
from gen.values.amounts import integer
from gen.values.net import Host

_KIND: Final = "a server"
_EXAMPLE: Final = "10.0.0.5:8080"
_PORTS: Final = {"http": 80, "https": 443, "h2c": 80, "grpc": 80, "grpcs": 443, "fastcgi": 9000, "uwsgi": 3031}
"""By protocol, where none is written."""
_PARTS = re.compile(
    r"(?:(?P<protocol>[a-z0-9]+)://)?(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]/:@?#\s]+))(?::(?P<port>[0-9]+))?/?"
)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """`10.0.0.5:8080`, `[fd00::5]:8080`, `nas.lan:5000`, or as a URL without a path: `https://10.0.0.5`. `protocol` is
    empty where none is written; then the port has to be."""

    host: str
    port: int
    protocol: str = ""
    is_name: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        found = _PARTS.fullmatch(text)
        protocol = (found["protocol"] if found else None) or ""
        if found is None or (protocol and protocol not in _PORTS):
            raise BadValue(text, _KIND, _EXAMPLE, f"or https://10.0.0.5; {', '.join(_PORTS)} without a path")
        if not found["port"] and not protocol:
            raise BadValue(text, _KIND, _EXAMPLE, "it has no port")
        port = integer(found["port"], least=1, most=65535) if found["port"] else _PORTS[protocol]
        host, is_name = _host(found["v6"] or found["host"], text, is_v6=bool(found["v6"]))
        return cls(host, port, protocol, is_name)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}://{host}:{self.port}" if self.protocol else f"{host}:{self.port}"


def host_of(written: str, text: str) -> str | None:
    """An address or a name alone; None where it is neither."""
    try:
        return _host(written, text, is_v6=":" in written)[0]
    except (BadValue, ValueError):
        return None


def _host(written: str, text: str, *, is_v6: bool) -> tuple[str, bool]:
    """An address in its usual spelling, or a name; what only looks like an address is neither."""
    try:
        return str(ipaddress.IPv6Address(written) if is_v6 else ipaddress.IPv4Address(written)), False
    except ValueError:
        pass
    name = None if is_v6 or re.fullmatch(r"[0-9.]+", written) else Host.parse(written)
    if name is None or name.kind != "exact":
        raise BadValue(text, _KIND, _EXAMPLE)
    return name.text, True
