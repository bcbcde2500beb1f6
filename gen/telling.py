"""Telling: what came of a pass → the log. Who tells remembers what was told, so that each thing is told once."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import Any

from gen import access, table
from gen.access import Facts
from gen.apply import Applied, Outcome, Refused, RolledBack
from gen.errors import Problem
from gen.log import event
from gen.memo import Memo
from gen.pipeline import Made
from gen.plan import Change, Rows, changes_between
from gen.plan.exposure import Exposure, exposures

_SHOWN_CHANGES = 10
_SHOWN_REASONS = 3
_SHOWN_EXPOSURES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a release that is served changed, and what it exposed."""

    changes: tuple[Change, ...] = ()
    exposures: tuple[Exposure, ...] = ()


class Telling:
    """`memo` is the pipeline's, in which rows are remembered. `installed`: the description of the release that counts
    at the start, with which the first one is compared for exposures; empty where there is none."""

    def __init__(self, memo: Memo, installed: bytes = b"") -> None:
        self._memo = memo
        self._installed = installed
        self._facts: Facts | None = None
        self._rows: Rows = {}
        self._problems: tuple[Problem, ...] = ()
        self._repairs = 0

    def problems(self, made: Made) -> None:
        """Each problem once when it comes and once when it is gone."""
        before, self._problems = self._problems, made.problems
        for problem in _new(made.problems, before):
            level = logging.ERROR if problem.severity == "error" else logging.WARNING
            event("problem", str(problem), level=level)
        for problem in _new(before, made.problems):
            event("solved", str(problem))

    def failed(self, outcome: Refused | RolledBack, made: Made, why: str) -> None:
        """A release that is not served."""
        hint = f" ({outcome.hint})" if isinstance(outcome, RolledBack) and outcome.hint else ""
        name = "refused" if isinstance(outcome, Refused) else "rolled_back"
        event(name, outcome.reason + hint, level=logging.ERROR, because=why, digest=made.bundle.digest[:12])

    def served(self, outcome: Outcome, made: Made, why: str, seconds: float, *, quietly: bool) -> Told:
        """A release that is served: what changed since the last one. `quietly`: that nothing changed is no news."""
        rows = table.rows(made.model, self._memo) if isinstance(outcome, Applied) or not self._rows else self._rows
        changes = changes_between(self._rows, rows)
        self._rows = rows
        if isinstance(outcome, Applied):
            self._applied(outcome, changes, why, seconds)
        else:
            changes = ()
            event("unchanged", level=logging.DEBUG if quietly else logging.INFO, because=why, seconds=f"{seconds:.3f}")
        return Told(changes=changes, exposures=self._exposed(made))

    def _applied(self, outcome: Applied, changes: tuple[Change, ...], why: str, seconds: float) -> None:
        if outcome.repaired:
            self._repairs += 1
            event("repaired", outcome.repaired, level=logging.WARNING, count=self._repairs)
        event(
            "applied",
            summary(changes),
            confirmed=outcome.digest[:12],
            how=outcome.how,
            because=why,
            **_way(outcome),
            seconds=f"{seconds:.3f}",
            check=f"{outcome.check_seconds:.3f}",
            confirm=f"{outcome.confirm_seconds:.3f}",
        )

    def _exposed(self, made: Made) -> tuple[Exposure, ...]:
        """Log each guard that was removed or loosened, each route that more clients reach, and each change of owner."""
        facts = access.facts(made.model, self._memo)
        before = self._facts
        if before is None and self._installed:
            before = access.read(self._installed)
        is_first = self._facts is None and not self._installed
        self._facts, self._installed = facts, b""
        found = () if is_first else exposures(before, facts)
        for one in found[:_SHOWN_EXPOSURES]:
            said = {name: value for name, value in asdict(one).items() if value}
            event("exposure", str(one), level=logging.WARNING, **said)
        if len(found) > _SHOWN_EXPOSURES:
            event("exposure", f"and {len(found) - _SHOWN_EXPOSURES} more", level=logging.WARNING)
        return found


def summary(changes: tuple[Change, ...]) -> str:
    """The first changes in words, and how many more there are."""
    shown = "; ".join(f"{change.sign} {change.what}" for change in changes[:_SHOWN_CHANGES])
    more = len(changes) - _SHOWN_CHANGES
    return (shown or "nothing that routes show") + (f"; and {more} more" if more > 0 else "")


def _way(outcome: Applied) -> dict[str, Any]:
    """Why it could not be a live change."""
    shown = "; ".join(outcome.reasons[:_SHOWN_REASONS])
    more = len(outcome.reasons) - _SHOWN_REASONS
    return {"reload_for": shown + (f"; and {more} more" if more > 0 else "")} if shown else {}


def _new(those: tuple[Problem, ...], known: tuple[Problem, ...]) -> list[Problem]:
    """Those that are not known, in their order."""
    if those == known:
        return []
    others = set(known)
    return [problem for problem in those if problem not in others]
