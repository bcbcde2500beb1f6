"""ip_allow: who may come in, by address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy, Transport
from gen.options import option
from gen.values import Cidr


@dataclass(frozen=True, slots=True, kw_only=True)
class IpAllow(Policy):
    """Only clients of these networks are served; all others get 403 or, from a TCP route, nothing. Behind a trusted
    proxy it is the real client that counts."""

    name: ClassVar[str] = "ip_allow"
    transports: ClassVar[tuple[Transport, ...]] = ("tcp", "udp")
    guards: ClassVar[bool] = True

    from_: tuple[Cidr, ...] = option(
        main=True, help="The networks that may come in.", example="10.0.0.0/8, 2001:db8::/32"
    )

    def check(self) -> str:
        return "" if self.from_ else "from is empty, so that nobody could come in; name a network"
