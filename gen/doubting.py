"""Doubting: a pass, and what counts now → whether the daemon believes it, or waits for the world to say so again.

An engine that starts lists its containers little by little, and another one than was meant lists none. The daemon waits
as long as the setting `doubt` says before a list takes most of what it serves away at once; what runs keeps running
meanwhile. What events report is believed at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gen import table
from gen.apply import Directory
from gen.errors import DoubtError
from gen.memo import Memo
from gen.pipeline import Made
from gen.plan import Rows, rows_of
from gen.plan.removals import removals, too_many
from gen.settings import Settings


class Doubt:
    """`memo` is the pipeline's, in which rows are remembered; `clock` is monotonic seconds."""

    def __init__(self, settings: Settings, directory: Directory, memo: Memo, *, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._directory = directory
        self._memo = memo
        self._clock = clock
        self._known: Mapping[str, Rows] = {}
        self._since: float | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a pass was not believed, and none since."""
        return self._since is not None

    def demand(self, made: Made) -> None:
        """Raises DoubtError where a pass would take too much away, and did not do so for long."""
        if not self._settings.doubt.milliseconds:
            return
        current = self._directory.current() or ""
        before, after = self._rows(current, made.bundle.main), table.rows(made.model, self._memo)
        self._known = {current: before, made.bundle.digest: after}
        lost = too_many(removals(before, after), self._settings.max_removals.percent)
        if not lost:
            self._since = None
            return
        now = self._clock()
        self._since = now if self._since is None else self._since
        if now - self._since < self._settings.doubt.seconds:
            hint = f"it is believed if it stays so for {self._settings.doubt}, the setting doubt"
            raise DoubtError("; ".join(map(str, lost)), hint=hint)

    def _rows(self, digest: str, main: str) -> Rows:
        if digest in self._known:
            return self._known[digest]
        release = self._directory.bundle(digest, main) if digest else None
        return rows_of(release) if release else {}
