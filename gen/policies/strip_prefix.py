"""strip_prefix: take the front off the path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from gen.errors import BadValue
from gen.model import Policy
from gen.options import option
from gen.values import Path


@dataclass(frozen=True, slots=True)
class Prefix:
    """A path prefix by whole segments, never the root."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        path = Path.parse(text)
        if path.kind != "prefix" or not path.text:
            raise BadValue(text, "a prefix", "/api")
        return cls(path.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class StripPrefix(Policy):
    """The workload sees the path without this prefix, and the prefix in X-Forwarded-Prefix. The rest of the path is
    sent decoded, normalised and encoded again. Paths that do not begin with it stay as they are."""

    name: ClassVar[str] = "strip_prefix"

    path: Prefix = option(main=True, help="The prefix to take off.", example="/api")
