"""Observe: several sources → one State. The first one is the world in which the proxy stands; others add workloads.

A source that cannot be read any more keeps what it said last, with a problem: nothing is removed because somebody is
out of reach, and nobody waits for one who hangs.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from gen.errors import in_order
from gen.sources import Change
from gen.sources.engines import Beside, Naming
from gen.sources.kept import KeptSource
from gen.state import State
from gen.values import EngineAddress


class CombinedSource:
    """`main`, named after it; `others` beside it, and `engines`, each with its address."""

    def __init__(
        self,
        main: KeptSource,
        *others: KeptSource,
        engines: Sequence[tuple[EngineAddress, KeptSource]] = (),
    ) -> None:
        self._main = main
        self._others = others
        self._engines = tuple((Naming(address), source) for address, source in engines)
        self._all = (main, *others, *(source for _, source in self._engines))
        self._hints: queue.SimpleQueue[Change | None] = queue.SimpleQueue()

    @property
    def name(self) -> str:
        """As the first source is called."""
        return self._main.name

    def read(self) -> State:
        """The world now. Raises SourceError where one was never read that has to be."""
        main = self._main.read().state
        others = tuple(source.read().state for source in self._others)
        engines = tuple(naming.beside(source.read(), main) for naming, source in self._engines)
        return _together(main, others, engines)

    def changes(self) -> Iterator[Change]:
        """The hints of all, until `close`."""
        for source in self._all:
            threading.Thread(target=self._follow, args=(source,), name=f"hints {source.label}", daemon=True).start()
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

    def _follow(self, source: KeptSource) -> None:
        for change in source.changes():
            self._hints.put(change)


def _together(main: State, others: tuple[State, ...], engines: tuple[Beside, ...]) -> State:
    """A workload that the first one has already, as a snapshot may, counts once."""
    known = {workload.id for workload in main.workloads}
    beside: tuple[State | Beside, ...] = (*others, *engines)
    more = [workload for one in beside for workload in one.workloads if workload.id not in known]
    problems = tuple(problem for one in beside for problem in one.problems)
    if not more and not problems and not engines:
        return main
    return replace(
        main,
        workloads=tuple(sorted((*main.workloads, *more), key=lambda one: (one.name, one.id))),
        networks=tuple(sorted((*main.networks, *(net for one in engines for net in one.networks)), key=_by_name)),
        engines=tuple(sorted((one.engine for one in engines), key=attrgetter("name"))),
        problems=in_order((*main.problems, *problems)),
    )


_by_name = attrgetter("name", "id")
