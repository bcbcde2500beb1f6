"""Saved plan ⇄ text: a plan as a file, which `apply` does exactly or not at all.

Canonical JSON with a checksum over all of it: a file that was changed, cut or written by another version is refused.
The checksum keeps accidents out, not a liar: who may write the file may write another one.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from gen.errors import InputError
from gen.plan import Change, Plan
from gen.plan.exposure import Exposure
from gen.plan.removals import Removal, removals
from gen.proxies.live import Way

VERSION: Final = 1
_DIGEST: Final = re.compile(r"(?:[0-9a-f]{8,64})?")
_HINT: Final = "write one by `fairway plan --out FILE`"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """`fairway`: the version that wrote it. `installed` and `digest`: the releases from and to which it leads, the
    first empty where none is installed. `capabilities` of the proxy are those with which the second was made."""

    fairway: str
    proxy: str
    installed: str
    digest: str
    capabilities: tuple[str, ...]
    changes: tuple[Change, ...]
    ways: tuple[Way, ...]
    removals: tuple[Removal, ...]
    problems: tuple[str, ...]
    diff: str
    exposure: tuple[Exposure, ...] = ()


def saved(
    plan: Plan, *, fairway: str, proxy: str, installed: str, capabilities: frozenset[str], problems: tuple[str, ...]
) -> SavedPlan:
    """A plan with what it was made against."""
    return SavedPlan(
        fairway=fairway,
        proxy=proxy,
        installed=installed,
        digest=plan.digest,
        capabilities=tuple(sorted(capabilities)),
        changes=plan.changes,
        ways=plan.ways,
        removals=removals(plan.before, plan.after),
        problems=problems,
        diff=plan.diff,
        exposure=plan.exposures,
    )


def dump(plan: SavedPlan) -> str:
    """As text."""
    document = {"version": VERSION, **asdict(plan)}
    return json.dumps({**document, "checksum": _checksum(document)}, indent=2, sort_keys=True) + "\n"


def load(text: str, *, name: str) -> SavedPlan:
    """From text. `name`: how messages call it. Raises InputError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: this is no plan: {error}", hint=_HINT) from None
    version = document.get("version") if isinstance(document, dict) else None
    if isinstance(version, int) and version > VERSION:
        message = f"{name}: version {version} of plans is not known; this Fairway reads version {VERSION}"
        raise InputError(message, hint=_HINT)
    if version != VERSION or "checksum" not in document:
        raise InputError(f"{name}: this is no plan", hint=_HINT)
    if document.pop("checksum") != _checksum(document):
        raise InputError(f"{name}: it is not as it was written: its checksum differs", hint="plan again")
    try:
        return _plan(document)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{name}: this is no plan: {error!r}", hint=_HINT) from None


def _plan(document: dict[str, Any]) -> SavedPlan:
    document = {key: value for key, value in document.items() if key != "version"}
    for key in ("installed", "digest"):
        if not _DIGEST.fullmatch(document[key]):
            raise ValueError(f"{key} is no digest")
    return SavedPlan(
        **{
            **document,
            "capabilities": tuple(document["capabilities"]),
            "changes": tuple(Change(**one) for one in document["changes"]),
            "ways": tuple(Way(**one) for one in document["ways"]),
            "removals": tuple(Removal(**one) for one in document["removals"]),
            "problems": tuple(document["problems"]),
            "exposure": tuple(Exposure(**one) for one in document.get("exposure", ())),
        }
    )


def _checksum(document: dict[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
