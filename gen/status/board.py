"""Board: what the daemon tells of each pass → what others read, at any time and from any thread.

The daemon's thread puts whole frozen values here and works out nothing: whoever asks pays for the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from gen.apply import Applied, Outcome, RolledBack, Unchanged
from gen.bundle import Bundle, File
from gen.errors import FairwayError
from gen.pipeline import Made
from gen.plan import Change
from gen.plan.exposure import Exposure
from gen.status.metrics import Metrics
from gen.watcher import Pass, Watcher

_RELEASES: Final = 20
_CHANGES: Final = 50
_MOST_BYTES: Final = 4 << 20
"""Of files, held for the differences of releases; larger ones are read from the disk for as long as they lie there."""
_LONGEST_TURN: Final = 120.0
"""Seconds: the loop waits ten at most, and a pass of the largest world takes less than the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What became of one release, the `number`th since the start. `at`: UTC seconds since 1970; of its changes
    and exposures the first are kept. `before`: the digest of what was served before, empty for the first. `files`: what
    was served before, and what was to be, where they are few."""

    number: int
    at: float
    digest: str
    outcome: Outcome
    changes: tuple[Change, ...]
    more: int
    seconds: float
    waited: float
    why: str
    exposures: tuple[Exposure, ...] = ()
    more_exposures: int = 0
    before: str = ""
    files: tuple[Bundle, Bundle] | None = None

    @property
    def key(self) -> str:
        """What it is asked for by; another daemon's release has another one."""
        return f"{self.number}-{self.digest[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands. `confirmed`: the digest that the proxy confirmed last, and when; `trouble`: why it does not serve
    what it should, empty where it does. `since`: when it came to be in sync, or ceased to."""

    made: Made | None = None
    confirmed: str = ""
    confirmed_at: float = 0.0
    since: float = 0.0
    trouble: str = ""

    @property
    def in_sync(self) -> bool:
        """Whether the proxy serves what the world asks for."""
        return bool(self.confirmed) and not self.trouble


class Board(Watcher):
    """`clock`: UTC seconds since 1970. `stored`: a release as it lies on the disk, by its digest, where it does.
    `revision`: another one after each call that tells of something new."""

    def __init__(
        self, clock: Callable[[], float] = time.time, stored: Callable[[str], Bundle | None] = lambda _: None
    ) -> None:
        self.metrics = Metrics()
        self.standing = Standing()
        self.releases: tuple[Entry, ...] = ()
        self.revision = 0
        self._count = 0
        self._before = ""
        self._served: Bundle | None = None
        self._clock = clock
        self._stored = stored
        self._turned_at = clock()

    @property
    def is_alive(self) -> bool:
        """Whether the daemon's loop turned lately, or began a pass that is not too long yet."""
        return self._clock() - self._turned_at < _LONGEST_TURN

    def passed(self, one: Pass) -> None:
        """A pass: what it made is what counts from now on, or what went wrong is."""
        outcome = one.outcome
        self.metrics.passed(one)
        if isinstance(outcome, (Applied, Unchanged)):
            self._stands(one.made, outcome.digest)
        else:
            what = "rolled back" if isinstance(outcome, RolledBack) else "refused"
            self._stuck(f"{what}: {outcome.reason}", one.made)
        if not isinstance(outcome, Unchanged):
            self._keep(one)
        if isinstance(outcome, (Applied, Unchanged)):
            self._before = one.made.bundle.digest
            self._served = one.made.bundle if _size(one.made.bundle) <= _MOST_BYTES else None
        self.revision += 1

    def files(self, entry: Entry) -> tuple[Bundle, Bundle] | None:
        """What was served before a release, and the release; None where that is known nowhere any more."""
        if entry.files is not None or not entry.before:
            return entry.files
        before, after = self._stored(entry.before), self._stored(entry.digest)
        return (before, after) if before and after else None

    def turned(self) -> None:
        """The loop turns."""
        self._turned_at = self._clock()

    def failed(self, error: FairwayError) -> None:
        """A pass that could not go on: what is served stays."""
        self.metrics.failed()
        self._stuck(str(error), self.standing.made)
        self.revision += 1

    def ended(self, why: str) -> None:
        """The proxy does not run, until a pass has found it running again."""
        self.metrics.ended(why)
        self._stuck(f"the proxy does not serve ({why}), and is brought back", self.standing.made)
        self.revision += 1

    def resumed(self, digest: str) -> None:
        """A release of an earlier run is served, and it is not known whether it is what the containers ask for."""
        trouble = "the release of an earlier run is served: the containers are not known yet"
        self.standing = replace(self.standing, confirmed=digest, confirmed_at=self._clock(), trouble=trouble)
        self.revision += 1

    def _keep(self, one: Pass) -> None:
        """The last releases are kept, the newest first."""
        kept, self._count = one.told.changes[:_CHANGES], self._count + 1
        entry = Entry(
            number=self._count,
            at=self._clock(),
            digest=one.made.bundle.digest,
            outcome=one.outcome,
            changes=kept,
            more=len(one.told.changes) - len(kept),
            exposures=one.told.exposures[:_CHANGES],
            more_exposures=max(0, len(one.told.exposures) - _CHANGES),
            seconds=one.seconds,
            waited=one.waited,
            why=one.why,
            before=self._before,
            files=(self._served, one.made.bundle) if self._served else None,
        )
        self.releases = _spared((entry, *self.releases[: _RELEASES - 1]))

    def _stands(self, made: Made, digest: str) -> None:
        now, before = self._clock(), self.standing
        since = before.since if before.in_sync else now
        self.standing = Standing(made=_light(made), confirmed=digest, confirmed_at=now, since=since)

    def _stuck(self, trouble: str, made: Made | None) -> None:
        before = self.standing
        since = before.since if before.trouble else self._clock()
        self.standing = replace(before, made=_light(made) if made else None, trouble=trouble, since=since)


def _light(made: Made) -> Made:
    """Without what stands in its files: of ten thousand workloads that is a lot to hold for nobody."""
    bundle = made.bundle
    empty = Bundle(main=bundle.main, files=(File(name=bundle.main, content=b""),), digest=bundle.digest)
    return replace(made, bundle=empty)


def _size(bundle: Bundle) -> int:
    """Bytes of all files."""
    return sum(len(file.content) for file in bundle.files)


def _spared(releases: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Without the files of the oldest where all together are too many. What two bundles share counts twice."""
    found, taken = [], 0
    for entry in releases:
        taken += _size(entry.files[1]) if entry.files else 0
        found.append(replace(entry, files=None) if entry.files and taken > _MOST_BYTES else entry)
    return tuple(found)
