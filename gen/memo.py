"""Memo: a pure function's last answer, kept per thing it was asked about.

Equality of the inputs is the only reason to reuse an answer, so there is no second, incremental code path to keep in
step. One slot per thing bounds the memory; inputs that are the very same objects compare at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class Memo:
    """Call it with a slot, a function and its arguments. `sweep` forgets the slots that nobody asked for since."""

    def __init__(self) -> None:
        self._slots: dict[Hashable, tuple[tuple[object, ...], object]] = {}
        self._asked: set[Hashable] = set()

    def __call__(self, slot: Hashable, function: Callable[..., T], *inputs: object) -> T:
        """The function's value for these inputs."""
        self._asked.add(slot)
        known = self._slots.get(slot)
        if known is not None and known[0] == inputs:
            return known[1]  # type: ignore[return-value]
        value = function(*inputs)
        self._slots[slot] = (inputs, value)
        return value

    def sweep(self) -> None:
        """Forgets what was not asked for since the last sweep."""
        if len(self._asked) < len(self._slots):
            self._slots = {slot: kept for slot, kept in self._slots.items() if slot in self._asked}
        self._asked = set()
