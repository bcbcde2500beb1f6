"""redirect: go there instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from gen.errors import BadValue
from gen.model import Policy
from gen.options import option
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
    question mark left out, `$query` the raw query."""

    name: ClassVar[str] = "redirect"

    to: Target = option(main=True, help="An address, or one of https, www, apex.", example="https://example.com$path")
    code: Literal["301", "302", "303", "307", "308"] = option(default="308", help="The status.", example="302")
