"""What the operator names in one word: a listener, an address with a port, room for cached answers."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Self

from gen.errors import BadValue
from gen.values.amounts import Duration, Size, integer
from gen.values.text import Name


@dataclass(frozen=True, slots=True)
class Listen:
    """A listener: `web=80`, `websecure=443/tls`, `inside=127.0.0.1:8080`, `six=[::1]:8080`."""

    name: str
    port: int
    address: str = ""
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        name, _, place = text.partition("=")
        found = re.fullmatch(r"(?:(\[[0-9A-Fa-f:]+\]|[0-9.]+):)?([0-9]{1,5})(/tls)?", place)
        if found is None:
            raise BadValue(text, "a listener", "web=80 or websecure=443/tls")
        port = integer(found[2], least=1, most=65535)
        return cls(Name.parse(name), port, (found[1] or "").strip("[]"), bool(found[3]))


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """An address of this machine and a port: `127.0.0.1:8404`, `[::1]:8404`; `0.0.0.0:8404` is all of IPv4."""

    address: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            found = Listen.parse(f"place={text}")
            address = str(ipaddress.ip_address(found.address))
        except ValueError:
            raise BadValue(text, "an address with a port", "127.0.0.1:8404") from None
        if found.tls:
            raise BadValue(text, "an address with a port", "127.0.0.1:8404")
        return cls(address, found.port)

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class CacheZone:
    """Room on disk for cached answers: `default=1g`, `images=10g/7d`; the time is how long unused ones stay."""

    name: str
    size: Size
    inactive: Duration

    @classmethod
    def parse(cls, text: str) -> Self:
        name, equals, rest = text.partition("=")
        size, slash, inactive = rest.partition("/")
        if not equals:
            raise BadValue(text, "a cache zone", "default=1g/7d")
        return cls(Name.parse(name), Size.parse(size), Duration.parse(inactive if slash else "7d"))
