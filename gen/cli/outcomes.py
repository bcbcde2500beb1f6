"""How what came of an `apply` is told: a line for people, a document for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from gen.apply import Applied, Outcome, Refused, RolledBack, Unchanged
from gen.cli.show import as_json, count, echo, line_of, paint
from gen.pipeline import Made
from gen.plan import Plan

_SHOWN_REASONS = 3
_WAYS = {"live": "live", "reload": "by a reload", "start": "by a start"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """It counts on the disk, and nobody was asked whether it is served."""

    digest: str
    is_new: bool


def tell_outcome(outcome: Outcome | Installed, made: Made, plan: Plan, form: str) -> None:
    """Prints what was done, or why it was not."""
    if form == "json":
        echo(as_json(_document(outcome, made, plan)))
    elif isinstance(outcome, (Refused, RolledBack)):
        name, hint = _failed(outcome)
        echo(f"{paint(f'{name}:', 'red')} {line_of(outcome.reason)} ({line_of(hint)})", err=True)
    else:
        for warning in outcome.warnings if isinstance(outcome, Applied) else ():
            echo(f"{paint('warning:', 'yellow')} {line_of(str(warning))}", err=True)
        echo(_told(outcome))


def _failed(outcome: Refused | RolledBack) -> tuple[str, str]:
    """What it is called, and what helps."""
    if isinstance(outcome, Refused):
        return "refused", "nothing was changed; `apply --auto` leaves out whose fault it is"
    serving = f"it serves release {outcome.serving[:12]}" if outcome.serving else "nothing answers"
    return "rolled back", "; ".join(filter(None, (outcome.hint, serving)))


def _told(outcome: Applied | Unchanged | Installed) -> str:
    release = f"release {outcome.digest[:12]}"
    if isinstance(outcome, Installed):
        return f"{_name(outcome)}: {release}; no proxy is configured, so nobody confirmed it"
    if isinstance(outcome, Unchanged):
        return f"unchanged: the proxy serves {release}"
    told = f"applied: {release} {_WAYS[outcome.how]}, confirmed after {outcome.confirm_seconds:.3f}s"
    if outcome.repaired:
        return told + f"; a live change went wrong: {line_of(outcome.repaired)}"
    if outcome.reasons:
        more = len(outcome.reasons) - _SHOWN_REASONS
        told += line_of(f"; not live: {'; '.join(outcome.reasons[:_SHOWN_REASONS])}")
        told += f"; and {count(more, 'reason')} more" if more > 0 else ""
    return told


def _document(outcome: Outcome | Installed, made: Made, plan: Plan) -> dict[str, object]:
    """What `outcome` is, with all that is known of it; `digest` is what was to be served."""
    said: dict[str, object] = {}
    if isinstance(outcome, Applied):
        said = {
            "how": outcome.how,
            "check_seconds": round(outcome.check_seconds, 3),
            "confirm_seconds": round(outcome.confirm_seconds, 3),
            "not_live_because": outcome.reasons,
            "repaired": outcome.repaired,
            "warnings": tuple(map(str, outcome.warnings)),
        }
    elif isinstance(outcome, (Refused, RolledBack)):
        said = {"reason": outcome.reason, "hint": _failed(outcome)[1]}
    return {
        "outcome": _name(outcome),
        "digest": made.bundle.digest,
        "is_confirmed": isinstance(outcome, (Applied, Unchanged)),
        **said,
        "changes": [asdict(change) for change in plan.changes],
        "exposure": [asdict(one) for one in plan.exposures],
        "problems": [asdict(problem) for problem in made.problems],
    }


def _name(outcome: Outcome | Installed) -> str:
    if isinstance(outcome, (Refused, RolledBack)):
        return _failed(outcome)[0].replace(" ", "_")
    if isinstance(outcome, Installed):
        return "installed" if outcome.is_new else "unchanged"
    return "unchanged" if isinstance(outcome, Unchanged) else "applied"
