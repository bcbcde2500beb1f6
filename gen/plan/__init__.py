"""Plan: the installed files and a bundle → what would change, in words and as file differences. Changes nothing.

Beside it: `unified` writes differences, `removals` counts what would go, `exposure` finds what more clients would
reach, `saved` makes a file of a plan, `markdown` a comment.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from gen import access
from gen.build import Joins
from gen.bundle import Bundle, File
from gen.plan.exposure import Exposure, exposures
from gen.plan.hidden import hidden, hidden_names
from gen.plan.unified import unified
from gen.proxies.commands import Commands
from gen.proxies.live import Way

RELEASE = "release.json"
PROXY = "proxy"
"""What a change is about that concerns the running proxy alone, which serves something else than what counts."""
Rows = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference in words. `sign` is `+`, `-` or `~`."""

    sign: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.what}" + (f": {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an apply would do. `diff` is a unified diff of the files that may be shown; `ways`: how a running proxy gets
    each difference, where that was asked. `before` and `after`: the rows of what is installed, and of what would be.
    `exposures`: where more clients would reach a server, and what would change its owner."""

    changes: tuple[Change, ...]
    diff: str
    digest: str
    ways: tuple[Way, ...] = ()
    before: Rows = field(default_factory=dict)
    after: Rows = field(default_factory=dict)
    exposures: tuple[Exposure, ...] = ()

    @property
    def is_empty(self) -> bool:
        is_exposing = any(one.kind != "unknown" for one in self.exposures)
        return not self.changes and not self.diff and not is_exposing


def plan(
    installed: Mapping[str, bytes], bundle: Bundle, ways: tuple[Way, ...] = (), joins: Joins | None = None
) -> Plan:
    """`installed`: the files of the release that counts now, by name; empty where there is none. `ways` as they go into
    the plan, see `ways_between`; `joins`: the networks that the proxy's container would join and leave."""
    old, new = installed.get(RELEASE, b""), next((file.content for file in bundle.files if file.name == RELEASE), b"")
    before, after = _rows(old), _rows(new)
    return Plan(
        changes=(*_joined(joins or Joins()), *changes_between(before, after)),
        diff=differences(installed, bundle),
        digest=bundle.digest,
        ways=ways,
        before=before,
        after=after,
        exposures=exposures_between(old, new) if old != new else (),
    )


def differences(installed: Mapping[str, bytes], bundle: Bundle) -> str:
    """A unified diff of the files that may be shown."""
    wanted = {file.name: file for file in bundle.files}
    names = _hidden_names(_rows(installed.get(RELEASE, b"")), rows_of(bundle))
    diffs = [
        _diff(name, installed.get(name), wanted.get(name), names)
        for name in sorted(installed.keys() | wanted.keys())
        if name != RELEASE
    ]
    return "".join(diffs)


def exposures_between(before: bytes, after: bytes) -> tuple[Exposure, ...]:
    """What one release exposes that an earlier one does not, by their descriptions. Nothing where none was there."""
    found = access.read(after)
    return exposures(access.read(before), found) if before and found else ()


def _joined(joins: Joins) -> Iterator[Change]:
    for network in joins.connect:
        yield Change(sign="+", what=f"network {network.name}", detail=f"{joins.to} is connected to it")
    for name in joins.disconnect:
        yield Change(sign="-", what=f"network {name}")


def ways_between(
    installed: Mapping[str, bytes], bundle: Bundle, commands: Commands, capabilities: frozenset[str]
) -> tuple[Way, ...]:
    """How a proxy that serves what is installed would get each difference; nothing where nothing is installed."""
    if bundle.main not in installed or all(installed.get(file.name) == file.content for file in bundle.files):
        return ()
    files = tuple(File(name=name, content=installed[name]) for name in sorted(installed))
    old = Bundle(main=bundle.main, files=files, digest="0" * 64)
    live = commands.live(old, bundle, capabilities, frozenset())
    return live.ways or tuple(Way(what=reason, how="reload") for reason in live.reasons)


def changes_between(before: Rows, after: Rows) -> tuple[Change, ...]:
    """The rows that came, went, or say something else now. A row that is the very same object says the same. Owners
    are part of it only where there are several; in rows that an earlier version wrote they are unknown."""
    found: list[Change] = []
    others = [key for key, row in after.items() if before.get(key) is not row]
    hidden = frozenset() if others and _has_several_owners(before, after) else frozenset({"owner"})
    for key in sorted((before.keys() - after.keys()).union(others)):
        if key not in before:
            found.append(Change(sign="+", what=key, detail=_said(after[key], hidden)))
        elif key not in after:
            found.append(Change(sign="-", what=key))
        elif before[key] != after[key] and (detail := _difference(before[key], after[key])):
            found.append(Change(sign="~", what=key, detail=detail))
    return tuple(found)


def _has_several_owners(before: Rows, after: Rows) -> bool:
    known: set[str] = set()
    for row in chain(after.values(), before.values()):
        if (owner := row.get("owner")) is not None:
            known.add(owner)
            if len(known) > 1:
                return True
    return False


def _said(row: Mapping[str, str], hidden: frozenset[str]) -> str:
    shown = ((name, value) for name, value in sorted(row.items()) if name not in hidden)
    return ", ".join(f"{name} {value}" for name, value in shown if value not in ("ready", "0"))


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    known = (name for name in names if name != "owner" or "owner" in before)
    return ", ".join(f"{name} {before.get(name) or 'none'} -> {after.get(name) or 'none'}" for name in known)


def rows_of(bundle: Bundle) -> Rows:
    """The rows that a bundle carries."""
    return _rows(next((file.content for file in bundle.files if file.name == RELEASE), b""))


def hidden_in(bundle: Bundle) -> frozenset[str]:
    """The names of headers and query parameters whose values a bundle's own rows hide."""
    return _hidden_names(rows_of(bundle))


def _rows(content: bytes) -> Rows:
    """The rows of a release; none where it is not one of ours, so that all is shown as new."""
    try:
        rows = json.loads(content)["rows"]
    except (ValueError, KeyError, TypeError):
        return {}
    return rows if isinstance(rows, dict) else {}


def _hidden_names(*both: Rows) -> frozenset[str]:
    """What the rows of either release hide, in their keys or in what they say."""
    return hidden_names(text for rows in both for key, row in rows.items() for text in (key, *row.values()))


def _diff(name: str, before: bytes | None, file: File | None, names: frozenset[str]) -> str:
    after = file.content if file else None
    if before == after:
        return ""
    if name.startswith("auth/") or name.endswith(".pem"):
        return f"--- {name}\n+++ {name}\n(holds secrets: {'removed' if file is None else 'written'})\n"
    found = unified(
        shown(before or b"", names),
        shown(after or b"", names),
        old=f"installed/{name}" if before is not None else "/dev/null",
        new=f"planned/{name}" if after is not None else "/dev/null",
    )
    return found or f"--- {name}\n+++ {name}\n(a secret differs)\n"


def shown(content: bytes, names: frozenset[str] = frozenset()) -> list[str]:
    """The lines of a file, without what lets somebody in. A line ends with a line feed and with nothing else."""
    return io.StringIO(hidden(content.decode(errors="replace"), names), newline="\n").readlines()
