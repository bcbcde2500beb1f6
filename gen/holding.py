"""Holding: what `watch` remembers of routes, so that recreating a container changes neither the owner nor the answer.

After each update the routes come in with their owners. Before the next one go out: the declarations of workloads that
have gone since less than the setting `hold`, without servers, and the spots of the routes that there are. A new daemon
begins with the owners of the installed release, as far as that says them: of routes without further conditions. What
was held is not part of a release.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gen import access
from gen.build import Earlier, spots_of, stream_spot
from gen.dialects import Declaration
from gen.model import Match, Route, StreamRoute
from gen.state import Workload
from gen.values import Duration

_HELD_KINDS = ("container", "service")
"""What is recreated. A file is edited, and means what it says at once."""


class Holding:
    """The memory of one daemon. `clock` is monotonic seconds; `installed` is the `release.json` of the installed
    release, or empty."""

    def __init__(self, hold: Duration, clock: Callable[[], float], installed: bytes = b"") -> None:
        self._seconds = hold.milliseconds / 1000
        self._clock = clock
        self._present: dict[str, Declaration] = {}
        self._gone: dict[str, tuple[Declaration, float]] = {}
        self._last: Sequence[Declaration] = ()
        self._routes: tuple[Route, ...] = ()
        self._seats: frozenset[str] | None = _installed_seats(installed)
        self._streams: tuple[StreamRoute, ...] = ()
        self._earlier: Earlier | None = Earlier()

    def with_held(self, declarations: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
        """The declarations with those that are held."""
        now = self._clock()
        if declarations is not self._last:
            self._learn(declarations, now)
        self._gone = {name: held for name, held in self._gone.items() if held[1] > now}
        return (*declarations, *(held for held, _ in self._gone.values())) if self._gone else declarations

    def _learn(self, declarations: tuple[Declaration, ...], now: float) -> None:
        present = {declaration.workload.id: declaration for declaration in declarations}
        for name, declaration in self._present.items():
            if name not in present and self._seconds and declaration.workload.kind in _HELD_KINDS:
                self._gone[name] = (_ended(declaration), now + self._seconds)
        for name in self._gone.keys() & present.keys():
            del self._gone[name]
        self._present, self._last = present, declarations

    def learn_routes(self, routes: tuple[Route, ...], streams: tuple[StreamRoute, ...] = ()) -> None:
        """Remember the routes of an update, and so who has them."""
        if routes is not self._routes:
            self._routes, self._seats, self._earlier = routes, None, None
        if streams is not self._streams:
            self._streams, self._earlier = streams, None

    def earlier(self) -> Earlier:
        """Since when the last update's routes are there, and the places of its TCP and UDP routes."""
        if self._earlier is None:
            self._earlier = Earlier(
                since={
                    spot: route.since
                    for route in self._routes
                    if route.since
                    for spot in spots_of(route.match.hosts, replace(route.match, hosts=()), route.owner)
                },
                streams=frozenset(
                    stream_spot(listener, host, route.owner)
                    for route in self._streams
                    for listener in route.listeners
                    for host in (route.hosts or (None,))
                ),
            )
        return self._earlier

    def seats(self) -> frozenset[str]:
        """The spots of the last update's routes, each with its owner."""
        if self._seats is None:
            self._seats = frozenset(
                spot
                for route in self._routes
                for spot in spots_of(route.match.hosts, replace(route.match, hosts=()), route.owner)
            )
        return self._seats

    @property
    def is_over(self) -> bool:
        """Whether something was held for long enough, so that another update is due."""
        now = self._clock()
        return any(until <= now for _, until in self._gone.values())


def _installed_seats(installed: bytes) -> frozenset[str]:
    """The spots of an installed release's routes, except of those with conditions, which are hidden there."""
    facts = access.read(installed) if installed else None
    return frozenset(
        spot
        for one in (facts.routes if facts else ())
        if one.kind == "http" and not (one.methods or one.asks or one.clients)
        for spot in spots_of(one.hosts, Match(path=one.path), one.owner)
    )


def _ended(declaration: Declaration) -> Declaration:
    """What is left of a workload that has gone: its claims, without servers and without problems."""
    return replace(declaration, workload=_without_servers(declaration.workload), problems=(), is_held=True)


def _without_servers(workload: Workload) -> Workload:
    ended = tuple(replace(instance, running=False, stopping=False) for instance in workload.instances)
    return replace(workload, instances=ended)
