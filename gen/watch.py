"""Watch: the daemon. Events → settle → pipeline → apply; signals; resync.

Nothing is waited for when nothing is in flight: the first hint of a burst is acted on at once, what comes during an
update becomes the next one. So a burst costs two updates, and there is no delay to tune.
"""

from __future__ import annotations

import gc
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gen import table
from gen.apply import Applied, Outcome, Refused, RolledBack, Unchanged
from gen.deployment import Deployment
from gen.errors import FairwayError, Problem, SourceError
from gen.joining import Joining
from gen.log import event
from gen.pipeline import Made, Verdict
from gen.plan import Change, Rows, changes_between
from gen.sources import RESYNC, Source
from gen.state import State

if TYPE_CHECKING:
    from gen.control.attachments import Attachments

_SHORTEST_RETRY, _LONGEST_RETRY = 1.0, 60.0
_LOOK_AT_FILES = 10.0
_QUIET = 0.5
"""Seconds without a hint after which there is time for what live changes left for later."""
_LONGEST_UNCHECKED = 10.0
"""Seconds that live changes may go on without the proxy's own check of what they lead to."""
_SHOWN_CHANGES = 10
_SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What one pass came to. `retry_in`: seconds after which it is worth another try, 0 when it is not."""

    outcome: Outcome | None
    retry_in: float = 0.0


class Watch:
    """Follows one source with one proxy until `stop`. `clock` is monotonic seconds."""

    def __init__(
        self,
        source: Source,
        deployment: Deployment,
        attachments: Attachments | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = source
        self.deployment = deployment
        self._joining = Joining(deployment.pipeline, attachments)
        self._clock = clock
        self._hints: queue.SimpleQueue[str] = queue.SimpleQueue()  # the one that signal handlers may use
        self._reasons: list[str] = []
        self._is_stopping = False
        self._wants_resync = False
        self._digest = ""
        self._rows: Rows = {}
        self._problems: tuple[Problem, ...] = ()
        self._failures = 0
        self._checked_at = clock()
        self._repairs = 0

    def run(self) -> None:
        """Blocks until `stop`. Raises FairwayError when the very first release cannot be brought up."""
        threading.Thread(target=self._listen, name="events", daemon=True).start()
        update = self.first()
        settle()
        while not self._is_stopping:
            self._await(update.retry_in or (_LOOK_AT_FILES if self._is_done else _QUIET))
            if not self._is_stopping and (self._is_overdue() or self._reasons or update.retry_in or self._is_due()):
                update = self._guarded()
        self.close()

    @property
    def _is_done(self) -> bool:
        """Whether nothing is left for when it is quiet."""
        return self.deployment.applier.is_checked and not self._joining.is_waiting

    def hint(self, reason: str) -> None:
        """Something may have changed; safe from any thread and from signal handlers."""
        self._hints.put(reason)

    def resync(self) -> None:
        """Read the whole world again, and ask the proxy what it serves. Safe from signal handlers."""
        self._wants_resync = True
        self.hint(RESYNC)

    def stop(self) -> None:
        """Ends `run` gracefully. Safe from signal handlers."""
        self._is_stopping = True
        self.hint("stop")

    def _await(self, seconds: float) -> None:
        """Waits for a hint, and takes all that are there."""
        with suppress(queue.Empty):
            self._reasons.append(self._hints.get(timeout=seconds))
            while True:
                self._reasons.append(self._hints.get_nowait())

    def _is_overdue(self) -> bool:
        """Whether hints never paused, so that live changes were not checked for long, and the check found a fault."""
        if self.deployment.applier.is_checked:
            self._checked_at = self._clock()
        return self._clock() - self._checked_at > _LONGEST_UNCHECKED and self._is_due()

    def _is_due(self) -> bool:
        """Whether another pass is, though nothing waits. Does what was left for later."""
        self._joining.leave()
        try:
            refused = self.deployment.applier.settle()
        except FairwayError as error:
            event("failed", f"{error}", level=logging.ERROR, because="the check after a live change")
            return True
        if refused is None:
            return self._has_drifted()
        event("refused", refused.reason, level=logging.ERROR, because="the check after a live change")
        self._failures, self._digest = self._failures + 1, ""
        return True

    def _has_drifted(self) -> bool:
        """Whether what nobody tells of is another: the certificates' files, or what the proxy serves."""
        try:
            pipeline = self.deployment.pipeline
            return pipeline.certificates() != pipeline.files or self.deployment.applier.is_lost(self._digest)
        except FairwayError:
            return True

    def close(self) -> None:
        """Lets go of the source, and of a proxy that we started."""
        self.source.close()
        event("stopping", "letting the proxy finish its requests")
        self.deployment.control.stop()
        event("stopped")

    def _listen(self) -> None:
        """Hands on the source's hints; one whose hints break off is listened to again, and read anew."""
        while not self._is_stopping:
            try:
                for change in self.source.changes():
                    self.hint(change.reason)
                return
            except Exception as error:  # a thread that ends unseen would leave us deaf
                why = f"{self.source.name}: its hints broke off: {error!r}"
                event("failed", why, level=logging.ERROR, again_in=f"{_SHORTEST_RETRY:.0f}s")
            time.sleep(_SHORTEST_RETRY)
            self.resync()

    def first(self) -> Update:
        """The first release. An unreachable source is waited for; a proxy that cannot be brought up ends the run."""
        while not self._is_stopping:
            try:
                update = self.update()
            except SourceError as error:
                self._await(self._later(error))
                continue
            except BaseException:
                self.deployment.control.stop()
                raise
            if isinstance(update.outcome, RolledBack) and update.outcome.serving is None:
                self.deployment.control.stop()
                raise FairwayError(update.outcome.reason, hint=update.outcome.hint)
            return update
        return Update(outcome=None)

    def _guarded(self) -> Update:
        """An update that cannot end the daemon: what runs keeps running."""
        try:
            return self.update()
        except FairwayError as error:
            return Update(outcome=None, retry_in=self._later(error))
        except Exception as error:  # the one place where everything is caught
            event("failed", f"unexpected: {error!r}", level=logging.ERROR)
            logging.getLogger("fairway").debug("traceback", exc_info=True)
            return Update(outcome=None, retry_in=self._later(FairwayError(repr(error))))

    def update(self) -> Update:
        """One pass. Raises FairwayError when it cannot go on."""
        begin = self._clock()
        reasons, self._reasons = self._reasons, []
        if self._wants_resync:
            self._wants_resync, self._digest = False, ""
            self.source.resync()
        if RESYNC in reasons:
            self._joining.forgive()
        made = self._make(self.source.read(), self.deployment.verdict if self._failures else None)
        outcome = self._apply(made)
        if isinstance(outcome, Refused):
            made = self._make(made.state, self.deployment.verdict)
            outcome = self._apply(made)
        self._tell_problems(made)
        return self._tell(made, outcome, reasons, self._clock() - begin)

    def _make(self, state: State, verdict: Verdict | None) -> Made:
        """A pass whose networks are joined."""
        made = self.deployment.pipeline.make(state, verdict)
        while not self._joining.enter(made):
            made = self.deployment.pipeline.make(state, verdict)
        return made

    def _apply(self, made: Made) -> Outcome:
        if made.bundle.digest == self._digest and not self.deployment.applier.is_lost(self._digest):
            return Unchanged(digest=self._digest)
        return self.deployment.applier.apply(made.bundle)

    def _tell(self, made: Made, outcome: Outcome, reasons: list[str], seconds: float) -> Update:
        """Logs what came of a pass, and remembers what is served now."""
        why = ", ".join(dict.fromkeys(reasons)) or ("files" if self._digest else "start")
        if isinstance(outcome, (Refused, RolledBack)):
            self._failures += 1
            hint = f" ({outcome.hint})" if isinstance(outcome, RolledBack) and outcome.hint else ""
            name = "refused" if isinstance(outcome, Refused) else "rolled_back"
            event(name, outcome.reason + hint, level=logging.ERROR, because=why, digest=made.bundle.digest[:12])
            return Update(outcome=outcome, retry_in=self._pause())
        self._failures = 0
        self._digest = made.bundle.digest
        if isinstance(outcome, Applied):
            if outcome.repaired:
                self._repairs += 1
                event("repaired", outcome.repaired, level=logging.WARNING, count=self._repairs)
            rows = table.rows(made.model, self.deployment.pipeline.memo)
            changes = changes_between(self._rows, rows)
            self._rows = rows
            event(
                "applied",
                _summary(changes),
                confirmed=outcome.digest[:12],
                how=outcome.how,
                because=why,
                **_way(outcome),
                seconds=f"{seconds:.3f}",
                check=f"{outcome.check_seconds:.3f}",
                confirm=f"{outcome.confirm_seconds:.3f}",
            )
        else:
            self._rows = self._rows or table.rows(made.model, self.deployment.pipeline.memo)
            level = logging.DEBUG if reasons else logging.INFO
            event("unchanged", level=level, because=why, seconds=f"{seconds:.3f}")
        return Update(outcome=outcome)

    def _tell_problems(self, made: Made) -> None:
        """Each problem once when it comes and once when it is gone."""
        before, self._problems = self._problems, made.problems
        for problem in _new(made.problems, before):
            level = logging.ERROR if problem.severity == "error" else logging.WARNING
            event("problem", str(problem), level=level)
        for problem in _new(before, made.problems):
            event("solved", str(problem))

    def _later(self, error: FairwayError) -> float:
        self._failures += 1
        wait = self._pause()
        hint = f" ({error.hint})" if error.hint else ""
        event("failed", f"{error}{hint}", level=logging.ERROR, again_in=f"{wait:.0f}s")
        return wait

    def _pause(self) -> float:
        return min(_LONGEST_RETRY, _SHORTEST_RETRY * 2.0 ** min(self._failures - 1, 10))


def settle() -> None:
    """Takes what is remembered out of the garbage collector's rounds: frozen values have no cycles, and looking
    through those of ten thousand workloads takes longer than an update."""
    gc.collect()
    gc.freeze()


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


def _summary(changes: tuple[Change, ...]) -> str:
    shown = "; ".join(f"{change.sign} {change.what}" for change in changes[:_SHOWN_CHANGES])
    more = len(changes) - _SHOWN_CHANGES
    return (shown or "nothing that routes show") + (f"; and {more} more" if more > 0 else "")
