"""Several who want to know what the daemon does, as one."""

from __future__ import annotations

from gen.errors import FairwayError
from gen.watcher import Pass, Watcher


class Several(Watcher):
    """Hands every call on, in order."""

    def __init__(self, *watchers: Watcher) -> None:
        self._watchers = watchers

    def passed(self, one: Pass) -> None:
        for each in self._watchers:
            each.passed(one)

    def failed(self, error: FairwayError) -> None:
        for each in self._watchers:
            each.failed(error)

    def turned(self) -> None:
        for each in self._watchers:
            each.turned()

    def resyncing(self) -> None:
        for each in self._watchers:
            each.resyncing()

    def ended(self, why: str) -> None:
        for each in self._watchers:
            each.ended(why)

    def resumed(self, digest: str) -> None:
        for each in self._watchers:
            each.resumed(digest)

    def stopping(self) -> None:
        for each in self._watchers:
            each.stopping()
