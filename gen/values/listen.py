"""What the operator names in one word: a listener, an address with a port, room for cached answers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

from gen.errors import BadValue
from gen.values.amounts import Duration, Size, integer
from gen.values.text import Name


@dataclass(frozen=True, slots=True)
class Listen:
    """A listener: `web=80`, `websecure=443/tls`, `inside=127.0.0.1:8080`, `six=[::1]:8080`; for TCP and UDP routes
    `postgres=5432/tcp`, `mqtts=8883/tcp/tls`, `dns=53/udp`. With `/proxy` clients have to speak the PROXY
    protocol, which is believed from `trusted_proxies`."""

    name: str
    port: int
    address: str = ""
    tls: bool = False
    protocol: Literal["http", "tcp", "udp"] = "http"
    proxy: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens. One among all addresses of another listener is a place of its own."""
        return (self.address,) if self.address else ("0.0.0.0", "::")

    @classmethod
    def parse(cls, text: str) -> Self:
        name, _, place = text.partition("=")
        found = re.fullmatch(r"(?:(\[[0-9A-Fa-f:]+\]|[0-9.]+):)?([0-9]{1,5})((?:/(?:tcp|udp|tls|proxy))*)", place)
        words = found[3].split("/")[1:] if found else []
        protocols = [word for word in words if word in ("tcp", "udp")]
        if found is None or len(set(words)) != len(words) or len(protocols) > 1:
            raise BadValue(text, "a listener", "web=80, websecure=443/tls or postgres=5432/tcp")
        if "udp" in words and len(words) > 1:
            raise BadValue(text, "a listener", "dns=53/udp", "TLS and the PROXY protocol are for TCP")
        port = integer(found[2], least=1, most=65535)
        try:
            address = str(ipaddress.ip_address(found[1].strip("[]"))) if found[1] else ""
        except ValueError:
            raise BadValue(text, "a listener", "inside=127.0.0.1:8080", f"{found[1]} is no address") from None
        protocol = protocols[0] if protocols else "http"
        return cls(Name.parse(name), port, address, "tls" in words, protocol, "proxy" in words)  # type: ignore[arg-type]

    def takes(self, place: ListenAddress) -> bool:
        """Whether nobody else could have this address and port of TCP."""
        return self.protocol != "udp" and self.port == place.port and self.address in ("", place.address)

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        words = [self.protocol] * (self.protocol != "http") + ["tls"] * self.tls + ["proxy"] * self.proxy
        return f"{self.name}={address}{':' if address else ''}{'/'.join((str(self.port), *words))}"


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """An address of this machine and a port: `127.0.0.1:8404`, `[::1]:8404`; `0.0.0.0:8404` is all of IPv4."""

    address: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        try:
            found = Listen.parse(f"place={text}")
        except BadValue:
            raise BadValue(text, "an address with a port", "127.0.0.1:8404") from None
        if not found.address or found != Listen(found.name, found.port, found.address):
            raise BadValue(text, "an address with a port", "127.0.0.1:8404")
        return cls(found.address, found.port)

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class StatusAddress:
    """Where a daemon answers: an address of this machine with a port, `127.0.0.1:9180`, or `unix:/run/fairway.sock`;
    `off`: nowhere."""

    place: ListenAddress | None = None
    path: str = ""

    @property
    def is_off(self) -> bool:
        """Whether it answers nowhere."""
        return self.place is None and not self.path

    @classmethod
    def parse(cls, text: str) -> Self:
        if text == "off":
            return cls()
        kind, colon, path = text.partition(":")
        if kind == "unix" and colon and path.startswith("/") and text.isprintable():
            return cls(None, path)
        try:
            return cls(ListenAddress.parse(text))
        except BadValue:
            raise BadValue(text, "an address with a port or a unix socket", "127.0.0.1:9180") from None

    def __str__(self) -> str:
        return str(self.place) if self.place else f"unix:{self.path}" if self.path else "off"


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


def clash(listeners: Sequence[Listen]) -> str:
    """Why listeners cannot stand beside one another; empty when they can."""
    names = [listen.name for listen in listeners]
    places = [(each, listen.port, listen.protocol == "udp") for listen in listeners for each in listen.addresses]
    if not names:
        return "there has to be one; write for example web=80"
    if twice := [name for name in names if names.count(name) > 1]:
        return f"two are named {twice[0]!r}; each needs a name of its own"
    if same := [str(place[1]) for place in places if places.count(place) > 1]:
        return f"two of them have the same address and port {same[0]}"
    return ""
