"""proxy_protocol: the workload learns the client's address by the PROXY protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy, Transport
from gen.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyProtocol(Policy):
    """Each connection to the workload begins with a header of the PROXY protocol that names the client, so the workload
    has to expect one. nginx speaks version 1, and for TCP routes only."""

    name: ClassVar[str] = "proxy_protocol"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"
    needs: ClassVar[str] = "for nginx, a TCP route"
    transports: ClassVar[tuple[Transport, ...]] = ("tcp",)

    version: int = option(main=True, bounds=(1, 2), help="1 is text, 2 is binary.", example="1")
