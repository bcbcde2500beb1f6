"""View: Model → the facts that HAProxy's templates print, in order. What can be calculated is calculated here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from http import HTTPStatus
from operator import attrgetter
from typing import ClassVar

from gen.bundle import PLACEHOLDER, File
from gen.errors import TemplateError
from gen.memo import Memo
from gen.model import Listener, Model, at, places
from gen.proxies.haproxy import certs, maps, tries
from gen.proxies.haproxy.backends import Backend, Needs, backend_of, needs
from gen.proxies.haproxy.conditions import Test
from gen.proxies.haproxy.fit import QUIC
from gen.proxies.haproxy.joins import Join, joins
from gen.proxies.haproxy.literal import Expression, Format, Word, format_of
from gen.proxies.haproxy.maps import Open, Switch, Tables
from gen.proxies.haproxy.streams import NAMES, Streams, binds, inner, shared
from gen.proxies.haproxy.streams import backend_of as stream_backend_of
from gen.proxies.haproxy.streams import streams as draw_streams
from gen.proxies.haproxy.trust import Trust, Trusting
from gen.settings import Settings
from gen.values import Resolver

RELEASE = "maps/release.map"
MOST_FILES = 131_072
"""Open files, of which a request takes two; 64 bytes are reserved for each. Checks of servers take one each."""


@dataclass(frozen=True, kw_only=True)
class Frontend(Trust):
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
        if not (self.settings.http3 and self.tls and self.capabilities & QUIC) or self.listener.takes_proxy:
            return ()
        found = binds(self.listener, ipv6="ipv6" in self.capabilities)
        return tuple((Word(f"quic{6 if v6 else 4}@{place}"), v6) for place, v6 in found)

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

    @property
    def climbing(self) -> Expression:
        """The path with four generations of `..` resolved."""
        step = r'regsub("/(?!\\.\\./)[^/]+/\\.\\.(/|\\z)","/",g)'
        return Expression(",".join(("var(txn.path)", *[step] * 4)))

    @property
    def joins(self) -> tuple[Join, ...]:
        """The fields that conditions read."""
        return joins(test.field for test in self.tests if test.field)

    @property
    def tests(self) -> tuple[Test, ...]:
        return maps.tests_of(self.switches)

    @property
    def refuses(self) -> Word | None:
        return maps.REFUSED if any(test.absent for test in self.tests) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A private listener: the statistics page, the metrics, or both."""

    name: Word
    place: Word
    shows_stats: bool
    shows_metrics: bool


@dataclass(frozen=True, kw_only=True)
class View(Trusting):
    """Everything that the skeleton prints, sorted."""

    settings: Settings
    capabilities: frozenset[str]
    frontends: tuple[Frontend, ...]
    backends: tuple[Backend, ...]
    beside: Beside
    streams: Streams
    files: tuple[File, ...]
    more_tries: ClassVar[tuple[tries.Tries, ...]] = tries.MORE_TRIES

    @property
    def most_files(self) -> int:
        return MOST_FILES

    def path(self, *parts: str) -> Word:
        """A path below the proxy's directory."""
        return Word("/".join((self.settings.proxy_directory, *parts)))

    def socket(self, name: str) -> Word:
        return Word(f"unix@{self.path('run', name)}")

    def inner(self, name: str) -> Word:
        """A socket between this proxy's own frontends, in the directory that its workers enter."""
        return Word(f"unix@{self.path('run', 'inner', name)}")

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
        return self.beside.resolves

    @property
    def has_policies(self) -> tuple[Backend, ...]:
        """The backends whose policies may need sections of their own."""
        return self.beside.policed

    @property
    def apps(self) -> tuple[Backend, ...]:
        return self.beside.apps

    @property
    def uses_apex(self) -> bool:
        """Whether some redirect leads to the host with or without www."""
        return self.beside.has_apex

    def said(self, status: int) -> str:
        """The reason phrase of a status (RFC 9110 §15)."""
        return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"

    @property
    def resolvers(self) -> tuple[tuple[Word, Word], ...]:
        """Name servers: a name and an address with port."""
        return tuple((Word(f"dns{number}"), Word(_place(one))) for number, one in enumerate(self.settings.resolvers, 1))


def _place(resolver: Resolver) -> str:
    address = f"[{resolver.address}]" if ":" in resolver.address else resolver.address
    return f"{address}:{resolver.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What all backends need beside their own sections."""

    policed: tuple[Backend, ...]
    apps: tuple[Backend, ...]
    resolves: bool
    has_apex: bool


def view(model: Model, capabilities: frozenset[str], memo: Memo | None = None) -> View:
    """The facts of a model for a HAProxy with these capabilities. Raises TemplateError."""
    memo = memo or Memo()
    facts = (model.settings, capabilities)
    ids = tuple(map(_ID, model.upstreams))
    theirs = at(memo("places", places, model.routes, ids), model.upstreams)
    own = memo.each("backend", backend_of, model.routes, theirs, key=_ID, shared=facts)
    theirs = at(memo("stream places", places, model.streams, ids), model.upstreams)
    of_streams = memo.each("stream backend", stream_backend_of, model.streams, theirs, key=_ID, shared=facts)
    backends = memo.ordered("backends", memo("backends", _merged, own, of_streams), key=_NAME)
    routing = [getattr(model, part.name) for part in fields(model) if part.name not in ("upstreams", "problems")]
    tables = memo.nested("tables", partial(maps.tables, model), tuple(map(_NAME, own)), *routing)
    names = tuple(map(_NAME, of_streams))
    streams = memo("stream frontends", partial(draw_streams, model, capabilities), names, *routing)
    certificates = memo.nested("certificates", partial(certs.files, model), *routing)
    needed = memo.each("needs", needs, backends, key=_NAME)
    return View(
        settings=model.settings,
        capabilities=capabilities,
        frontends=memo("frontends", partial(_frontends, model, capabilities), tables, *routing),
        backends=backends,
        beside=memo("beside", _beside, needed),
        streams=streams,
        files=memo("files", _files, tables, streams, certificates),
    )


_ID, _NAME = attrgetter("id"), attrgetter("name")


def _merged(own: tuple[Backend, ...], of_streams: tuple[Backend, ...]) -> tuple[Backend, ...]:
    """Each backend once. Raises TemplateError."""
    every = (*own, *of_streams)
    found = dict(zip(map(_NAME, every), every, strict=True))
    if len(found) == len(every):
        return every
    for backend in every:
        if found[backend.name] != backend:
            raise TemplateError(f"two backends would have the name {backend.name}")
    return tuple(found.values())


def _beside(needed: tuple[Needs, ...]) -> Beside:
    bare = [one.bare for one in needed if one.bare]
    return Beside(
        policed=tuple(backend for backend in bare if backend.policies),
        apps=tuple(backend for backend in bare if backend.protocol == "fastcgi"),
        resolves=any(one.resolves for one in needed),
        has_apex=any(one.has_apex for one in needed),
    )


def _files(tables: Tables, streams: Streams, certificates: tuple[File, ...]) -> tuple[File, ...]:
    """The files beside the configuration, sorted by name."""
    named = (*tables.files, (RELEASE, f"digest {PLACEHOLDER}\n".encode()))
    named += ((NAMES, streams.names),) if streams.names else ()
    return tuple(sorted((*(File(name=name, content=content) for name, content in named), *certificates), key=_NAME))


def _frontends(model: Model, capabilities: frozenset[str], tables: Tables, *_routing: object) -> tuple[Frontend, ...]:
    asked, looked_at = dict(tables.asked), shared(model)
    return tuple(
        Frontend(
            listener=listener,
            settings=model.settings,
            capabilities=capabilities,
            switches=asked[listener.name].switches,
            open=asked[listener.name].open,
            depths=maps.deepest(asked[listener.name].depths),
            is_shared=listener.name in looked_at,
        )
        for listener in model.http_listeners
    )
