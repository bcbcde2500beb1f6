"""Observe: several sources → one State. The first one is the world in which the proxy stands; others add workloads.

A source that cannot be read any more keeps what it said last, with a problem: nothing is removed because somebody is
out of reach. At the very first read its error is everybody's.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import replace

from gen.errors import Origin, Problem, SourceError, in_order
from gen.sources import Change, Source
from gen.state import State


class CombinedSource:
    """`main` and `others`. Named after `main`."""

    def __init__(self, main: Source, *others: Source) -> None:
        self._all = (main, *others)
        self._last: dict[int, State] = {}
        self._others: tuple[State, ...] = ()
        self._hints: queue.SimpleQueue[Change | None] = queue.SimpleQueue()

    @property
    def name(self) -> str:
        """As the first source is called."""
        return self._all[0].name

    def read(self) -> State:
        """The world now. Raises SourceError where a source fails that was never read, and where the first one fails and
        the others have nothing new."""
        others = tuple(self._read(number, source) for number, source in enumerate(self._all[1:], 1))
        try:
            main = self._last[0] = self._all[0].read()
        except SourceError as error:
            if 0 not in self._last or others == self._others:
                raise
            main = _stale(self._last[0], error)
        self._others = others
        return _together(main, others)

    def changes(self) -> Iterator[Change]:
        """The hints of all, until `close`."""
        for source in self._all:
            threading.Thread(target=self._follow, args=(source,), name=f"follow {source.name}", daemon=True).start()
        while (change := self._hints.get()) is not None:
            yield change

    def resync(self) -> None:
        """Of all."""
        for source in self._all:
            source.resync()

    def close(self) -> None:
        """All of them."""
        for source in self._all:
            source.close()
        self._hints.put(None)

    def _read(self, number: int, source: Source) -> State:
        try:
            self._last[number] = found = source.read()
        except SourceError as error:
            if number not in self._last:
                raise
            return _stale(self._last[number], error)
        return found

    def _follow(self, source: Source) -> None:
        for change in source.changes():
            self._hints.put(change)


def _together(main: State, others: tuple[State, ...]) -> State:
    """A workload that the first one has already, as a snapshot may, counts once."""
    known = {workload.id for workload in main.workloads}
    more = [workload for other in others for workload in other.workloads if workload.id not in known]
    problems = tuple(problem for other in others for problem in other.problems)
    if not more and not problems:
        return main
    return replace(
        main,
        workloads=tuple(sorted((*main.workloads, *more), key=lambda one: (one.name, one.id))),
        problems=in_order((*main.problems, *problems)),
    )


def _stale(last: State, error: SourceError) -> State:
    """What was read last, and why it is not what is there now."""
    problem = Problem(
        severity="warning",
        origin=Origin(source=last.source),
        message=f"{error}; what was read last counts",
        hint=error.hint,
    )
    return replace(last, problems=in_order((*last.problems, problem)))
