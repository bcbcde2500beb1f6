"""health_check: ask the servers themselves whether they are well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from gen.errors import BadValue
from gen.model import Policy
from gen.options import option
from gen.values import Duration, Host, Method, plain
from gen.values.amounts import Status

_HTTP_ONLY = ("path", "expect", "method", "host")


class CheckPath(str):
    """The path that a check asks for, with its query: `/healthz`, `/ready?full=1`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"/[!-~]{0,999}", text) is None or "#" in text:
            raise BadValue(text, "a path to ask for", "/healthz", "it begins with a slash and is written as in a URL")
        return cls(text)


@dataclass(frozen=True, slots=True)
class Expect:
    """A status or a range of them, `200` or `200-399`, or `~text`: a part of the answer's body."""

    first: int = 0
    last: int = 0
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        if text.startswith("~") and text != "~" and len(text) <= 200:
            return cls(text=plain(text[1:], "a part of an answer", "~ready"))
        first, dash, last = text.partition("-")
        try:
            found = cls(Status.parse(first.strip()).code, Status.parse((last if dash else first).strip()).code)
        except BadValue:
            raise BadValue(text, "an answer to expect", "200, 200-399 or ~ready") from None
        if found.last < found.first:
            raise BadValue(text, "a range of statuses", "200-399", "it ends before it begins")
        return found

    def __str__(self) -> str:
        if self.text:
            return f"~{self.text}"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck(Policy):
    """The proxy asks every server again and again, and sends requests only to those that answer well."""

    name: ClassVar[str] = "health_check"
    place: ClassVar[Literal["route", "upstream"]] = "upstream"

    path: CheckPath = option(
        default=CheckPath("/"), main=True, help="What a check of the kind http asks for.", example="/healthz"
    )
    kind: Literal["http", "tcp", "grpc", "agent"] = option(
        default="http",
        help="http: a request. tcp: a connection, over TLS where the protocol has it. grpc: the standard gRPC health "
        "service. agent: a line of text that an agent beside the server writes (`up`, `down`, `drain`, `50%`).",
        example="tcp",
    )
    interval: Duration = option(default=Duration(2_000), help="The time between two checks.", example="5s")
    timeout: Duration = option(default=Duration(2_000), help="How long an answer may take.", example="1s")
    rise: int = option(default=2, bounds=(1, 100), help="So many good checks bring a server back.", example="1")
    fall: int = option(default=3, bounds=(1, 100), help="So many bad checks take a server out.", example="2")
    expect: tuple[Expect, ...] = option(
        default=(Expect(200, 399),),
        help="The statuses that are good, and with `~` what the body has to hold.",
        example="200, 204, ~ready",
    )
    method: Method = option(default=Method("GET"), help="The request's method.", example="HEAD")
    host: Host | None = option(
        default=None, help="The request's Host header; `localhost` by default.", example="shop.example.com"
    )
    port: int = option(
        default=0,
        bounds=(1, 65535),
        help="The port to check, where it is not the server's own; http and tcp are then spoken without TLS.",
        example="8081",
    )

    def check(self) -> str:
        if self.interval.milliseconds < 100 or not self.timeout.milliseconds:
            return "interval is less than 100ms, or timeout is 0"
        if max(self.interval, self.timeout) > Duration(86_400_000):
            return "interval or timeout is more than a day"
        if self.method == "HEAD" and self.texts:
            return "an answer to HEAD has no body to look into; write method GET"
        if self.kind == "agent" and not self.port:
            return "kind agent needs port: where the agent listens"
        own = [name for name in _HTTP_ONLY if getattr(self, name) != HealthCheck.__dataclass_fields__[name].default]
        if own and self.kind != "http":
            return f"{', '.join(own)}: only a check of the kind http has that"
        if self.host is not None and self.host.kind != "exact":
            return f"host {str(self.host)!r} is not one host; write for example shop.example.com"
        return "" if self.method in ("GET", "HEAD", "OPTIONS") else "a check asks with GET, HEAD or OPTIONS"

    @property
    def statuses(self) -> tuple[Expect, ...]:
        """The statuses that are good; all below 400 where none is named."""
        return tuple(each for each in self.expect if not each.text) or (Expect(200, 399),)

    @property
    def texts(self) -> tuple[str, ...]:
        """What the body has to hold."""
        return tuple(each.text for each in self.expect if each.text)
