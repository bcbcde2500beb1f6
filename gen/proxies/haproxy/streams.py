"""Streams: TCP routes → frontends and backends in mode tcp, as the templates print them. HAProxy balances no UDP.

A listener looks its names up in `names.map`, as HTTP looks up hosts. Where TLS is passed through for some names and
ends for others, a frontend on the port reads the name from the client's hello and hands on what ends here over a unix
socket, with the PROXY protocol: to HTTP, or to a second frontend of the listener.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from gen.build.names import digest
from gen.decide import names
from gen.model import Listener, Model, StreamRoute, Upstream
from gen.proxies.commands import Layout
from gen.proxies.haproxy import certs, maps
from gen.proxies.haproxy.backends import Backend
from gen.proxies.haproxy.literal import Expression, Word
from gen.settings import Settings
from gen.values import Host

NAMES = "maps/names.map"
REFUSED = Word("refused")


@dataclass(frozen=True, kw_only=True)
class StreamFrontend:
    """One frontend in mode tcp. `is_inner`: its connections come from our own other one, over `socket`. `looks`: it
    reads names from hellos that it does not answer. No `rest`: connections for other names are closed."""

    listener: Listener
    binds: tuple[tuple[Word, bool], ...]
    is_inner: bool
    looks: bool
    tls: bool
    strict: bool
    depths: tuple[tuple[Expression, Expression], ...]
    has_names: bool
    rest: Word | None

    @property
    def name(self) -> Word:
        return Word(f"{'ft' if self.is_inner else 'fs'}_{self.listener.name}")

    @property
    def certificates(self) -> Word:
        return Word(certs.list_file(self.listener))

    @property
    def start(self) -> Expression:
        return Expression(f'str("{prefix(self.listener, is_inner=self.is_inner)}")')

    @property
    def wild(self) -> Expression:
        return Expression(f'str("{prefix(self.listener, is_inner=self.is_inner)}*.")')


@dataclass(frozen=True, kw_only=True)
class StreamBackend(Backend):
    """An upstream of TCP with the policies of a route."""

    is_stream: ClassVar[bool] = True

    @property
    def defaults(self) -> Word:
        return Word(f"fairway_stream{self.many}")


@dataclass(frozen=True, kw_only=True)
class HandOn:
    """A backend that hands connections on to our own other frontend of a listener."""

    name: Word
    socket: Word


def prefix(listener: Listener, *, is_inner: bool = False) -> str:
    """What the keys of a listener's names begin with."""
    return f"{listener.name}{'/tls' if is_inner else ''}:"


def shared(model: Model) -> frozenset[str]:
    """The listeners of HTTP on which names are looked at first."""
    asked = {listener for route in model.streams for listener in route.listeners}
    return frozenset(listener.name for listener in model.http_listeners if listener.name in asked)


def inner(settings: Settings, listener: Listener) -> Word:
    """The socket between our own frontends of a listener."""
    folder = Layout(root=PurePosixPath(settings.proxy_directory)).inner
    return Word(f"unix@{folder}/l_{digest('listener', listener.name)[:8]}.sock")


def binds(listener: Listener, *, ipv6: bool) -> tuple[tuple[Word, bool], ...]:
    """Addresses with ports, and whether it is IPv6 alone."""
    port = listener.port
    if listener.addresses:
        return tuple((Word(f"{address}:{port}"), ":" in address) for address in listener.addresses)
    return ((Word(f"0.0.0.0:{port}"), False), *([(Word(f":::{port}"), True)] if ipv6 else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """All TCP routes: frontends, what is handed on, and the content of `names.map`, empty where no name is asked."""

    frontends: tuple[StreamFrontend, ...] = ()
    hand_on: tuple[HandOn, ...] = ()
    names: bytes = b""


def streams(model: Model, capabilities: frozenset[str], backends: tuple[Word, ...], *_routing: object) -> Streams:
    """The frontends of a model's TCP routes; `backends` by route, in order."""
    drawing = _Drawing(model, capabilities, backends)
    return Streams(
        frontends=tuple(drawing.frontends),
        hand_on=tuple(drawing.hand_on),
        names=maps.text(drawing.names.items()) if drawing.names else b"",
    )


class _Drawing:
    """Puts the frontends and the names of all TCP routes together."""

    def __init__(self, model: Model, capabilities: frozenset[str], backends: tuple[Word, ...]) -> None:
        self.model = model
        self.capabilities = capabilities
        self.backends = dict(zip((route.id for route in model.streams), backends, strict=True))
        self.frontends: list[StreamFrontend] = []
        self.hand_on: list[HandOn] = []
        self.names: dict[str, str] = {}
        self.shared = shared(model)
        for listener in model.listeners:
            self._listener(listener)

    def _listener(self, listener: Listener) -> None:
        routes = [route for route in self.model.streams if listener.name in route.listeners]
        if not routes:
            return
        *rules, (_, rest) = names(self.model, listener.name)
        ends = [route for route in routes if route.tls == "terminate"]
        place = binds(listener, ipv6="ipv6" in self.capabilities)
        if listener.name not in self.shared and len(ends) == len(routes):
            self._add(listener, place, rules, rest, tls=True)
            return
        hands_on = bool(ends) or listener.name in self.shared
        self._add(listener, place, rules, rest, looks=bool(rules), hands_on=hands_on)
        if hands_on:
            self.hand_on.append(HandOn(name=_to(listener), socket=inner(self.model.settings, listener)))
        if ends:
            own = [rule for rule in rules if rule[1] in ends]
            socket = ((inner(self.model.settings, listener), False),)
            self._add(listener, socket, own, rest if rest in ends else None, tls=True, is_inner=True)

    def _add(
        self,
        listener: Listener,
        place: tuple[tuple[Word, bool], ...],
        rules: Iterable[tuple[Host | None, StreamRoute | None]],
        rest: StreamRoute | None,
        *,
        tls: bool = False,
        looks: bool = False,
        is_inner: bool = False,
        hands_on: bool = False,
    ) -> None:
        """A frontend, with its names put down where they are looked up."""
        depths: set[int] = set()
        start = prefix(listener, is_inner=is_inner)
        found = {host: self._taker(route, listener, hands_on) for host, route in rules if host is not None}
        for host, taker in found.items():
            self.names[f"{start}{host}"] = taker or REFUSED
            depths |= {host.text.count(".") + 1} if host.kind == "wildcard" else set()
        self.frontends.append(
            StreamFrontend(
                listener=listener,
                binds=place,
                is_inner=is_inner,
                looks=looks,
                tls=tls,
                strict=tls and rest is None,
                depths=maps.deepest(depths),
                has_names=bool(found),
                rest=self._taker(rest, listener, hands_on),
            )
        )

    def _taker(self, route: StreamRoute | None, listener: Listener, hands_on: bool) -> Word | None:
        """The backend that takes a name; None: nobody."""
        if route is None:
            return _to(listener) if listener.name in self.shared else None
        return _to(listener) if hands_on and route.tls == "terminate" else self.backends[route.id]


def backend_of(
    route: StreamRoute, upstream: Upstream, settings: Settings, capabilities: frozenset[str]
) -> StreamBackend:
    """The backend that takes a route's connections."""
    spelled = digest(repr(route.policies)) if route.policies else ""
    return StreamBackend(
        name=REFUSED if route.withheld else Word(f"st_{upstream.id}_{spelled}".removesuffix("_")),
        upstream=None if route.withheld else upstream,
        policies=() if route.withheld else (*route.policies, *upstream.policies),
        settings=settings,
        capabilities=capabilities,
        is_withheld=bool(route.withheld),
    )


def _to(listener: Listener) -> Word:
    return Word(f"to_{listener.name}")
