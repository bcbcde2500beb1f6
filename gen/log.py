"""Fairway's own log: lines on stderr, as text or JSON, each with an event name that stays the same.

`event("applied", digest=…)` is what code says; how it looks is decided once, by `configure`.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

from gen.errors import without_passwords
from gen.values.visible import visible, visible_json

LOGGER = logging.getLogger("fairway")
_MARKS = {"DEBUG": "debug", "INFO": "info", "WARNING": "warning", "ERROR": "error", "CRITICAL": "error"}


def event(name: str, message: str = "", *, level: int = logging.INFO, **facts: object) -> None:
    """Logs one event. `facts` are shown as they are by `str`."""
    LOGGER.log(level, message or name, extra={"event": name, "facts": facts})


def configure(form: Literal["text", "json"], level: str, *, color: bool) -> None:
    """Sends Fairway's events to stderr. May be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text(color=color))
    LOGGER.handlers = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(level.upper())


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    return dict(getattr(record, "facts", {}))


class _Text(logging.Formatter):
    """`12:00:01.250 info  applied  3 changes  digest=ab12… seconds=0.031`."""

    def __init__(self, *, color: bool) -> None:
        super().__init__()
        self._colors = {"warning": "\033[33m", "error": "\033[31m"} if color else {}

    def format(self, record: logging.LogRecord) -> str:
        level = _MARKS[record.levelname]
        clock = datetime.fromtimestamp(record.created).strftime("%H:%M:%S.%f")[:-3]
        name = getattr(record, "event", "log")
        message = record.getMessage()
        said = [name] if message == name else [name, _one_line(message)]
        said += [f"{key}={_one_line(str(value))}" for key, value in _facts(record).items()]
        color = self._colors.get(level, "")
        return f"{clock} {color}{level:<7}{chr(27) + '[0m' if color else ''} {'  '.join(said)}"


class _Json(logging.Formatter):
    """One JSON object a line: time (UTC, RFC 3339), level, event, message, and the facts."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": _MARKS[record.levelname], "event": getattr(record, "event", "log")}
        line["message"] = record.getMessage()
        facts = {key: _plain(value) for key, value in _facts(record).items()}
        return visible_json(without_passwords(json.dumps(line | facts, ensure_ascii=False)))


def _plain(value: object) -> object:
    return value if isinstance(value, (int, float, bool)) else str(value)


def _one_line(text: str) -> str:
    """Each character visible: a label's text cannot forge a line of the log, nor move the cursor."""
    return visible(without_passwords(text))
