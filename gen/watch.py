"""Watch: the daemon. Events → settle → pipeline → apply; signals; resync.

Nothing is waited for when nothing is in flight: the first hint of a burst is acted on at once, what comes during an
update becomes the next one. So a burst costs two updates, and there is no delay to tune.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from gen.apply import Applied, Outcome, Refused, RolledBack, Unchanged
from gen.deployment import Deployment
from gen.doubting import Doubt
from gen.errors import FairwayError, SourceError
from gen.garbage import settle
from gen.hints import Hints
from gen.joining import Joining
from gen.log import event
from gen.pipeline import Made, Verdict
from gen.sources import RESYNC, Source
from gen.state import State
from gen.telling import Telling, Told
from gen.watcher import Pass, Update, Watcher

if TYPE_CHECKING:
    from gen.control.attachments import Attachments

_SHORTEST_RETRY, _LONGEST_RETRY = 1.0, 60.0
_LOOK_AT_FILES = 10.0
_QUIET = 0.5
"""Seconds without a hint after which there is time for what live changes left for later."""
_LONGEST_UNCHECKED = 10.0
"""Seconds that live changes may go on without the proxy's own check of what they lead to."""


class _Stopped(BaseException):
    """An order to stop came while the source was read."""


class Watch:
    """Follows one source with one proxy until `stop`. `clock` is monotonic seconds."""

    def __init__(
        self,
        source: Source,
        deployment: Deployment,
        attachments: Attachments | None = None,
        *,
        watcher: Watcher | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = source
        self.deployment = deployment
        self._joining = Joining(deployment.pipeline, attachments)
        self._doubt = Doubt(deployment.settings, deployment.directory, deployment.pipeline.memo, clock=clock)
        self._clock = clock
        self._hints = Hints(clock)
        self._is_reading = False
        self._is_stopping = False
        self._wants_resync = False
        self._digest = ""
        self._telling = Telling(deployment.pipeline.memo, deployment.directory.description())
        self._watcher = watcher or Watcher()
        self._resumed = ""
        self._failures = 0
        self._checked_at = clock()
        deployment.control.on_end(self._hints.ended)

    def run(self) -> None:
        """Blocks until `stop`. Raises FairwayError when the very first release cannot be brought up."""
        self._resume()
        threading.Thread(target=self._listen, name="events", daemon=True).start()
        with suppress(_Stopped):
            self._follow()
        self.close()

    def _follow(self) -> None:
        update = self.first()
        settle()
        while not self._is_stopping:
            hinted = self._await(update.retry_in or (_LOOK_AT_FILES if self._is_done else _QUIET))
            if not self._is_stopping and (self._is_overdue() or hinted or update.retry_in or self._is_due()):
                update = self._guarded()

    def _resume(self) -> None:
        """Serves the release of an earlier run until the source has answered, however long that takes."""
        try:
            self._resumed = self.deployment.applier.resume()
        except FairwayError as error:
            event("failed", f"{error}", level=logging.ERROR, because="the release of an earlier run")
            return
        if self._resumed:
            what = "the release of an earlier run, until the containers are known"
            event("resumed", what, confirmed=self._resumed[:12])
            self._watcher.resumed(self._resumed)

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
        """Ends `run` gracefully. Safe from signal handlers, where it breaks off a read that still waits."""
        self._is_stopping = True
        self.hint("stop")
        if self._is_reading and threading.current_thread() is threading.main_thread():
            raise _Stopped

    def _await(self, seconds: float) -> bool:
        """Waits for a hint, and takes all that are there. Whether there is a reason for a pass."""
        self._watcher.turned()
        found = self._hints.wait(seconds)
        for why in self._hints.take_ends():
            self._tell_end(why)
        return found

    def _tell_end(self, why: str) -> None:
        event("ended", f"the proxy does not serve: {why}", level=logging.ERROR, because=why)
        self._watcher.ended(why)

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
            if self.deployment.applier.is_lost(self._digest):
                self._tell_end("no answer, or another release")
                return True
            return self.deployment.directory.is_altered() or pipeline.is_stale()
        except FairwayError:
            return True

    def close(self) -> None:
        """Lets go of the source, and of a proxy that we started."""
        self._watcher.stopping()
        self.source.close()
        event("stopping", "letting the proxy finish its requests")
        self.deployment.control.stop()
        event("stopped")

    def _listen(self) -> None:
        """Hands on the source's hints; one whose hints break off is listened to again, and read anew."""
        while not self._is_stopping:
            try:
                for change in self.source.changes():
                    self._hints.put(change.reason, is_event=change.is_event)
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
            except _Stopped:
                break
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
        reasons, are_events = self._hints.take()
        if self._wants_resync:
            self._wants_resync, self._digest = False, ""
            self._watcher.resyncing()
            self.source.resync()
        if RESYNC in reasons:
            self._joining.forgive()
        state = self._read()
        made = self._make(state, self.deployment.verdict if self._failures else None, is_believed=are_events)
        outcome = self._apply(made)
        if isinstance(outcome, Refused):
            made = self._make(state, self.deployment.verdict, is_believed=True)
            outcome = self._apply(made)
        return self._tell(made, outcome, reasons, self._clock() - begin)

    def _read(self) -> State:
        """The source's answer. Raises SourceError, and _Stopped after an order to stop."""
        self._is_reading = True
        try:
            return self.source.read()
        except FairwayError:
            raise
        except Exception as error:  # an answer that no source was written for
            raise SourceError(f"{self.source.name}: an answer that cannot be understood: {error!r}") from error
        finally:
            self._is_reading = False

    def _make(self, state: State, verdict: Verdict | None, *, is_believed: bool) -> Made:
        """A pass whose networks are joined. Raises DoubtError where it is not believed what is gone."""
        made = self.deployment.pipeline.make(state, verdict)
        if not is_believed or self._doubt.is_waiting:
            self._doubt.demand(made)
        while not self._joining.enter(made):
            made = self.deployment.pipeline.make(state, verdict)
        return made

    def _apply(self, made: Made) -> Outcome:
        if self.deployment.applier.restore():
            event(
                "restored", "files of the release were edited or removed, and are written again", level=logging.WARNING
            )
        if made.bundle.digest == self._digest and not self.deployment.applier.is_lost(self._digest):
            self.deployment.directory.describe(made.bundle)
            return Unchanged(digest=self._digest)
        resumed, self._resumed = self._resumed, ""
        outcome = self.deployment.applier.apply(made.bundle)
        if resumed and isinstance(outcome, Unchanged):
            return Applied(digest=outcome.digest, how="start", check_seconds=0.0, confirm_seconds=0.0)
        return outcome

    def _tell(self, made: Made, outcome: Outcome, reasons: list[str], seconds: float) -> Update:
        """Tells what came of a pass, and remembers what is served now."""
        why = ", ".join(dict.fromkeys(reasons)) or ("files" if self._digest else "start")
        self._telling.problems(made)
        told = Told()
        if isinstance(outcome, (Refused, RolledBack)):
            self._failures += 1
            self._telling.failed(outcome, made, why)
        else:
            self._failures = 0
            self._digest = made.bundle.digest
            told = self._telling.served(outcome, made, why, seconds, quietly=bool(reasons))
        waited = self._clock() - self._hints.since if self._hints.since else seconds
        self._hints.passed()
        self._watcher.passed(Pass(made=made, outcome=outcome, told=told, seconds=seconds, waited=waited, why=why))
        return Update(outcome=outcome, retry_in=self._pause() if self._failures else 0.0)

    def _later(self, error: FairwayError) -> float:
        self._failures += 1
        self._watcher.failed(error)
        wait = self._pause()
        hint = f" ({error.hint})" if error.hint else ""
        event("failed", f"{error}{hint}", level=logging.ERROR, again_in=f"{wait:.0f}s")
        return wait

    def _pause(self) -> float:
        return min(_LONGEST_RETRY, _SHORTEST_RETRY * 2.0 ** min(self._failures - 1, 10))
