"""Waiting in tests: asked again until a deadline, never a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(predicate: Callable[[], T], *, timeout: float = 10.0, every: float = 0.05, message: str = "") -> T:
    """The first truthy answer of `predicate` within `timeout` seconds; OSError counts as "not yet".

    Raises AssertionError with `message` and the last answer or trouble.
    """
    deadline = time.monotonic() + timeout
    while True:
        last: object
        try:
            answer = predicate()
        except OSError as trouble:
            last = trouble
        else:
            if answer:
                return answer
            last = answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{message or 'the condition'} did not come true within {timeout:g} s; last: {last!r}")
        time.sleep(every)
