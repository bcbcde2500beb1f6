"""View: Model → the facts that HAProxy's templates print, in order. What can be calculated is calculated here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from gen.bundle import PLACEHOLDER, File
from gen.errors import TemplateError
from gen.model import Listener, Model
from gen.policies import Redirect
from gen.proxies.haproxy import certs, maps
from gen.proxies.haproxy.backends import Backend, backend_of
from gen.proxies.haproxy.conditions import Test
from gen.proxies.haproxy.fit import QUIC
from gen.proxies.haproxy.literal import Expression, Format, Word, format_of
from gen.proxies.haproxy.maps import Open, Switch, Tables
from gen.proxies.haproxy.streams import NAMES, Streams, binds, inner, shared
from gen.settings import Settings
from gen.values import Resolver

RELEASE = "maps/release.map"


@dataclass(frozen=True, kw_only=True)
class Frontend:
    """One listener."""

    listener: Listener
    settings: Settings
    capabilities: frozenset[str]
    switches: tuple[Switch, ...]
    open: tuple[Open, ...]
    depths: tuple[tuple[Expression, Expression], ...]
    is_shared: bool

    @property
    def name(self) -> Word:
        return Word(f"fe_{self.listener.name}")

    @property
    def tls(self) -> bool:
        return self.listener.tls

    @property
    def binds(self) -> tuple[tuple[Word, bool], ...]:
        """Addresses with ports, and whether it is IPv6 alone; or the socket over which connections are handed on."""
        if self.is_shared:
            return ((inner(self.settings, self.listener), False),)
        return binds(self.listener, ipv6="ipv6" in self.capabilities)

    @property
    def quic(self) -> tuple[tuple[Word, bool], ...]:
        """Where HTTP/3 is answered: on the same ports over UDP, unless the PROXY protocol has to come first."""
        listener = self.listener
        if not (self.settings.http3 and listener.tls and self.capabilities & QUIC) or listener.takes_proxy:
            return ()
        found = binds(listener, ipv6="ipv6" in self.capabilities)
        return tuple((Word(f"quic{6 if is_v6 else 4}@{place}"), is_v6) for place, is_v6 in found)

    @property
    def alternative(self) -> Format:
        """What tells browsers of HTTP/3 (RFC 7838), with the port as they see it."""
        port = self.settings.https_port or self.listener.port
        return format_of(f'h3=":{port}"; ma=86400')

    @property
    def strict(self) -> bool:
        """Whether a handshake for an unknown name is refused."""
        return self.settings.unknown_sni == "refuse"

    @property
    def certificates(self) -> Word:
        return Word(certs.list_file(self.listener))

    @property
    def site(self) -> Word:
        """What all sites of this listener begin with, and the one for all other hosts."""
        return Word(maps.default_site(self.listener.name))

    @property
    def start(self) -> Expression:
        return Expression(f"str({self.site})")

    @property
    def wild(self) -> Expression:
        return Expression(f'str("{self.site}*.")')

    def constant(self, text: str) -> Expression:
        """A text of ours as a sample."""
        return Expression(f'str("{text}")')

    def hop(self, number: int) -> Expression:
        """The address that the proxy so many hops away saw."""
        return Expression(f"req.hdr_ip(x-forwarded-for,-{number})")

    @property
    def climbing(self) -> Expression:
        """The path with four generations of `..` resolved."""
        step = r'regsub("/(?!\\.\\./)[^/]+/\\.\\.(/|\\z)","/",g)'
        return Expression(",".join(("var(txn.path)", *[step] * 4)))

    @property
    def tests(self) -> tuple[Test, ...]:
        """The tests of all switches, each once."""
        found = {test.name: test for switch in self.switches for row in switch.rows for test in row.tests}
        return tuple(found[name] for name in sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A private listener: the statistics page, the metrics, or both."""

    name: Word
    place: Word
    shows_stats: bool
    shows_metrics: bool


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that the skeleton prints, sorted."""

    settings: Settings
    capabilities: frozenset[str]
    model: Model
    frontends: tuple[Frontend, ...]
    backends: tuple[Backend, ...]
    tables: Tables
    streams: Streams

    def path(self, *parts: str) -> Word:
        """A path below the proxy's directory."""
        return Word("/".join((self.settings.proxy_directory, *parts)))

    def socket(self, name: str) -> Word:
        return Word(f"unix@{self.path('run', name)}")

    @property
    def insides(self) -> tuple[Inside, ...]:
        """Where the operator looks in, by address."""
        stats = self.settings.stats
        metrics = self.settings.metrics if "prometheus" in self.capabilities else None
        places = sorted({place for place in (stats, metrics) if place}, key=str)
        return tuple(
            Inside(
                name=Word(f"fairway_inside_{number}"),
                place=Word(str(place)),
                shows_stats=place == stats,
                shows_metrics=place == metrics,
            )
            for number, place in enumerate(places, 1)
        )

    @property
    def has_tls(self) -> bool:
        return any(frontend.tls for frontend in self.frontends) or any(one.tls for one in self.streams.frontends)

    @property
    def has_limited_quic(self) -> bool:
        """Whether QUIC works with a word more, where the TLS library has no part for it."""
        return any(frontend.quic for frontend in self.frontends) and "quic" not in self.capabilities

    @property
    def has_names(self) -> bool:
        return any(backend.has_names for backend in self.backends)

    @property
    def has_policies(self) -> tuple[Backend, ...]:
        """The backends whose policies may need sections of their own."""
        return tuple(backend for backend in self.backends if backend.policies)

    @property
    def apps(self) -> tuple[Backend, ...]:
        """The backends that speak FastCGI."""
        return tuple(backend for backend in self.backends if backend.protocol == "fastcgi")

    @property
    def uses_apex(self) -> bool:
        """Whether some redirect leads to the host with or without www."""
        targets = [
            policy.to for backend in self.backends for policy in backend.policies if isinstance(policy, Redirect)
        ]
        return any(target.preset in ("www", "apex") for target in targets)

    def said(self, status: int) -> str:
        """The reason phrase of a status (RFC 9110 §15)."""
        return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"

    @property
    def resolvers(self) -> tuple[tuple[Word, Word], ...]:
        """Name servers: a name and an address with port."""
        found = self.settings.resolvers
        return tuple((Word(f"dns{number}"), Word(_place(one))) for number, one in enumerate(found, 1))

    def files(self) -> tuple[File, ...]:
        """The files beside the configuration, sorted by name."""
        named = {
            maps.HOSTS: maps.text(self.tables.hosts.items()),
            maps.EXACT: maps.text(self.tables.exact.items()),
            maps.PREFIX: maps.text(self.tables.prefix.items()),
            RELEASE: f"digest {PLACEHOLDER}\n".encode(),
        }
        named |= {NAMES: maps.text(self.streams.names.items())} if self.streams.names else {}
        found = [File(name=name, content=content) for name, content in named.items()]
        return tuple(sorted((*found, *certs.files(self.model)), key=lambda file: file.name))


def _place(resolver: Resolver) -> str:
    address = f"[{resolver.address}]" if ":" in resolver.address else resolver.address
    return f"{address}:{resolver.port}"


def view(model: Model, capabilities: frozenset[str]) -> View:
    """The facts of a model for a HAProxy with these capabilities. Raises TemplateError."""
    upstreams = {upstream.id: upstream for upstream in model.upstreams}
    backends: dict[str, Backend] = {}
    by_route: dict[str, Word] = {}
    for route in model.routes:
        backend = backend_of(route, upstreams[route.upstream], model.settings, capabilities)
        if backends.setdefault(backend.name, backend) != backend:
            raise TemplateError(f"two backends would have the name {backend.name}")
        by_route[route.id] = backend.name
    tables = maps.tables(model, by_route)
    streams = Streams(model, capabilities)
    backends |= {backend.name: backend for backend in streams.backends.values()}
    return View(
        settings=model.settings,
        capabilities=capabilities,
        model=model,
        frontends=tuple(_frontend(listener, tables, model, capabilities) for listener in model.http_listeners),
        backends=tuple(backends[name] for name in sorted(backends)),
        tables=tables,
        streams=streams,
    )


def _frontend(listener: Listener, tables: Tables, model: Model, capabilities: frozenset[str]) -> Frontend:
    switches: Mapping[str, Switch] = tables.switches[listener.name]
    return Frontend(
        listener=listener,
        settings=model.settings,
        capabilities=capabilities,
        switches=tuple(switches[name] for name in sorted(switches)),
        open=tuple(tables.open[listener.name]),
        depths=maps.deepest(tables.depths[listener.name]),
        is_shared=listener.name in shared(model),
    )
