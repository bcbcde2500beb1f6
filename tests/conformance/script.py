"""Conformance files: data that says what a proxy has to answer, whichever proxy it is.

`workloads:` name → `labels`, `servers` (a number, or a list of behaviours: see tests/support/servers.py, and `health`,
`stopping`, `dead`). `settings:` by name, as text. `lacks:` what a proxy has to name in its `lacks` where it does not
answer so, beside the labels that it names there. `requests:` each is sent `times` times and compared with `expect`.
In labels and headers `PORT` and `TLSPORT` stand for the listeners' ports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from tests.support.client import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must come back. A header or a seen field is a text, `~` and a part of it in any case, a list of
    such, or None where it must be absent.

    `server`, `path`, `method`, `seen`, `length`: what the server says it saw. `servers`: how often each answered
    over all `times`; `statuses`: how often each status; `reached`: how many requests any server saw.
    """

    status: int | None = None
    headers: Mapping[str, str | list[str] | None] | None = None
    body: str | None = None
    server: str | None = None
    path: str | None = None
    method: str | None = None
    seen: Mapping[str, str | list[str] | None] | None = None
    length: int | None = None
    servers: Mapping[str, int] | None = None
    statuses: Mapping[int, int] | None = None
    reached: int | None = None
    one_server: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of `requests`. `at_once`: all `times` together; `cookies`: send back what earlier answers set."""

    ask: Ask
    expect: Expected
    times: int = 1
    at_once: bool = False
    cookies: bool = False
    wait: float = 0.0

    def __str__(self) -> str:
        return f"{self.ask.method} {self.ask.target} at {self.ask.host} {dict(self.ask.headers)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One file."""

    workloads: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, str]
    lacks: tuple[str, ...]
    steps: tuple[Step, ...]


def read(path: Path, replacements: Mapping[str, str]) -> Script:
    """Raises ValueError for an entry that nobody would look at."""
    text = path.read_text(encoding="utf-8")
    for name, value in replacements.items():
        text = text.replace(name, value)
    found = yaml.safe_load(text)
    if unknown := set(found) - {"about", "lacks", "workloads", "settings", "requests"}:
        raise ValueError(f"{path.name}: {unknown} is not part of a conformance file")
    return Script(
        workloads=found["workloads"],
        settings=found.get("settings", {}),
        lacks=tuple(found.get("lacks", ())),
        steps=tuple(_step(entry) for entry in found["requests"]),
    )


def _step(entry: dict[str, Any]) -> Step:
    rest = dict(entry)
    own = {name: rest.pop(name) for name in ("times", "at_once", "cookies", "wait") if name in rest}
    expect = rest.pop("expect")
    told = {"status": expect} if isinstance(expect, int) else expect
    if unknown := set(told) - {field.name for field in fields(Expected)}:
        raise ValueError(f"nobody would look at {unknown} of {entry}")
    return Step(ask=_ask(rest), expect=Expected(**told), **own)


def _ask(rest: dict[str, Any]) -> Ask:
    method, target = rest.pop("method", "GET"), rest.pop("path", "/")
    for verb in ("get", "post", "head"):
        if verb in rest:
            method, target = verb.upper(), rest.pop(verb)
    headers = tuple(
        (str(name), str(value))
        for name, values in rest.pop("headers", {}).items()
        for value in (values if isinstance(values, list) else [values])
    )
    host = rest.pop("host", "a.test")
    return Ask(method=method, target=target, headers=headers, host=host, **rest)
