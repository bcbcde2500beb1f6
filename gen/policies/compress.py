"""compress: fewer bytes for the client."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from gen.errors import BadValue
from gen.model import Policy
from gen.options import option
from gen.values import Size

_USUAL = (
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/wasm",
    "application/xml",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/xml",
)


class MediaType(str):
    """A media type (RFC 9110 §8.3.1) without parameters, or `usual`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if text.lower() in ("usual", "on", "yes", "true"):
            return cls("usual")
        if re.fullmatch(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]*", text.lower()) is None or len(text) > 46:
            raise BadValue(text, "a media type of at most 46 characters", "text/css, or usual")
        return cls(text.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Compress(Policy):
    """Answers of these types are compressed where the client takes it (gzip)."""

    name: ClassVar[str] = "compress"

    types: tuple[MediaType, ...] = option(
        default=(MediaType("usual"),),
        main=True,
        help="The media types to compress; `usual` stands for text, scripts, JSON, XML and SVG.",
        example="text/html, application/json",
    )
    min: Size = option(default=Size(1024), help="Smaller answers stay as they are.", example="1k")

    def check(self) -> str:
        if not self.types:
            return "no media type is named"
        return "more than 50 types" if len(self.types) > 50 else ""

    @property
    def all_types(self) -> tuple[str, ...]:
        """The types, with `usual` spelled out, sorted."""
        named = set(self.types) - {"usual"}
        return tuple(sorted(named.union(_USUAL if "usual" in self.types else ())))
