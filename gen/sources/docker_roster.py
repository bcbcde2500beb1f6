"""Observe, what is remembered between reads: facts of containers in, workloads in order out.

A workload is rebuilt only when its own facts, those of the container whose network it uses, or its mark changed, and
replaced only when the result differs: unchanged ones stay the same objects, on which everything after us memoises.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from gen.sources.docker_read import Facts, workload
from gen.state import Workload


class Roster:
    """The containers that count: those with a label of ours, and the owners of networks that these use.

    One thread writes; `facts_of` may be called from any.
    """

    def __init__(self, label_prefixes: tuple[str, ...]) -> None:
        self._prefixes = label_prefixes
        self._facts: dict[str, Facts] = {}
        self._prints: dict[str, tuple[object, ...]] = {}
        self._marks: dict[str, int] = {}
        self._borrowers: dict[str, set[str]] = {}
        self._shown: dict[str, Workload] = {}
        self._order: list[tuple[str, str]] = []
        self._tuple: tuple[Workload, ...] | None = ()

    def facts_of(self, container: str) -> Facts | None:
        """What is known of a container; None when it does not count."""
        return self._facts.get(container)

    def is_lender(self, container: str) -> bool:
        """Whether a container that counts uses this one's network."""
        return container in self._borrowers

    def is_ours(self, label: str) -> bool:
        """Whether a label makes its container count."""
        return label.startswith(self._prefixes)

    def is_current(self, container: str, print_: tuple[object, ...]) -> bool:
        """Whether the list says what it said when we last inspected. What is marked as stopping may have restarted
        meanwhile, which no list tells."""
        return container not in self._marks and self._prints.get(container) == print_

    def identities(self) -> tuple[str, ...]:
        """The ids of all containers that are known."""
        return tuple(self._facts)

    def missing_lenders(self) -> tuple[str, ...]:
        """Ids of containers whose network is used and that are not known."""
        return tuple(sorted(lender for lender in self._borrowers if lender not in self._facts))

    def learn(self, found: Facts, print_: tuple[object, ...] | None = None) -> None:
        """Takes in what an inspect said, and what the list said just before it."""
        if not found.is_present or not (self.is_lender(found.id) or any(self.is_ours(one.key) for one in found.labels)):
            self.forget(found.id)
            return
        self._prints.pop(found.id, None)
        if print_ is not None:
            self._prints[found.id] = print_
        before = self._facts.get(found.id)
        if found.started > self._marks.get(found.id, found.started):
            del self._marks[found.id]
        elif before == found:
            return
        self._facts[found.id] = found
        self._borrow(before.lender if before else "", found.lender, found.id)
        self._rebuild(found.id)

    def forget(self, container: str) -> None:
        """The container is gone, or does not count any more."""
        self._marks.pop(container, None)
        self._prints.pop(container, None)
        if before := self._facts.pop(container, None):
            self._borrow(before.lender, "", container)
            self._rebuild(container)

    def mark(self, container: str, at: int) -> None:
        """The container was told to end at `at` (nanoseconds of the engine's clock); holds until it started later."""
        found = self._facts.get(container)
        if found is not None and found.started <= at:
            self._marks[container] = at
            self._rebuild(container)

    def workloads(self) -> tuple[Workload, ...]:
        """All workloads by (name, id)."""
        if self._tuple is None:
            self._tuple = tuple(self._shown[identity] for _, identity in self._order)
        return self._tuple

    def _borrow(self, old: str, new: str, borrower: str) -> None:
        if old != new and old in self._borrowers:
            self._borrowers[old].discard(borrower)
            if not self._borrowers[old]:
                del self._borrowers[old]
        if new:
            self._borrowers.setdefault(new, set()).add(borrower)

    def _rebuild(self, container: str) -> None:
        for identity in (container, *sorted(self._borrowers.get(container, ()))):
            self._show(identity)

    def _show(self, identity: str) -> None:
        found = self._facts.get(identity)
        new = None
        if found is not None and any(self.is_ours(label.key) for label in found.labels):
            new = workload(found, self._facts.get(found.lender), stopping=identity in self._marks)
        old = self._shown.get(identity)
        if new == old:
            return
        self._tuple = None
        if old is not None:
            del self._shown[identity]
            del self._order[bisect_left(self._order, (old.name, identity))]
        if new is not None:
            self._shown[identity] = new
            insort(self._order, (new.name, identity))
