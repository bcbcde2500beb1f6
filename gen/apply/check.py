"""Check: what can be said against a release before it counts. A staged bundle in, faults out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from gen.apply.directory import Directory
from gen.apply.outcome import CheckResult
from gen.bundle import Bundle
from gen.control.protocol import Completed, Control
from gen.proxies.commands import Commands, Fault, Layout
from gen.proxies.listening import cannot_listen


class Checks:
    """The checks of one proxy; each of its own may take `timeout` seconds."""

    def __init__(self, directory: Directory, control: Control, commands: Commands, *, timeout: float) -> None:
        self._directory = directory
        self._control = control
        self._commands = commands
        self._timeout = timeout

    def check(self, bundle: Bundle) -> CheckResult:
        """What the proxy's own check says of a release that is staged, and what it overlooks."""
        if overlooked := (*self._commands.overlooked(bundle), *self._too_many_files(bundle)):
            return CheckResult(ok=False, faults=overlooked)
        layout = Layout(root=self._control.root)
        release = layout.releases / bundle.digest
        argv = self._commands.check(release / bundle.main, layout)
        completed = self._control.run(argv, timeout=self._timeout, isolated=True)
        if completed is None:
            return CheckResult(ok=True, checked=False)
        faults = self._commands.faults(completed.stderr)
        if completed.returncode != 0 and any(self._commands.wants_network(fault) for fault in faults):
            completed = self._control.run(argv, timeout=self._timeout) or completed
        return self._judge(completed, release)

    def busy(self, bundle: Bundle, *, is_served: bool) -> Fault | None:
        """The first place that somebody else listens on, and that the proxy would share without a word. Those of the
        current release are its own while it `is_served`."""
        main = next(file.content for file in bundle.files if file.name == bundle.main)
        wanted = set(self._commands.places(main.decode()))
        current = self._directory.current()
        if wanted and current and is_served:
            before = Path(self._directory.layout.releases) / current / bundle.main
            try:
                wanted -= set(self._commands.places(before.read_text()))
            except OSError:  # which places are its own is not known
                return None
        for address, port in self._control.taken(wanted):
            fault = Fault(level="emerg", message="")
            return cannot_listen(fault, self._commands.name, place=f"{address}:{port}", trouble="in use")
        return None

    def _too_many_files(self, bundle: Bundle) -> Iterator[Fault]:
        """Where the proxy could not open as many files as it needs to start."""
        fewest = self._commands.fewest_files(bundle)
        most = self._control.most_files() if fewest else None
        if most is not None and fewest > most:
            message = f"{self._commands.name} needs at least {fewest} open files, one for each checked server included"
            hint = f"it may have {most}: raise the limit (ulimit -n, LimitNOFILE=, --ulimit nofile=), or check fewer"
            yield Fault(level="emerg", message=message, hint=hint)

    def _judge(self, completed: Completed, release: PurePosixPath) -> CheckResult:
        faults = tuple(
            inside(self._commands.explain(fault), release) for fault in self._commands.faults(completed.stderr)
        )
        ok = completed.returncode == 0 and not completed.timed_out
        if completed.timed_out:
            message = f"{self._commands.name} did not finish checking within {self._timeout:g} s"
            hint = "does the configuration name hosts that DNS is slow to find? Write addresses, or allow more time"
            faults = (Fault(level="emerg", message=message, hint=hint), *faults)
        elif not ok and not any(fault.level != "warn" for fault in faults):
            said = completed.stderr.strip() or f"exit code {completed.returncode}"
            faults = (*faults, Fault(level="emerg", message=f"{self._commands.name} refuses it: {said}"))
        return CheckResult(ok=ok, faults=faults, seconds=completed.seconds)


def inside(fault: Fault, release: PurePosixPath) -> Fault:
    """With files' names as the bundle has them."""
    file = PurePosixPath(fault.file)
    return replace(
        fault,
        file=str(file.relative_to(release)) if file.is_relative_to(release) else fault.file,
        message=fault.message.replace(f"{release}/", ""),
    )


def reason(faults: tuple[Fault, ...]) -> str:
    """The first message that is more than a warning."""
    return str(next(fault for fault in faults if fault.level != "warn"))
