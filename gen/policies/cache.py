"""cache: answers that are kept and given again (RFC 9111)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy
from gen.options import option
from gen.values import CookieName, Duration, HeaderName, Key, Name, Size, StatusTtl


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache(Policy):
    """Answers to GET and HEAD are stored and given again. `X-Cache-Status` tells: MISS, HIT, STALE, BYPASS….

    What the workload says of itself (Cache-Control, Expires, Set-Cookie, Vary) comes before `ttl`. Answers to requests
    with credentials (an Authorization or a Cookie header) or with a body are neither stored nor taken from the store.
    The body of a request is read before the workload gets it.
    """

    name: ClassVar[str] = "cache"
    needs: ClassVar[str] = "a zone of the setting `cache_zones`"

    ttl: tuple[StatusTtl, ...] = option(
        default=(), main=True, help="How long answers stay fresh where they do not say so.", example="10m, 404:1m"
    )
    zone: Name = option(default=Name("default"), help="The operator's cache zone to use.", example="images")
    key: tuple[Key, ...] = option(
        default=(Key("host"), Key("uri")),
        help="What tells stored answers apart, beside scheme, method and route.",
        example="host, path, header:Accept-Language",
    )
    bypass: tuple[HeaderName, ...] = option(
        default=(), help="Requests with one of these headers get a new answer, which is stored.", example="X-Refresh"
    )
    ignore_cookies: tuple[CookieName, ...] = option(
        default=(),
        help="Cookies that are no credentials: a request that has only these may be answered from the store.",
        example="_ga, theme",
    )
    stale_while_revalidate: Duration = option(
        default=Duration(0), help="A stale answer may be given while a new one is fetched; 0: no.", example="30s"
    )
    stale_if_error: Duration = option(
        default=Duration(0), help="A stale answer may be given when the workload fails; 0: no.", example="1h"
    )
    size: Size = option(default=Size(0), help="Larger answers are not stored; 0: no limit.", example="10m")
    lock: bool = option(default=True, help="Of several equal requests only one goes to the workload.", example="off")

    def check(self) -> str:
        if len(self.ignore_cookies) > 30 or len(self.key) > 20 or len(self.bypass) > 30:
            return "more than 30 cookies or headers, or a key of more than 20 parts"
        statuses = [ttl.status for ttl in self.ttl]
        if len(set(statuses)) != len(statuses):
            return "ttl names a status twice"
        return "" if self.key else "key is empty, so that all requests would get one answer"
