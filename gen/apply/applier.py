"""Applier: change live, or stage, check, switch, reload, confirm, or go back.

A live change comes before everything else, and before the check: each of its commands is checked by the proxy itself,
and what it leads to is read by nobody until the next reload. So the check waits until there is time (`settle`).

Every undo is registered before the act it undoes, and they run last-in-first-out: a proxy that we started is stopped,
`current` is switched back, and the proxy is made to follow it again.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace

from gen.apply.check import Checks, inside, reason
from gen.apply.confirm import Confirmation, await_digest, refusal, settle
from gen.apply.directory import Directory, demand_short_socket_path
from gen.apply.live import Attempt, LiveChanges
from gen.apply.outcome import Applied, CheckResult, How, Outcome, Refused, RolledBack, Unchanged
from gen.apply.reload import reload
from gen.apply.running import Running
from gen.bundle import Bundle
from gen.control.protocol import Control
from gen.control.sockets import remove_stale_sockets
from gen.proxies.commands import Commands, Fault, Layout, Verdict

_SLOWER_THAN_CHECK = 3


class Applier:
    """Brings bundles to one proxy. Hold the `DirectoryLock` around it.

    `keep` releases stay on the disk besides the one that counts. A check may take `check_timeout` seconds; a
    confirmation `confirm_timeout`, or three times as long as the check where that is more. `capabilities`: what the
    proxy can do while it runs.
    """

    def __init__(
        self,
        directory: Directory,
        control: Control,
        commands: Commands,
        *,
        keep: int = 5,
        check_timeout: float = 30.0,
        confirm_timeout: float = 10.0,
        capabilities: frozenset[str] = frozenset(),
    ) -> None:
        self._directory = directory
        self._control = control
        self._commands = commands
        self._keep = keep
        self._checks = Checks(directory, control, commands, timeout=check_timeout)
        self._confirm_timeout = confirm_timeout
        self._live = LiveChanges(directory, commands, capabilities)
        self._running = Running(directory.layout, control, commands)
        self._bundle: Bundle | None = None

    def confirmed(self) -> str | None:
        """The digest that the running proxy says it serves."""
        return self._running.confirmed()

    def is_lost(self, digest: str) -> bool:
        """Whether the proxy does not serve `digest`, which was brought to it; see `Running`."""
        return self._running.is_lost(digest)

    def resume(self) -> str:
        """Start the proxy with the release that counts on the disk, before anything else is known. Its digest, empty
        where that is not done or not confirmed. Raises DirectoryError and ProxyError."""
        if self._directory.current() is None:
            return ""
        self._prepare()
        return self._running.resume(self._directory.current() or "", timeout=self._confirm_timeout)

    def check(self, bundle: Bundle) -> CheckResult:
        """What the proxy's own check says; changes nothing. Raises DirectoryError and ProxyError."""
        self._prepare()
        with ExitStack() as undo:
            self._stage(bundle, undo)
            return self._checks.check(bundle)

    def apply(self, bundle: Bundle) -> Outcome:
        """Make the proxy serve `bundle`, or leave it as it was.

        Raises DirectoryError and ProxyError; also when no proxy runs and none can be started from here. Then the
        checked release is `current`, so that whoever starts the proxy starts it with that.
        """
        self._prepare()
        outcome = self._apply(bundle)
        if isinstance(outcome, (Applied, Unchanged)):
            if self._bundle is None:
                # What an earlier run left may have been edited since; a release that is whole is left alone.
                self._directory.write(bundle)
                self._directory.switch(bundle.digest)
            self._bundle = bundle
        return outcome

    def restore(self) -> bool:
        """Write the files of the release that this applier brought again, where they were edited or removed. Whether
        they were. A daemon calls it before each pass.

        Raises DirectoryError.
        """
        if self._bundle is None or not self._directory.is_altered():
            return False
        self._prepare()
        self._directory.write(self._bundle)
        self._directory.switch(self._bundle.digest)
        return True

    def _apply(self, bundle: Bundle) -> Outcome:
        confirmed = self._settled()
        is_ours = not self._is_forsaken()
        if confirmed == bundle.digest == self._directory.current() and is_ours:
            self._live.remains(bundle)
            self._directory.describe(bundle)
            return Unchanged(digest=bundle.digest)
        attempt = self._live.attempt(bundle, confirmed if is_ours else None)
        if attempt.succeeded:
            if (applied := self._install(bundle, attempt)) is not None:
                return applied
            attempt = Attempt(failure="it was loaded anew, or ended, during a live change")
        outcome = self._reload(bundle, confirmed, attempt)
        if attempt.failure or not isinstance(outcome, Refused):
            self._live.loaded(bundle if isinstance(outcome, Applied) else None)
        self._directory.prune(self._keep)
        return outcome

    def place(self, bundle: Bundle) -> None:
        """Let it count on the disk, unchecked and unconfirmed: for a proxy that nobody here can ask."""
        self._prepare()
        self._directory.write(bundle)
        self._directory.switch(bundle.digest)
        self._directory.prune(self._keep)

    @property
    def is_checked(self) -> bool:
        """Whether the proxy's own check has seen what is current; `settle` makes up for it."""
        return self._live.unchecked is None

    def settle(self) -> Refused | None:
        """What live changes left for later, for a time when nothing waits: the check of what they led to, and servers
        that still had requests. What the check refuses is served and is current: apply something else."""
        if self._live.has_leftovers:
            self._live.clear()
        bundle, self._live.unchecked = self._live.unchecked, None
        if bundle is None:
            return None
        checked = self._checks.check(bundle)
        return None if checked.ok else Refused(reason=reason(checked.faults), faults=checked.faults)

    def _install(self, bundle: Bundle, attempt: Attempt) -> Applied | None:
        """Let the disk follow a live change. None when the proxy has not taken it, or has read its files meanwhile."""
        self._directory.write(bundle)
        self._directory.switch(bundle.digest)
        self._directory.prune(self._keep)
        if self.confirmed() != bundle.digest:
            return None
        return Applied(digest=bundle.digest, how="live", check_seconds=0.0, confirm_seconds=attempt.seconds)

    def _reload(self, bundle: Bundle, confirmed: str | None, attempt: Attempt) -> Outcome:
        """The ordinary way, which also brings a proxy that was left half-changed into a known state."""
        back = self._way_back(confirmed)
        with ExitStack() as undo:
            self._stage(bundle, undo)
            checked = self._checks.check(bundle)
            if not checked.ok:
                if attempt.failure and back is not None:
                    self._return(back, self._confirm_timeout)
                return Refused(reason=reason(checked.faults), faults=checked.faults)
            if busy := self._busy(bundle, confirmed):
                return RolledBack(reason=busy.message, hint=busy.hint, serving=confirmed)
            undo.pop_all()
        outcome = self._switch(bundle, back, checked)
        if isinstance(outcome, Applied):
            why = attempt.reasons if outcome.how == "reload" else ()
            return replace(outcome, reasons=why, repaired=attempt.failure)
        return outcome

    def _busy(self, bundle: Bundle, confirmed: str | None) -> Fault | None:
        """Whoever else listens where we would; not where one that was left behind is replaced first."""
        if confirmed and self._is_forsaken():
            return None
        return self._checks.busy(bundle, is_served=bool(confirmed) or self._running.is_here())

    def _prepare(self) -> None:
        self._directory.prepare()
        demand_short_socket_path(self._layout(), longest=self._commands.longest_socket_path)

    def _is_forsaken(self) -> bool:
        """Whether what serves is not what we are to run: a Fairway that was killed left it behind."""
        return self._control.starts and not self._control.is_running()

    def _layout(self) -> Layout:
        """As the proxy sees it; the directory's own layout is how we do."""
        return Layout(root=self._control.root)

    def _stage(self, bundle: Bundle, undo: ExitStack) -> None:
        if not self._directory.holds(bundle.digest):
            undo.callback(self._directory.remove, bundle.digest)
        self._directory.write(bundle)

    def _settled(self) -> str | None:
        """What is served, asked again while it is not what counts: after a reload old workers answer for a while."""
        return settle(self._directory.current(), self._commands, self._directory.layout)

    def _way_back(self, confirmed: str | None) -> str | None:
        """The release to return to: what is being served, or else what counts now."""
        return confirmed if confirmed and self._directory.holds(confirmed) else self._directory.current()

    def _switch(self, bundle: Bundle, back: str | None, checked: CheckResult) -> Outcome:
        if not self._control.starts and not self._control.is_running():
            self._directory.switch(bundle.digest)
            remove_stale_sockets(self._directory.layout)
            self._control.start()
        timeout = max(self._confirm_timeout, _SLOWER_THAN_CHECK * checked.seconds)
        with ExitStack() as undo:
            if back not in (None, bundle.digest):
                undo.callback(self._return, back, timeout)
            undo.callback(self._directory.switch, back)
            self._directory.switch(bundle.digest)
            how, confirmation = self._follow(bundle.digest, timeout, undo)
            if confirmation.confirmed:
                undo.pop_all()
                return Applied(
                    digest=bundle.digest,
                    how=how,
                    check_seconds=checked.seconds,
                    confirm_seconds=confirmation.seconds,
                    warnings=checked.faults,
                )
        why = self._why_not(confirmation, bundle)
        return RolledBack(reason=why.message, hint=why.hint, serving=self._settled())

    def _follow(self, digest: str, timeout: float, undo: ExitStack) -> tuple[How, Confirmation]:
        """Make the proxy serve what is current, and wait until it says so, or that it will not."""
        layout = self._directory.layout
        log = self._running.log()
        begin = time.monotonic()
        verdict = Verdict()
        how: How = "reload" if self._control.is_running() else "start"
        if how == "reload":
            verdict = reload(self._commands, self._control, layout, timeout=timeout)
        else:
            undo.callback(self._control.stop)
            remove_stale_sockets(layout)
            self._control.start()
        if verdict.accepted is False:
            said = refusal(verdict, self._commands, log)
            return how, Confirmation(confirmed=False, was_refused=True, seconds=time.monotonic() - begin, faults=said)
        confirmation = await_digest(digest, self._commands, layout, log=log, timeout=timeout)
        return how, replace(confirmation, seconds=time.monotonic() - begin)

    def _return(self, digest: str, timeout: float) -> None:
        """The last step back; whether it succeeded is asked afterwards."""
        with ExitStack() as nothing_to_undo:
            self._follow(digest, timeout, nothing_to_undo)
            nothing_to_undo.pop_all()

    def _why_not(self, confirmation: Confirmation, bundle: Bundle) -> Fault:
        name, layout = self._commands.name, self._layout()
        said = [fault for fault in confirmation.faults if fault.level != "warn"]
        if said:
            return inside(self._commands.explain(said[0]), layout.current)
        if confirmation.was_refused:
            return Fault(
                level="error",
                message=f"{name} could not load it, and keeps what it had",
                hint=f"what {name} writes to its standard error says why",
            )
        return Fault(
            level="error",
            message=f"{name} did not answer with {bundle.digest} on {layout.socket} "
            f"within {confirmation.seconds:.1f} s, and logged no reason",
            hint=f"does it run with {layout.current / bundle.main}?",
        )
