"""sticky: one client, one server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import CookieName, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Sticky(Policy):
    """A client stays with the server that it got first, by a cookie or by its address, for as long as that server is
    there. By address, clients behind one gateway get one server."""

    name: ClassVar[str] = "sticky"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"

    cookie: CookieName = option(
        default=CookieName("fairway_server"), main=True, help="The cookie's name.", example="seat"
    )
    by: Literal["cookie", "source"] = option(
        default="cookie", help="What tells clients apart: a cookie of ours, or the address.", example="source"
    )
    secure: bool = option(default=False, help="Only over TLS.", example="on")
    same_site: Literal["lax", "strict", "none"] = option(
        default="lax", help="When browsers send it from other sites (RFC 6265bis §5.6.7).", example="strict"
    )
    max_age: Duration = option(default=Duration(0), help="How long it lives; 0: while the browser runs.", example="1d")
    max_idle: Duration = option(
        default=Duration(0),
        help="Who stays away longer may get another server; 0: no such end for cookies, 30m for addresses.",
        example="1h",
    )

    def check(self) -> str:
        if self.by == "source" and self != Sticky(by="source", max_idle=self.max_idle):
            return "by source has no cookie, so it goes together with max_idle alone"
        if any(0 < time.milliseconds < 1000 for time in (self.max_age, self.max_idle)):
            return "a time is under 1s; browsers count whole seconds"
        return "same_site none needs secure" if self.same_site == "none" and not self.secure else ""
