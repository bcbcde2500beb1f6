"""Streams: TCP and UDP routes → the servers of nginx's stream module, as the templates print them.

A listener of one route is one server. Where names of TLS clients decide, a front looks at the name and hands the
connection on over a unix socket: to the route's own server or, on a listener that HTTP has too, to HTTP. The PROXY
protocol tells them the client's address. `proxy_protocol` takes no variable, so a front speaks it to everybody, and a
route that wants it itself needs no server of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from gen.build.names import digest, identifier
from gen.decide import names
from gen.model import Listener, Model, Policy, StreamRoute
from gen.proxies.commands import Layout
from gen.proxies.nginx.facts import StreamPool
from gen.proxies.nginx.literal import MapKey, Plain, Word
from gen.settings import Settings

UNIX = Word("unix:")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamListen:
    """One `listen` directive."""

    address: Word
    tls: bool = False
    udp: bool = False
    proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """`map $ssl_preread_server_name variable`: the socket, or the upstream, that takes a name."""

    variable: Word
    rows: tuple[tuple[MapKey, Word], ...]
    default: Word

    @property
    def takers(self) -> tuple[Word, ...]:
        return (*(taker for _, taker in self.rows), self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamServer:
    """One server block. No target: connections are closed. `trusts`: who may say by PROXY protocol who the client is.
    `front`: it looks at names, and its target is the front's variable."""

    listens: tuple[StreamListen, ...]
    target: Word | None
    trusts: tuple[object, ...] = ()
    policies: tuple[Policy, ...] = ()
    certificate: Plain | None = None
    key: Plain | None = None
    is_udp: bool = False
    front: Front | None = None

    @property
    def slot(self) -> str:
        """What stays the same while the server changes."""
        return " ".join(listen.address for listen in self.listens) + " udp" * self.is_udp

    def has(self, policy: str) -> bool:
        return any(one.name == policy for one in self.policies)


def shared(model: Model) -> frozenset[str]:
    """The listeners of HTTP on which a front has to look at names first."""
    asked = {listener for route in model.streams for listener in route.listeners}
    return frozenset(listener.name for listener in model.http_listeners if listener.name in asked)


def inner(settings: Settings, kind: str, name: str) -> Word:
    """A socket between our own servers."""
    folder = Layout(root=PurePosixPath(settings.proxy_directory)).inner
    return Word(f"unix:{folder}/{kind}_{digest(kind, name)[:8]}.sock")


def addresses(listener: Listener, capabilities: frozenset[str]) -> list[Word]:
    """Where a listener listens, as nginx writes it."""
    found = [f"[{a}]:{listener.port}" if ":" in a else f"{a}:{listener.port}" for a in listener.addresses]
    if not found:
        found = [str(listener.port)] + [f"[::]:{listener.port}"] * ("ipv6" in capabilities)
    return [Word(address) for address in found]


class Streams:
    """Puts the servers of all TCP and UDP routes together."""

    def __init__(self, model: Model, capabilities: frozenset[str]) -> None:
        self.model = model
        self.settings = model.settings
        self.capabilities = capabilities
        used = {route.upstream for route in model.streams}
        self.pools = {
            one.id: StreamPool(upstream=one, capabilities=capabilities, settings=model.settings)
            for one in model.upstreams
            if one.id in used
        }
        self.certificates = {certificate.name: certificate for certificate in model.certificates}
        self.shared = shared(model)

    def all(self) -> tuple[StreamServer, ...]:
        """The servers by where they listen."""
        found: list[StreamServer] = []
        named: dict[str, StreamRoute] = {}
        for listener in self.model.listeners:
            routes = [route for route in self.model.streams if listener.name in route.listeners]
            if any(route.hosts for route in routes):
                found.append(self._front(listener))
                named.update((route.id, route) for route in routes)
            elif routes:
                found.append(self._direct(listener, routes[0]))
        found.extend(self._behind(route) for route in named.values() if not self._is_open(route))
        if any(server.front and self._nobody in server.front.takers for server in found):
            found.append(StreamServer(listens=(StreamListen(address=self._nobody, proxy=True),), target=None))
        return tuple(sorted(found, key=lambda server: server.slot))

    @property
    def _nobody(self) -> Word:
        return inner(self.settings, "none", "")

    def _direct(self, listener: Listener, route: StreamRoute) -> StreamServer:
        """A listener that one route has for itself."""
        return self._server(route, self._listens(listener, tls=route.tls == "terminate"), self._trusts(listener))

    def _behind(self, route: StreamRoute) -> StreamServer:
        """The server of a route whose connections come from a front."""
        socket = StreamListen(address=inner(self.settings, "s", route.id), tls=route.tls == "terminate", proxy=True)
        return self._server(route, (socket,), (UNIX,))

    def _server(
        self, route: StreamRoute, listens: tuple[StreamListen, ...], trusts: tuple[object, ...]
    ) -> StreamServer:
        pool = self.pools[route.upstream]
        certificate = self.certificates.get(route.certificate)
        return StreamServer(
            listens=listens,
            target=None if route.withheld or not pool.servers else pool.address,
            trusts=trusts,
            policies=(*route.policies, *pool.policies),
            certificate=Plain(certificate.certificate_file) if certificate else None,
            key=Plain(certificate.key_file) if certificate else None,
            is_udp=route.protocol == "udp",
        )

    def _front(self, listener: Listener) -> StreamServer:
        *rules, (_, rest) = names(self.model, listener.name)
        default = self._taker(rest, listener)
        front = Front(
            variable=Word("$fw_" + identifier("names", listener.name, shown=f"names_{listener.name}")),
            rows=tuple((MapKey(host), self._taker(route, listener)) for host, route in rules),
            default=default,
        )
        return StreamServer(
            listens=self._listens(listener), trusts=self._trusts(listener), target=front.variable, front=front
        )

    def _taker(self, route: StreamRoute | None, listener: Listener) -> Word:
        """Who takes a name of a front: a route, HTTP, or nobody."""
        if route is None:
            return inner(self.settings, "http", listener.name) if listener.name in self.shared else self._nobody
        if self._is_open(route):
            pool = self.pools[route.upstream]
            return self._nobody if route.withheld or not pool.servers else pool.address
        return inner(self.settings, "s", route.id)

    def _is_open(self, route: StreamRoute) -> bool:
        """Whether a front hands a route's connections to its servers itself, as they want its PROXY protocol."""
        return any(policy.name == "proxy_protocol" for policy in self.pools[route.upstream].policies)

    def _listens(self, listener: Listener, *, tls: bool = False) -> tuple[StreamListen, ...]:
        udp = listener.protocol == "udp"
        found: Iterable[Word] = addresses(listener, self.capabilities)
        return tuple(StreamListen(address=one, tls=tls, udp=udp, proxy=listener.takes_proxy) for one in found)

    def _trusts(self, listener: Listener) -> tuple[object, ...]:
        return self.settings.trusted_proxies if listener.takes_proxy else ()
