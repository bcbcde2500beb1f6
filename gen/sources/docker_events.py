"""Observe, beside the reading: one event of the engine → a hint where to look again. Pure.

An event is never believed, with one exception: a signal that ends a container is told by nothing else, and the
proxy must stop sending requests before the container closes its socket.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gen.sources.docker_read import table, text

FIRST_DELAY: Final = 0.2
LONGEST_DELAY: Final = 30.0
_SECOND: Final = 10**9
_CONTAINER: Final = frozenset(
    ("start", "die", "kill", "stop", "pause", "unpause", "rename", "update", "destroy", "health_status")
)
_PODMANS: Final[Mapping[str, str]] = {"died": "die", "remove": "destroy"}
_ENDING: Final = frozenset((signal.SIGTERM.value, signal.SIGINT.value, signal.SIGKILL.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What may have changed: one container (`container`), the set of networks, or nothing that we know (neither).
    `at` is nanoseconds of the engine's clock; `attributes` hold a container's labels; `signal` is a kill's; `cluster`
    is `service` or `node` for an event of a swarm."""

    reason: str
    at: int
    action: str = ""
    container: str = ""
    name: str = ""
    networks: bool = False
    cluster: str = ""
    signal: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


def hint(event: Mapping[str, Any]) -> Hint | None:
    """The hint of one event; None for what cannot change a State."""
    actor = table(event, "Actor")
    attributes = {key: value for key, value in table(actor, "Attributes").items() if isinstance(value, str)}
    action = (text(event, "Action") or text(event, "status")).partition(":")[0].strip()
    identity = text(actor, "ID") or text(event, "id")
    name = attributes.get("name", "") or identity[:12]
    kind = text(event, "Type") or "container"
    action = _PODMANS.get(action, action) if kind == "container" else action
    at = _moment(event)
    if kind in ("service", "node"):
        return Hint(reason=f"{kind} {name} {action}", at=at, action=action, cluster=kind)
    # A network of the engine is destroyed, one of a swarm removed.
    if kind == "network" and action in ("create", "destroy", "remove"):
        return Hint(reason=f"network {name} {action}", at=at, networks=True)
    if kind == "network" and action in ("connect", "disconnect"):
        container = attributes.get("container", "")
        return Hint(reason=f"network {name} {action} {container[:12]}", at=at, action=action, container=container)
    if kind != "container" or action not in _CONTAINER or not identity:
        return None
    return Hint(
        reason=f"container {name} {action}",
        at=at,
        action=action,
        container=identity,
        name=name,
        signal=attributes.get("signal", ""),
        attributes=tuple(sorted(attributes.items())),
    )


def ends(sent: str, stop_signal: str) -> bool:
    """Whether a signal tells a container to end: TERM, INT, KILL, or the one that its image names for that."""
    number = signal_number(sent)
    return number in _ENDING or (number > 0 and number == signal_number(stop_signal))


def signal_number(spelled: str) -> int:
    """`15`, `TERM`, `SIGTERM` and `SIGRTMIN+3` as a number; 0 when it is none of them."""
    if spelled.isascii() and spelled.isdigit():
        return int(spelled)
    name, _, offset = spelled.upper().removeprefix("SIG").partition("+")
    try:
        return signal.Signals[f"SIG{name}"].value + int(offset or 0)
    except (KeyError, ValueError):
        return 0


def since(at: int) -> str:
    """The engine's spelling of the moment after `at`, empty for none."""
    later = at + 1
    return f"{later // _SECOND}.{later % _SECOND:09d}" if at else ""


def delays(random: Callable[[], float]) -> Iterator[float]:
    """Seconds to wait before each next attempt: doubling, spread by `random` (0 to 1) so that many do not knock at
    once."""
    delay = FIRST_DELAY
    while True:
        yield min(LONGEST_DELAY, delay * (1 + random()))
        delay = min(LONGEST_DELAY, delay * 2)


def _moment(event: Mapping[str, Any]) -> int:
    """An engine that tells whole seconds only means any moment of that second; the last one errs on no side that
    hurts, as a container that is told to end started before."""
    nano, seconds = event.get("timeNano"), event.get("time")
    if isinstance(nano, int) and nano > 0:
        return nano
    return seconds * _SECOND + _SECOND - 1 if isinstance(seconds, int) else 0
