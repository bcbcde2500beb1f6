"""Side by side: a call and its arguments → the results in their order, by a few threads that nothing has to wait for.

A pool of `concurrent.futures` is joined when the process ends, so that one engine which hangs would hold that up.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

A = TypeVar("A")
R = TypeVar("R")


def side_by_side(call: Callable[[A], R], arguments: Sequence[A], *, most: int) -> list[R]:
    """At most `most` calls at a time. Raises the first exception that a call raised; the calls that have not begun by
    then are not made."""
    todo: queue.SimpleQueue[tuple[int, A]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, R | None, BaseException | None]] = queue.SimpleQueue()
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            try:
                number, argument = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, call(argument), None))
            except BaseException as error:
                is_over.set()
                done.put((number, None, error))

    for entry in enumerate(arguments):
        todo.put(entry)
    for number in range(min(most, len(arguments))):
        threading.Thread(target=work, name=f"side by side {number}", daemon=True).start()
    found: dict[int, R] = {}
    try:
        while len(found) < len(arguments):
            number, result, error = done.get()
            if error is not None:
                raise error
            found[number] = result  # type: ignore[assignment]
    finally:
        is_over.set()
    return [found[number] for number in range(len(arguments))]
