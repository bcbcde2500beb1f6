"""upstream_tls: whether a server is the one that it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import Host, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamTls(Policy):
    """Servers that speak TLS (protocol https or grpcs) have to show a certificate for their name by an authority that
    is trusted; who does not gets no requests, and the client 502 or 503. Without this policy TLS to servers is not
    verified."""

    name: ClassVar[str] = "upstream_tls"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"
    guards: ClassVar[bool] = True
    needs: ClassVar[str] = "the protocol `https` or `grpcs`, and a file of the setting `ca_files`"

    verify: bool = option(default=True, main=True, help="Whether to ask for a trusted certificate.", example="on")
    ca: Name = option(
        default=Name("ca-certificates.crt"),
        help="Whose certificates are trusted: a file of the operator's `ca_files` directory.",
        example="internal.pem",
    )
    name_: Host | None = option(
        default=None,
        help="The name that is asked for and verified; the request's host by default.",
        example="db.internal",
    )

    def check(self) -> str:
        wrong = self.name_ is not None and self.name_.kind != "exact"
        return f"name {str(self.name_)!r} is not one host; write for example shop.internal" if wrong else ""
