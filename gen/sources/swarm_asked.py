"""Observe a swarm, between the event stream and the reader: what events asked to look at since the last read."""

from __future__ import annotations

import threading
from typing import Final, Literal

Part = Literal["services", "nodes", "networks", "proxy", "tasks"]
EVERYTHING: Final[frozenset[Part]] = frozenset(("services", "nodes", "networks", "proxy", "tasks"))


class Parts:
    """Written by the following thread, taken by the reading one. While nobody follows, everything is to be read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_following = False
        self._parts = EVERYTHING

    @property
    def is_following(self) -> bool:
        """Whether no event is missed."""
        return self._is_following

    def take(self) -> frozenset[Part]:
        """What is asked for, which is then asked for no more."""
        with self._lock:
            parts, self._parts = self._parts, frozenset()
            return parts if self._is_following else EVERYTHING

    def give_back(self, work: frozenset[Part]) -> None:
        """A read failed: everything is asked for again."""
        self.ask(*EVERYTHING | work)

    def everything(self) -> None:
        """Look at everything."""
        self.ask(*EVERYTHING)

    def ask(self, *parts: Part) -> None:
        """Look at these."""
        with self._lock:
            self._parts |= frozenset(parts)

    def follow(self) -> None:
        """Look at everything once more; from here on events are complete."""
        with self._lock:
            self._is_following, self._parts = True, EVERYTHING

    def unfollow(self) -> None:
        """Events are missed from here on."""
        with self._lock:
            self._is_following = False
