"""strip_prefix: take the front off the path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self
from urllib.parse import quote

from gen.errors import BadValue
from gen.model import Policy
from gen.options import option
from gen.values import Path

_BARE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/")
"""What stands in a path as it is (RFC 3986 §3.3); all else is percent-encoded."""


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

    @property
    def encoded(self) -> str:
        """The prefix as it is written into a URL."""
        return quote(self.text, safe="/")

    @property
    def spelling(self) -> str:
        """A PCRE pattern for the prefix in its own spelling: no byte is encoded without need."""
        return "".join(_spelled(byte) for byte in self.text.encode())

    @property
    def outside(self) -> str:
        """A PCRE assertion: what follows does not begin with the prefix already."""
        return rf"(?!{self.spelling}(?:[/?#; \t]|\z))"


def _spelled(byte: int) -> str:
    """A pattern for one byte of a path, hexadecimal digits in either case."""
    if byte in _BARE:
        return chr(byte) if chr(byte).isalnum() else f"\\x{byte:02x}"
    return "%" + "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{byte:02x}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StripPrefix(Policy):
    """The workload sees the path without this prefix, and the prefix in X-Forwarded-Prefix. Paths that do not begin
    with it stay as they are.

    Where the path begins with the prefix in its own spelling (no byte encoded without need, no doubled slash) and has
    no `.` or `..` segment in any spelling, the rest is sent as it came: `/api/a%2Fb` becomes `/a%2Fb`. Only slashes
    right behind the prefix are merged. Any other path is sent in the form in which it was compared: decoded,
    normalised and encoded again. There `%2F` would become a separator, so such a path with `%2F` in it is answered 400.

    In answers to such requests the prefix is put in front again: in `Location` and `Refresh`, where they hold an
    absolute path or a URL of the request's own host, and in the `Path` of cookies, unless they begin with the prefix
    already. A cookie whose name begins with `__Host-` has to have the path `/`: use `restore: off` with those."""

    name: ClassVar[str] = "strip_prefix"

    path: Prefix = option(main=True, help="The prefix to take off.", example="/api")
    restore: bool = option(default=True, help="Put it in front again in answers.", example="off")
