"""Memo: a pure function's last answer, kept per thing it was asked about.

Equality of the inputs is the only reason to reuse an answer, so there is no second, incremental code path to keep in
step. One slot per thing bounds the memory; inputs that are the very same objects compare at once, so whoever goes
through all of a world hands on what a memo gave him, and not a copy of it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
_STEPS = (512, 64, 8, 1)
"""So many items are compared at once while they are equal; those between the equal ends are looked up one by one."""


class Memo:
    """Call it with a slot, a function and its arguments. `sweep` forgets what nobody asked for since."""

    def __init__(self) -> None:
        self._slots: dict[Hashable, tuple[tuple[object, ...], object]] = {}
        self._series: dict[Hashable, _Series] = {}
        self._orders: dict[Hashable, _Order] = {}
        self._inner: dict[Hashable, Memo] = {}
        self._asked: set[Hashable] = set()

    def __call__(self, slot: Hashable, function: Callable[..., T], *inputs: object) -> T:
        """The function's value for these inputs."""
        self._asked.add(slot)
        known = self._slots.get(slot)
        if known is not None and known[0] == inputs:
            return known[1]  # type: ignore[return-value]
        value = function(*inputs)
        if known is not None and known[1] == value:
            value = known[1]
        self._slots[slot] = (inputs, value)
        return value

    def nested(self, slot: Hashable, function: Callable[..., T], *inputs: object) -> T:
        """As a call, of a function that takes a memo before its inputs: what it remembers there stays as long as its
        value does, though nobody asks for it while the inputs are equal."""
        inner = self._inner.setdefault(slot, Memo())
        return self(slot, partial(function, inner), *inputs)

    def each(
        self,
        slot: Hashable,
        function: Callable[..., T],
        *columns: Iterable[object],
        key: Callable[[Any], Hashable],
        shared: tuple[object, ...] = (),
    ) -> tuple[T, ...]:
        """`map(function, *columns)`, each with `shared` behind: for equal inputs the values of last time.

        `key` names an item of the first column: one that stands elsewhere now is found again by it. Values that came
        out equal are the very ones of last time, and so is the whole where all are.
        """
        self._asked.add(slot)
        series = self._series.get(slot)
        if series is None or series.shared != shared:
            series = self._series[slot] = _Series(key, shared)
        return series.take(function, tuple(map(tuple, columns)))  # type: ignore[return-value]

    def ordered(self, slot: Hashable, items: Iterable[T], key: Callable[[Any], Any]) -> tuple[T, ...]:
        """`sorted(items, key=key)`; keys are hashable, and cheap."""
        self._asked.add(slot)
        order = self._orders.get(slot)
        if order is None:
            order = self._orders[slot] = _Order()
        return order.take(tuple(items), key)

    def sweep(self) -> None:
        """Forgets what was not asked for since the last sweep."""
        kept: dict[Hashable, Any]
        for kept in (self._slots, self._series, self._orders, self._inner):
            for slot in kept.keys() - self._asked:
                del kept[slot]
        for inner in self._inner.values():
            if inner._asked:
                inner.sweep()
        for series in self._series.values():
            series.sweep()
        self._asked = set()


class _Series:
    """One function over the items of one slot: the last columns with their values, and by key those that left the
    columns since the last sweep: a search among parts of a world comes back to them."""

    __slots__ = ("columns", "key", "left", "shared", "values")

    def __init__(self, key: Callable[[Any], Hashable], shared: tuple[object, ...]) -> None:
        self.key = key
        self.shared = shared
        self.columns: tuple[tuple[object, ...], ...] = ()
        self.values: tuple[object, ...] = ()
        self.left: dict[Hashable, _Known] = {}

    def take(self, function: Callable[..., object], columns: tuple[tuple[object, ...], ...]) -> tuple[object, ...]:
        if self.columns == columns:
            return self.values
        pairs = list(zip(self.columns, columns, strict=bool(self.columns)))
        front = min((_front(one, other) for one, other in pairs), default=0)
        most = min(len(self.values), len(columns[0])) - front
        back = min((_back(one, other, most) for one, other in pairs), default=0)
        end = len(self.values) - back
        self._leave(front, end)
        middle = zip(*(column[front : len(column) - back] for column in columns), strict=True)
        new = tuple(self._value(function, inputs) for inputs in middle)
        self.columns = columns
        if self.values[front:end] != new:
            self.values = (*self.values[:front], *new, *self.values[end:])
        return self.values

    def _leave(self, front: int, end: int) -> None:
        """Those between the equal ends may stand elsewhere, or come back."""
        if front < end:
            gone = zip(*(column[front:end] for column in self.columns), strict=True)
            for inputs, value in zip(gone, self.values[front:end], strict=True):
                self.left[self.key(inputs[0])] = inputs, value

    def _value(self, function: Callable[..., object], inputs: tuple[object, ...]) -> object:
        known = self.left.pop(self.key(inputs[0]), None) if self.left else None
        if known is not None and known[0] == inputs:
            return known[1]
        value = function(*inputs, *self.shared)
        return known[1] if known is not None and known[1] == value else value

    def sweep(self) -> None:
        """Forgets all but the last columns."""
        self.left = {}


_Known = tuple[tuple[object, ...], object]
"""The inputs of an item, and its value."""


class _Order:
    """The last order of one slot: what stood in order before needs few comparisons."""

    __slots__ = ("items", "keys", "names", "result")

    def __init__(self) -> None:
        self.items: tuple[Any, ...] = ()
        self.keys: tuple[Any, ...] = ()
        self.names: list[Any] = []
        self.result: tuple[Any, ...] = ()

    def take(self, items: tuple[T, ...], key: Callable[[Any], Any]) -> tuple[T, ...]:
        if self.items == items:
            return self.result
        keys = tuple(map(key, items))
        by_name = dict(zip(keys, items, strict=True))
        if len(by_name) < len(items):
            result = tuple(sorted(items, key=key))
        else:
            if keys != self.keys:
                self._learn(by_name)
            result = tuple(map(by_name.__getitem__, self.names))
            self.keys = keys
        self.items = items
        self.result = self.result if self.result == result else result
        return self.result

    def _learn(self, by_name: dict[Any, Any]) -> None:
        self.names = list(filter(by_name.__contains__, self.names))
        if len(self.names) < len(by_name):
            self.names.extend(by_name.keys() - self.names)
        self.names.sort()


def _front(one: tuple[object, ...], other: tuple[object, ...]) -> int:
    """How many items are equal in front."""
    at, least = 0, min(len(one), len(other))
    for step in _STEPS:
        while at + step <= least and one[at : at + step] == other[at : at + step]:
            at += step
    return at


def _back(one: tuple[object, ...], other: tuple[object, ...], most: int) -> int:
    """How many items are equal behind, at most so many."""
    at, end, others = 0, len(one), len(other)
    for step in _STEPS:
        while at + step <= most and one[end - at - step : end - at] == other[others - at - step : others - at]:
            at += step
    return at


@contextmanager
def uncollected() -> Iterator[None]:
    """Keeps the garbage collector from looking through a world of frozen values, which have no cycles, again and again
    while it is made: of ten thousand workloads that is a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
