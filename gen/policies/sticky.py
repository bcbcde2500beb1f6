"""sticky: one client, one server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from gen.model import Policy
from gen.options import option
from gen.values import CookieName, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Sticky(Policy):
    """A client stays with the server that it got first, by a cookie, for as long as that server is there."""

    name: ClassVar[str] = "sticky"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"

    cookie: CookieName = option(main=True, help="The cookie's name.", example="fairway_server")
    secure: bool = option(default=False, help="Only over TLS.", example="on")
    same_site: Literal["lax", "strict", "none"] = option(
        default="lax", help="When browsers send it from other sites (RFC 6265bis §5.6.7).", example="strict"
    )
    max_age: Duration = option(default=Duration(0), help="How long it lives; 0: while the browser runs.", example="1d")

    def check(self) -> str:
        return "same_site none needs secure" if self.same_site == "none" and not self.secure else ""
