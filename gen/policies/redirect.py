"""redirect: go there instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from gen.errors import BadValue
from gen.model import Policy, Route
from gen.options import option
from gen.settings import Settings
from gen.values import Url


@dataclass(frozen=True, slots=True)
class Target:
    """`https`, `www`, `apex`, or an address in which `$host`, `$path` and `$query` stand for the request's own."""

    preset: Literal["", "https", "www", "apex"]
    parts: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if text in ("https", "www", "apex"):
            return cls(text)  # type: ignore[arg-type]
        url = str(Url.parse(text))
        parts = tuple(part for part in re.split(r"(\$host|\$path|\$query)", url) if part)
        if len(parts) > 40:
            raise BadValue(text, "an address", "https://example.com$path", "at most 20 of $host, $path and $query")
        if any("$" in part for part in parts if part not in ("$host", "$path", "$query")):
            raise BadValue(text, "an address", "https://example.com$path", "only $host, $path and $query are known")
        if url.startswith(("/$path", "/$query")):
            raise BadValue(text, "an address", "/new$path", "two slashes at its start would lead to another host")
        authority = re.match(r"https?://([^/]*)", url)
        if (
            authority
            and ("$path" in authority[1] or "$query" in authority[1])
            and not re.match(r"https?://[A-Za-z0-9.:$-]*[A-Za-z0-9](?:\$path|$)", url)
        ):
            raise BadValue(text, "an address", "https://example.com$path", "the host has to be fixed or $host")
        return cls("", parts)

    def __str__(self) -> str:
        return self.preset or "".join(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(Policy):
    """Requests are answered with a redirect; nothing reaches the workload. `$path` is the raw path with its query's
    question mark left out, `$query` the raw query. `https` concerns requests that came over http: the others, and those
    of which a trusted proxy says `X-Forwarded-Proto: https`, are served. It comes before all other policies, so that no
    password is sent without TLS."""

    name: ClassVar[str] = "redirect"

    to: Target = option(main=True, help="An address, or one of https, www, apex.", example="https://example.com$path")
    code: Literal["301", "302", "303", "307", "308"] = option(default="308", help="The status.", example="302")


def is_to_https(policy: Policy) -> bool:
    """Return True for a redirect to the same address over https."""
    return isinstance(policy, Redirect) and policy.to.preset == "https"


def https_first(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """The policies in their order, behind a redirect to https where there is one."""
    return tuple(sorted(policies, key=lambda policy: not is_to_https(policy)))


def last_redirect(route: Route, settings: Settings) -> Redirect | None:
    """The redirect that answers every request that reaches it; None where requests may pass to the servers.

    A redirect to https lets those pass that count as https: they came over TLS, or a trusted proxy says so.
    """
    for policy in route.policies:
        if isinstance(policy, Redirect) and not (is_to_https(policy) and _sees_https(route, settings)):
            return policy
    return None


def _sees_https(route: Route, settings: Settings) -> bool:
    with_tls = {listen.name for listen in settings.listeners if listen.tls}
    return bool(settings.trusted_proxies) or not with_tls.isdisjoint(route.listeners)
