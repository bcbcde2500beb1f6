"""Words and texts: names, header fields, conditions, keys, addresses of redirects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from gen.errors import BadValue
from gen.values.regex import Regex
from gen.values.visible import invisible

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST = 2000


def plain(text: str, kind: str = "a text", example: str = "hello") -> str:
    """Text without control and format characters, valid UTF-8, at most 2000 bytes."""
    try:
        encoded = text.encode()
    except UnicodeError:
        raise BadValue(text, kind, example, "it is not UTF-8") from None
    if _CONTROL.search(text):
        raise BadValue(text, kind, example, "it has control characters")
    if unseen := invisible(text):
        raise BadValue(text, kind, example, f"{unseen} in it cannot be seen")
    if len(encoded) > _LONGEST:
        raise BadValue(text, kind, example, f"it has more than {_LONGEST} bytes")
    return text


class _Word(str):
    """A str subclass whose instances passed `parse`."""

    __slots__ = ()


class Name(_Word):
    """A name that people give things: letters, digits, `_`, `-`, `.`; at most 64 characters."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", text) is None:
            raise BadValue(text, "a name", "shop")
        return cls(text)


SECRET_NAME: Final = re.compile(r"(?i)auth(?!or(?!iz))|cookie|token|secret|passw|credential|signature|key")
"""Found in the names of headers and query parameters whose values nobody is shown."""
REDACTED: Final = "[redacted]"


class HeaderName(_Word):
    """The name of a header field (RFC 9110 §5.1), of letters, digits and `-`: what every proxy can match."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", text) is None:
            raise BadValue(text, "the name of a header", "X-Env")
        return cls(text)

    @property
    def is_secret(self) -> bool:
        """Whether what stands in it lets somebody in, by its name."""
        return SECRET_NAME.search(self) is not None


class HeaderValue(_Word):
    """The value of a header field; empty where the header is to be removed."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(plain(text, "the value of a header", "on"))

    def hidden(self) -> HeaderValue:
        """The same value, which is shown to no reader whatever the header is called."""
        return HiddenValue(self)

    @property
    def is_secret(self) -> bool:
        return False


class HiddenText(str):
    """A text that came out of a variable of the environment; proxies are given it, readers are not."""

    __slots__ = ()


class HiddenValue(HeaderValue):
    """A value that came out of a variable of the environment."""

    __slots__ = ()

    @property
    def is_secret(self) -> bool:
        return True


class CookieName(_Word):
    """The name of a cookie (RFC 6265 §4.1.1), of letters, digits and `_`: what every proxy can read."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"[A-Za-z0-9_]{1,64}", text) is None:
            raise BadValue(text, "the name of a cookie", "session")
        return cls(text)


class QueryName(_Word):
    """The name of a query parameter, of letters, digits and `_`: what every proxy can match."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"[A-Za-z0-9_]{1,64}", text) is None:
            raise BadValue(text, "the name of a query parameter", "version")
        return cls(text)


class Method(_Word):
    """A request method, in capitals."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"[A-Za-z]{1,32}", text) is None:
            raise BadValue(text, "a request method", "GET")
        return cls(text.upper())


@dataclass(frozen=True, slots=True)
class Condition:
    """What a header or a query parameter has to be: an exact value, `~regex`, or `*` (present)."""

    kind: Literal["exact", "regex", "present"]
    text: str = ""
    regex: Regex | None = None
    is_secret: bool = field(default=False, compare=False)
    """Whether it came out of a variable of the environment."""

    @classmethod
    def parse(cls, text: str) -> Self:
        if text == "*":
            return cls("present")
        if text.startswith("~"):
            regex = Regex.parse(text[1:])
            return cls("regex", regex.text, regex)
        if not text or len(text.encode(errors="replace")) > 500:
            raise BadValue(text, "a condition", "beta, ~^v[0-9]+$ or *")
        return cls("exact", plain(text, "a condition", "beta"))

    def matches(self, value: str) -> bool:
        """Whether a value (bytes as latin-1; empty means absent) meets the condition, or is too long for the regex to
        say."""
        if self.kind == "present":
            return value != ""
        if self.regex is not None:
            return self.regex.may_match(value)
        return value == self.text.encode().decode("latin-1")

    def __str__(self) -> str:
        return {"exact": self.text, "regex": f"~{self.text}", "present": "*"}[self.kind]

    def shown(self, name: str) -> str:
        """The condition of a header or query parameter of that name, as anybody may see it."""
        hides = self.is_secret or SECRET_NAME.search(name) is not None
        return REDACTED if hides and self.kind != "present" else str(self)

    def hidden(self) -> Self:
        """The same condition, which is shown to no reader."""
        return replace(self, is_secret=True)


class QueryCondition(Condition):
    """What a query parameter has to be. An exact value is at most 150 bytes: a proxy has to find it in any encoding."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if not text.startswith("~") and len(text.encode(errors="replace")) > 150:
            raise BadValue(text, "a condition of at most 150 bytes", "beta, ~^v[0-9]+$ or *")
        return super().parse(text)


@dataclass(frozen=True, slots=True)
class Key:
    """A part of a request that tells requests apart: `ip`, `host`, `path`, `query`, `uri`, `header:X`, `cookie:X`."""

    kind: Literal["ip", "host", "path", "query", "uri", "header", "cookie"]
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, colon, name = text.partition(":")
        if not colon and kind in ("ip", "host", "path", "query", "uri"):
            return cls(kind)  # type: ignore[arg-type]
        if kind == "header" and colon:
            return cls("header", HeaderName.parse(name).lower())
        if kind == "cookie" and colon:
            return cls("cookie", CookieName.parse(name))
        raise BadValue(text, "a part of a request", "ip, host, path, query, uri, header:X-Tenant or cookie:id")

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Balance:
    """How requests are spread: `round_robin`, `least_conn`, `random`, `first`, `source`, `uri`, `header:X`, `cookie:X`
    or `query:x`."""

    kind: Literal["round_robin", "least_conn", "random", "first", "source", "uri", "header", "cookie", "query"]
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, colon, name = text.partition(":")
        if not colon and kind in ("round_robin", "least_conn", "random", "first", "source", "uri"):
            return cls(kind)  # type: ignore[arg-type]
        if colon and kind in ("header", "cookie"):
            key = Key.parse(text)
            return cls(kind, key.name)  # type: ignore[arg-type]
        if colon and kind == "query":
            return cls("query", QueryName.parse(name))
        ways = "round_robin, least_conn, random, source, uri, header:X, cookie:X or query:X"
        raise BadValue(text, "a way to balance", ways)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


class StreamBalance(Balance):
    """How connections are spread: round_robin, least_conn, random, first or source."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if text not in ("round_robin", "least_conn", "random", "first", "source"):
            raise BadValue(text, "a way to balance connections", "round_robin, least_conn, random, first or source")
        return cls(text)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Url:
    """Where a redirect leads: an http(s) URL or a path. `$host`, `$path` and `$query` stand for the request's own."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        plain(text, "an address", "https://example.com/new")
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        absolute = parts.scheme in ("http", "https") and bool(parts.netloc)
        local = text.startswith("/") and not text.startswith(("//", "/\\"))
        if not (absolute or local) or re.search(r"[\s\"<>\\^`]", text) or not text.isascii():
            raise BadValue(text, "an address", "https://example.com/new", "http, https or a path")
        return cls(text)

    def __str__(self) -> str:
        return self.text
