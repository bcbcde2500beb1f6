"""View: Model → the facts that nginx's templates print, in order. What can be calculated is calculated here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from operator import attrgetter

from markupsafe import Markup

from gen.bundle import File
from gen.memo import Memo
from gen.model import Model, at, places
from gen.policies import BasicAuth, Cache
from gen.proxies.nginx.body import Body, user_file, zone_name
from gen.proxies.nginx.capabilities import MODULES
from gen.proxies.nginx.facts import Forwarded, Header, Pool, StreamPool, forwarded, request_headers
from gen.proxies.nginx.literal import Pattern, Plain, Word
from gen.proxies.nginx.predicates import Predicate, Trimmed, trimmed
from gen.proxies.nginx.sites import Sites, SiteView
from gen.proxies.nginx.streams import Streams, StreamServer, shared
from gen.proxies.nginx.switches import Switch
from gen.received import ELEMENT, GOOD_HOST, LONGEST_HOST, ODD_ANYWHERE, ODD_START
from gen.settings import Settings


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that the skeleton prints, sorted. `policed`: the bodies that have policies; `uses`: the maps that some
    body needs; `believes`: whether somebody's word of an earlier request may count."""

    settings: Settings
    capabilities: frozenset[str]
    pools: tuple[Pool, ...]
    bodies: tuple[Body, ...]
    predicates: tuple[Predicate, ...]
    switches: tuple[Switch, ...]
    sites: tuple[SiteView, ...]
    names: Names
    has_tls: bool
    resolves: bool
    policed: tuple[Body, ...]
    zones: tuple[Zone, ...]
    files: tuple[File, ...]
    request_headers: tuple[Header, ...]
    stream_pools: tuple[StreamPool, ...]
    streams: tuple[StreamServer, ...]
    uses: frozenset[str]
    believes: bool

    @property
    def modules(self) -> tuple[Plain, ...]:
        """What has to be loaded: the operator's, and the stream module where it lies apart and is wanted."""
        found = [path for name, path in MODULES.items() if name in self.capabilities]
        wanted = found[:1] if self.streams and "stream" not in self.capabilities else []
        return tuple(Plain(path) for path in (*self.settings.nginx_modules, *wanted))

    @property
    def trimmed(self) -> tuple[Trimmed, ...]:
        """The header fields that conditions compare."""
        return trimmed(self.predicates)

    @property
    def takes_proxy(self) -> bool:
        """Whether some of HTTP learns its clients by PROXY protocol."""
        return any(site.takes_proxy for site in self.sites)

    @property
    def host_in_target(self) -> Pattern:
        """A request with an absolute target; the host with its port is the capture."""
        return Pattern(rf"^[^ ]+ [A-Za-z][A-Za-z0-9+.-]*://({GOOD_HOST})[/? ]")

    @property
    def host_in_field(self) -> Pattern:
        """A request with another target and a good Host field, which is the capture."""
        return Pattern(rf"^[^ ]+ [/*].* ({GOOD_HOST})\z")

    @property
    def odd(self) -> Pattern:
        """A trusted peer's X-Forwarded-For that proxies could read differently, with what stands before it."""
        return Pattern(rf"^1[^,]*,(?:{ODD_START}|.*?(?:{ODD_ANYWHERE}))")

    @property
    def unread(self) -> Pattern | None:
        """A trusted peer's X-Forwarded-For that this nginx cannot read: an address in brackets without a port."""
        return None if "bracketed_address" in self.capabilities else Pattern(r"^1[^,]*,.*?\](?:[, ]|\z)")

    @property
    def refuses(self) -> bool:
        """Whether some server block refuses requests before it looks for a route."""
        return any(site.refuses_fragments for site in self.sites)

    @property
    def refused(self) -> Pattern:
        """A request that is refused: its host, its client where peers are trusted, its target. It is one pattern, as
        every request is searched for it."""
        odd = "[^ ]* - |" if self.settings.trusted_proxies else ""
        return Pattern(rf"^(?:[^ ]{{{LONGEST_HOST + 1}}}|{odd}[^#]*#)")

    @property
    def said(self) -> Pattern:
        """The last address of X-Forwarded-For, behind the trusted client that the PROXY protocol names."""
        return Pattern(rf"^1[^,]+,(?:.*,)? *{ELEMENT}\z")

    @property
    def ends_streams(self) -> bool:
        """Whether TLS ends in the stream module."""
        return any(server.certificate for server in self.streams)

    @property
    def directory(self) -> str:
        return self.settings.proxy_directory

    def path(self, *parts: str) -> Plain:
        """A path below the proxy's directory."""
        return Plain("/".join((self.directory, *parts)))

    @property
    def confirm_socket(self) -> Word:
        return Word(f"unix:{self.directory}/run/confirm.sock")

    @property
    def access_log(self) -> Plain:
        """Standard output where we or a container engine hold its other end; a file beside a proxy that runs apart."""
        return self.path("run", "access.log") if self.settings.runs_apart else Plain("/dev/stdout")

    @property
    def streams_resolve(self) -> bool:
        return any(pool.has_names for pool in self.stream_pools)

    @property
    def curves(self) -> Word:
        usual = "X25519:prime256v1:secp384r1"
        return Word(f"X25519MLKEM768:{usual}" if "mlkem" in self.capabilities else usual)

    @property
    def variables_size(self) -> int:
        return max(1024, _next_power(4 * (len(self.predicates) + len(self.switches) + len(self.bodies))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One `proxy_cache_path`, or that of another module: nginx does not let them share a zone."""

    directive: Markup
    path: Plain
    keys: Word
    size: Word
    inactive: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How much room the server names take."""

    bucket: int
    size: int


def _names(sites: tuple[SiteView, ...]) -> Names:
    """nginx refuses the whole configuration when its longest server name does not fit."""
    longest = max((len(name) for site in sites for name in site.names), default=0)
    count = sum(len(site.names) for site in sites)
    bucket = max(64, _next_power(16 + (longest + 2 + 7) // 8 * 8))
    return Names(bucket=bucket, size=max(512, _next_power(4 * count)))


def _has_tls(sites: tuple[SiteView, ...]) -> bool:
    return any(site.tls for site in sites)


def _policed(bodies: tuple[Body, ...]) -> tuple[Body, ...]:
    return tuple(body for body in bodies if body.policies)


def _believes(model: Model) -> bool:
    """Also where nginx itself passes connections on, from a port that it shares with streams."""
    return _takes_proxy(model) or bool(model.settings.trusted_proxies)


def _takes_proxy(model: Model) -> bool:
    """Whether some clients of HTTP are known by the PROXY protocol alone."""
    return any(listener.takes_proxy for listener in model.http_listeners) or bool(shared(model))


def _uses(policed: tuple[Body, ...]) -> frozenset[str]:
    return frozenset().union(*(body.uses for body in policed))


def _next_power(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()


def view(model: Model, capabilities: frozenset[str], memo: Memo | None = None) -> View:
    """The facts of a model for an nginx with these capabilities."""
    memo = memo or Memo()
    pools = memo.each("pool", Pool, model.upstreams, key=_ID, shared=(capabilities, model.settings))
    targets = memo.each("target", _TARGET, pools, key=_SLOT)
    theirs = at(memo("places", places, model.routes, tuple(map(_ID, model.upstreams))), targets)
    believes = _believes(model)
    told = forwarded(believes=believes, takes_proxy=_takes_proxy(model) and bool(model.settings.trusted_proxies))
    bodies = memo.each("body", Body, model.routes, theirs, key=_ID, shared=(model.settings, capabilities, told))
    streams = Streams(model, capabilities)
    policed = memo("policed", _policed, bodies)
    scripts = frozenset({"script"} if any(pool.upstream.protocol == "fastcgi" for pool in pools) else ())
    reached = (pool for pool, target in zip(pools, targets, strict=True) if not target.is_out)
    own = tuple(pool for pool in reached if pool.upstream.protocol not in ("tcp", "udp"))
    routing = [getattr(model, part.name) for part in fields(model) if part.name not in ("upstreams", "problems")]
    found = memo.nested("sites", partial(_found, model, (capabilities, told)), bodies, *routing)
    return View(
        settings=model.settings,
        capabilities=capabilities,
        pools=own,
        bodies=bodies,
        predicates=found.predicates,
        switches=found.switches,
        sites=found.sites,
        names=memo("names", _names, found.sites),
        has_tls=memo("has tls", _has_tls, found.sites),
        resolves=any(pool.has_names for pool in own),
        policed=policed,
        zones=memo("zones", _zones, bodies, model.settings),
        files=memo("user files", _user_files, bodies),
        request_headers=request_headers(told),
        stream_pools=tuple(pool for pool in streams.pools.values() if pool.servers),
        streams=streams.all(),
        uses=memo("uses", _uses, policed) | scripts,
        believes=believes,
    )


_ID, _SLOT, _TARGET = attrgetter("id"), attrgetter("slot"), attrgetter("target")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    sites: tuple[SiteView, ...]
    predicates: tuple[Predicate, ...]
    switches: tuple[Switch, ...]


def _found(
    model: Model,
    facts: tuple[frozenset[str], Forwarded],
    memo: Memo,
    bodies: tuple[Body, ...],
    *_routing: object,
) -> _Found:
    """The sites of a model's routing, which is all of it but servers and problems."""
    by_route = {body.route.id: body for body in bodies}
    capabilities, told = facts
    builder = Sites(model, by_route, told, (capabilities, memo))
    return _Found(
        sites=builder.all(),
        predicates=tuple(builder.predicates[name] for name in sorted(builder.predicates)),
        switches=tuple(builder.switches[name] for name in sorted(builder.switches)),
    )


def _zones(bodies: tuple[Body, ...], settings: Settings) -> tuple[Zone, ...]:
    """The cache zones that some route uses."""
    used = {(policy.zone, body.module) for body in bodies for policy in body.policies if isinstance(policy, Cache)}
    return tuple(
        Zone(
            directive=Markup(f"{module}_cache_path"),
            path=Plain(f"{settings.proxy_directory}/cache/{zone.name}" + ("" if module == "proxy" else f"_{module}")),
            keys=Word(f"keys_zone={zone_name(zone.name, settings, module)}:10m"),
            size=Word(f"max_size={zone.size.bytes}"),
            inactive=Word(f"inactive={zone.inactive}"),
        )
        for zone in settings.cache_zones
        for module in ("proxy", "fastcgi", "uwsgi")
        if (zone.name, module) in used
    )


def _user_files(bodies: tuple[Body, ...]) -> tuple[File, ...]:
    """Names with password hashes."""
    found: dict[str, bytes] = {}
    for body in bodies:
        for policy in body.route.policies:
            if isinstance(policy, BasicAuth) and policy.users:
                lines = [f"{user.name}:{user.hash.reveal()}\n" for user in policy.users]
                found[user_file(policy)] = "".join(lines).encode()
    return tuple(File(name=name, content=found[name], private=True) for name in sorted(found))
