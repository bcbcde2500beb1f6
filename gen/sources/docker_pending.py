"""Observe, between the event stream and the reader: what events asked to look at since the last read."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the next read has to look at. `kills`: (container, nanoseconds of the engine's clock)."""

    everything: bool
    networks: bool = False
    proxy: bool = False
    containers: tuple[str, ...] = ()
    kills: tuple[tuple[str, int], ...] = ()


class Pending:
    """Written by the following thread, taken by the reading one. While nobody follows, everything is to be read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_following = False
        self._everything = True
        self._networks = False
        self._proxy = False
        self._containers: dict[str, None] = {}
        self._kills: dict[str, int] = {}

    def take(self) -> Work:
        """What is asked for, which is then asked for no more."""
        with self._lock:
            work = Work(
                everything=self._everything or not self._is_following,
                networks=self._networks,
                proxy=self._proxy,
                containers=tuple(self._containers),
                kills=tuple(self._kills.items()),
            )
            self._everything = self._networks = self._proxy = False
            self._containers, self._kills = {}, {}
            return work

    def give_back(self, work: Work) -> None:
        """A read failed: all of it is asked for again, and everything else with it."""
        with self._lock:
            self._everything = True
            self._proxy |= work.proxy
            self._containers = dict.fromkeys((*work.containers, *self._containers))
            self._kills = dict(work.kills) | self._kills

    def everything(self) -> None:
        """Look at everything."""
        with self._lock:
            self._everything = True

    def follow(self) -> None:
        """Look at everything once more; from here on events are complete."""
        with self._lock:
            self._is_following = self._everything = True

    def unfollow(self) -> None:
        """Events are missed from here on."""
        with self._lock:
            self._is_following = False

    def networks(self) -> None:
        """Look at the networks."""
        with self._lock:
            self._networks = True

    def container(self, identity: str, *, proxy: bool, ours: bool) -> None:
        """Look at one container, as the proxy's or as one that counts."""
        with self._lock:
            self._proxy |= proxy
            if ours:
                self._containers[identity] = None

    def kill(self, identity: str, at: int) -> None:
        """The container was told to end."""
        with self._lock:
            self._kills[identity] = at
