"""Amounts with a unit: durations, sizes, rates, and the plain numbers and booleans."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from gen.errors import BadValue

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_BYTES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_LONGEST = 10 * 365 * 86_400_000


def boolean(text: str) -> bool:
    """`true|false|yes|no|on|off|1|0`, in any case."""
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadValue(text, "yes or no", "true")


def integer(text: str, *, least: int = 0, most: int = 1_000_000_000) -> int:
    """ASCII digits, no sign but a leading minus, no underscores (Python's own `int` takes more than people mean)."""
    if re.fullmatch(r"-?[0-9]{1,10}", text) is None:
        raise BadValue(text, "a whole number", str(max(least, 1)))
    number = int(text)
    if not least <= number <= most:
        raise BadValue(text, f"a number from {least} to {most}", str(max(least, 1)))
    return number


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time: `500ms`, `10s`, `5m`, `1h30m`, `2d`, `1w`; at most ten years. 0 needs no unit."""

    milliseconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        lowered = text.lower()
        if lowered == "0":
            return cls(0)
        if re.fullmatch(r"(?:[0-9]{1,9}(?:ms|[smhdw]))+", lowered) is None:
            raise BadValue(text, "a duration", "10s", "a number needs a unit: ms, s, m, h, d or w")
        parts = re.findall(r"([0-9]+)(ms|[smhdw])", lowered)
        total = sum(int(number) * _MILLISECONDS[unit] for number, unit in parts)
        if total > _LONGEST:
            raise BadValue(text, "a duration of at most ten years", "10s")
        return cls(total)

    @property
    def seconds(self) -> float:
        return self.milliseconds / 1000

    def __str__(self) -> str:
        for unit in ("w", "d", "h", "m", "s"):
            if self.milliseconds and self.milliseconds % _MILLISECONDS[unit] == 0:
                return f"{self.milliseconds // _MILLISECONDS[unit]}{unit}"
        return f"{self.milliseconds}ms" if self.milliseconds else "0s"


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """A number of bytes: `512`, `64k`, `8m`, `1g`; the units are powers of 1024, `kb` and `KiB` mean the same."""

    bytes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        found = re.fullmatch(r"([0-9]{1,12})(?:([kmgt])(?:i?b)?|b)?", text.lower())
        if found is None:
            raise BadValue(text, "a size", "8m")
        total = int(found[1]) * _BYTES[found[2] or ""]
        if total > 2**53:
            raise BadValue(text, "a size of at most 8192t", "8m")
        return cls(total)

    def __str__(self) -> str:
        for unit in ("g", "m", "k"):
            if self.bytes and self.bytes % _BYTES[unit] == 0:
                return f"{self.bytes // _BYTES[unit]}{unit}"
        return str(self.bytes)


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """So many per second, minute or hour: `10/s`, `100/m`, `5/h`. `period` is in seconds."""

    count: int
    period: int

    @classmethod
    def parse(cls, text: str) -> Self:
        found = re.fullmatch(r"([0-9]{1,7})/([smh])", text.lower().replace("/min", "/m").replace("/sec", "/s"))
        if found is None or int(found[1]) == 0:
            raise BadValue(text, "a rate", "10/s")
        return cls(int(found[1]), _SECONDS[found[2]])

    def __str__(self) -> str:
        unit = {1: "s", 60: "m", 3600: "h"}[self.period]
        return f"{self.count}/{unit}"


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """A part of a whole in percent: `30%`; the sign may be left out."""

    percent: int

    @classmethod
    def parse(cls, text: str) -> Self:
        found = re.fullmatch(r"([0-9]{1,3}) ?%?", text)
        if found is None or int(found[1]) > 100:
            raise BadValue(text, "a share from 0% to 100%", "30%")
        return cls(int(found[1]))

    def __str__(self) -> str:
        return f"{self.percent}%"


@dataclass(frozen=True, slots=True, order=True)
class Status:
    """An HTTP status code, 200 to 599."""

    code: int

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"[2-5][0-9][0-9]", text) is None:
            raise BadValue(text, "an HTTP status", "404")
        return cls(int(text))

    def __str__(self) -> str:
        return str(self.code)


@dataclass(frozen=True, slots=True, order=True)
class StatusTtl:
    """How long answers are kept: `10m` (200, 301 and 302; `status` is 0) or `404:1m` (one status)."""

    status: int
    ttl: Duration

    @classmethod
    def parse(cls, text: str) -> Self:
        before, colon, after = text.partition(":")
        try:
            if not colon:
                return cls(0, Duration.parse(text))
            return cls(Status.parse(before.strip()).code, Duration.parse(after.strip()))
        except BadValue as error:
            raise BadValue(text, "a time to live", "10m or 404:1m") from error

    def __str__(self) -> str:
        return f"{self.status}:{self.ttl}" if self.status else str(self.ttl)
