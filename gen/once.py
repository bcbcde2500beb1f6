"""Once: a pass, applied in one go by a command that ends: checked, joined, applied and tidied up, or left as it was.

`watch` lets a live change be checked afterwards, when there is time, and goes on from there; whoever ends has to know
before. What `once` is given is `Made`, what it returns the applier's outcome.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from gen.apply import Applied, Outcome, Refused, Unchanged
from gen.deployment import Deployment
from gen.errors import ProxyError
from gen.joining import Joining
from gen.pipeline import Made

if TYPE_CHECKING:
    from gen.control.attachments import Attachments


def once(deployed: Deployment, made: Made, attachments: Attachments | None) -> Outcome:
    """Hold the `DirectoryLock` around it. Raises DirectoryError, and ProxyError where a network cannot be joined or the
    proxy is not there; then no network is joined that was not before."""
    if (refused := _refusal(deployed, made)) is not None:
        return refused
    joining = Joining(deployed.pipeline, attachments)
    with ExitStack() as undo:
        undo.callback(joining.retreat)
        if not joining.enter(made):
            raise _unjoined(deployed)
        outcome = deployed.applier.apply(made.bundle)
        if not isinstance(outcome, (Applied, Unchanged)):
            return outcome
        undo.pop_all()
    if (refused := deployed.applier.settle()) is not None:
        # It was fine a moment ago, so that somebody changed the binary or a file that it reads.
        raise ProxyError(f"it is served, and would not be loaded again: {refused.reason}")
    joining.leave()
    return outcome


def _refusal(deployed: Deployment, made: Made) -> Refused | None:
    """What the proxy's own check says, also against what could be changed live; not of what counts already."""
    if not deployed.can_check or deployed.directory.current() == made.bundle.digest:
        return None
    wrong = deployed.verdict(made.bundle)
    return Refused(reason=wrong) if wrong else None


def _unjoined(deployed: Deployment) -> ProxyError:
    problem = next(iter(deployed.pipeline.refused.values()))
    return ProxyError(problem.message, hint=problem.hint)
