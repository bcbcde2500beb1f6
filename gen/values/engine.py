"""Another Docker Engine, as the operator names it: `lab=ssh://deploy@lab.example`, `lab@10.0.0.5=ssh://deploy@lab`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from gen.errors import BadValue
from gen.values.server import host_of

_KIND: Final = "an engine"
_EXAMPLE: Final = "lab=ssh://deploy@lab.example"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_LOCAL: Final = ("unix", "npipe")


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """A name and the URL of a Docker Engine: `lab=ssh://deploy@lab.example`. The proxy reaches the ports that its
    containers publish at the host of the URL, or where `@` says: `lab@10.0.0.5=ssh://deploy@lab.example`."""

    name: str
    url: str
    published_at: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        named, _, url = text.partition("=")
        name, at, address = named.partition("@")
        if not _NAME.fullmatch(name) or not re.match(r"[a-z]+://\S", url):
            raise BadValue(text, _KIND, _EXAMPLE)
        found = host_of(address.strip("[]"), text) if address else _host(url, text)
        if found is None or (at and not address):
            raise BadValue(text, _KIND, "lab@10.0.0.5=ssh://deploy@lab.example", "the host is no address and no name")
        return cls(name, url, found)

    def __str__(self) -> str:
        address = f"@{self.published_at}" if self.published_at != _host(self.url, self.url) else ""
        return f"{self.name}{address}={self.url}"


def _host(url: str, text: str) -> str | None:
    """The host of a URL, empty for a socket of this machine; None where it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme in _LOCAL:
        return ""
    return host_of(parts.hostname, text) if parts.hostname else None


def twice(engines: Sequence[EngineAddress]) -> str:
    """The name that two of them have; empty where none has."""
    names = [engine.name for engine in engines]
    return next((name for name in names if names.count(name) > 1), "")
