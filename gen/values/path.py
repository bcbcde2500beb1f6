"""Paths of requests: what a label may say of them, and the one form in which they are compared.

A path is compared decoded and normalised, as nginx does with `$uri`: percent-encoding undone, `//` merged, `.` and
`..` resolved (RFC 3986 §6.2.2). So no spelling of a path gets around a route, and so around its guards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Self

from gen.errors import BadValue
from gen.values.regex import Regex
from gen.values.visible import invisible

_LONGEST = 250  # nginx before 1.23.4 confuses location names of more than 255 bytes


def normalize(raw: str) -> str | None:
    """The path of a request target as it is compared; None where a proxy answers 400. Bytes stand as latin-1."""
    path = raw.partition("?")[0].partition("#")[0]
    if not path.startswith("/") or re.search(r"%(?![0-9A-Fa-f]{2})|%00", path):
        return None
    decoded = re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), path)
    kept: list[str] = []
    segments = re.sub(r"/+", "/", decoded).split("/")[1:]
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "..":
            if not kept:
                return None
            kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if last:
            kept.append("")
    return "/" + "/".join(kept)


@dataclass(frozen=True, slots=True)
class Path:
    """`/api` by whole segments (`/api`, `/api/` and all below), `=/api` exactly, `~^/v[0-9]+/` by regex.

    `text` is the decoded path in UTF-8; a prefix has no trailing slash, and the root is empty.
    """

    kind: Literal["prefix", "exact", "regex"]
    text: str
    regex: Regex | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        if text.startswith("~"):
            regex = Regex.parse(text[1:])
            return cls("regex", regex.text, regex)
        if text.startswith("="):
            return cls("exact", _literal(text[1:], text))
        return cls("prefix", _literal(text, text).rstrip("/"))

    def matches(self, path: str) -> bool:
        """Whether a normalised path (bytes as latin-1) is one of these, or too long for the regex to say."""
        if self.regex is not None:
            return self.regex.may_match(path)
        own = self.text.encode().decode("latin-1")
        if self.kind == "exact":
            return path == own
        return path == own or path.startswith(own + "/")

    @property
    def rank(self) -> tuple[int, int, str]:
        """Exact before the longest prefix before regex."""
        order = {"exact": 0, "prefix": 1, "regex": 2}[self.kind]
        return (order, -len(self.text) if self.kind == "prefix" else 0, str(self))

    def __str__(self) -> str:
        return {"prefix": "", "exact": "=", "regex": "~"}[self.kind] + (self.text or "/")


def _literal(text: str, whole: str) -> str:
    """The decoded form of a path, refused where no normalised path could ever be equal to it."""
    why = ""
    if not text.startswith("/"):
        why = "it has to begin with a slash"
    try:
        decoded = re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), text.encode()).decode()
    except UnicodeError:
        raise BadValue(whole, "a path", "/api", "it is not UTF-8") from None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in decoded):
        why = "it has control characters"
    elif unseen := invisible(decoded):
        why = f"{unseen} in it cannot be seen"
    elif "//" in decoded or {".", ".."} & set(decoded.split("/")):
        why = "no request has such a path after // and .. are resolved"
    elif len(decoded.encode()) > _LONGEST:
        why = f"it has more than {_LONGEST} bytes"
    if why:
        raise BadValue(whole, "a path", "/api", why)
    return decoded
