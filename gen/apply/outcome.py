"""What came of a check and of an apply. Times are seconds of wall time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gen.proxies.commands import Fault

How = Literal["start", "reload", "live"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What the proxy said about a bundle. `checked` is False where it could not be asked; then `ok` means only that
    nobody objected. `faults` holds warnings too."""

    ok: bool
    faults: tuple[Fault, ...] = ()
    seconds: float = 0.0
    checked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """It is installed, and the running proxy confirms that it serves it."""

    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The running proxy confirms that it serves it. `warnings` are what the check said all the same; a live change is
    checked later. `reasons`: why it could not be one. `repaired`: what went wrong with one before a reload."""

    digest: str
    how: How
    check_seconds: float
    confirm_seconds: float
    warnings: tuple[Fault, ...] = ()
    reasons: tuple[str, ...] = ()
    repaired: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """It passed the check and was not taken. `serving` is the digest that the proxy confirmed after the way back,
    None when nothing answers."""

    reason: str
    hint: str = ""
    serving: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It did not pass the check; nothing was changed."""

    reason: str
    faults: tuple[Fault, ...] = ()


Outcome = Unchanged | Applied | RolledBack | Refused
