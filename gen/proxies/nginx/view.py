"""View: Model → the facts that nginx's templates print, in order. What can be calculated is calculated here."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from gen.model import Model
from gen.policies import Cache
from gen.proxies.nginx.body import Body, zone_name
from gen.proxies.nginx.capabilities import MODULES
from gen.proxies.nginx.facts import Header, Pool, StreamPool, request_headers
from gen.proxies.nginx.literal import Plain, Word
from gen.proxies.nginx.predicates import Predicate
from gen.proxies.nginx.sites import Sites, SiteView, Switch
from gen.proxies.nginx.streams import Streams, StreamServer
from gen.settings import Settings


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that the skeleton prints, sorted."""

    settings: Settings
    capabilities: frozenset[str]
    pools: tuple[Pool, ...]
    bodies: tuple[Body, ...]
    predicates: tuple[Predicate, ...]
    switches: tuple[Switch, ...]
    sites: tuple[SiteView, ...]
    request_headers: tuple[Header, ...]
    stream_pools: tuple[StreamPool, ...]
    streams: tuple[StreamServer, ...]
    own_ports: tuple[Word, ...]

    @property
    def modules(self) -> tuple[Plain, ...]:
        """What has to be loaded: the operator's, and the stream module where it lies apart and is wanted."""
        found = [path for name, path in MODULES.items() if name in self.capabilities]
        wanted = found[:1] if self.streams and "stream" not in self.capabilities else []
        return tuple(Plain(path) for path in (*self.settings.nginx_modules, *wanted))

    @property
    def takes_proxy(self) -> bool:
        """Whether some of HTTP learns its clients by PROXY protocol."""
        return any(site.takes_proxy for site in self.sites)

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
    def has_tls(self) -> bool:
        return any(site.tls for site in self.sites)

    @property
    def resolves(self) -> bool:
        return any(pool.has_names for pool in self.pools)

    @property
    def streams_resolve(self) -> bool:
        return any(pool.has_names for pool in self.stream_pools)

    @property
    def curves(self) -> Word:
        usual = "X25519:prime256v1:secp384r1"
        return Word(f"X25519MLKEM768:{usual}" if "mlkem" in self.capabilities else usual)

    @property
    def names_bucket(self) -> int:
        """nginx refuses the whole configuration when its longest server name does not fit."""
        longest = max((len(name) for site in self.sites for name in site.names), default=0)
        return max(64, _next_power(16 + (longest + 2 + 7) // 8 * 8))

    @property
    def names_size(self) -> int:
        return max(512, _next_power(4 * sum(len(site.names) for site in self.sites)))

    @property
    def variables_size(self) -> int:
        return max(1024, _next_power(4 * (len(self.predicates) + len(self.switches) + len(self.bodies))))

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The cache zones that some route uses."""
        used = {
            (policy.zone, body.module) for body in self.bodies for policy in body.policies if isinstance(policy, Cache)
        }
        return tuple(
            Zone(
                directive=Markup(f"{module}_cache_path"),
                path=self.path("cache", zone.name if module == "proxy" else f"{zone.name}_{module}"),
                keys=Word(f"keys_zone={zone_name(zone.name, self.settings, module)}:10m"),
                size=Word(f"max_size={zone.size.bytes}"),
                inactive=Word(f"inactive={zone.inactive}"),
            )
            for zone in self.settings.cache_zones
            for module in ("proxy", "fastcgi", "uwsgi")
            if (zone.name, module) in used
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One `proxy_cache_path`, or that of another module: nginx does not let them share a zone."""

    directive: Markup
    path: Plain
    keys: Word
    size: Word
    inactive: Word


def _next_power(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()


def view(model: Model, capabilities: frozenset[str]) -> View:
    """The facts of a model for an nginx with these capabilities."""
    pools = {up.id: Pool(upstream=up, capabilities=capabilities, settings=model.settings) for up in model.upstreams}
    targets = {name: pool.target for name, pool in pools.items()}
    bodies = {route.id: Body(route, targets[route.upstream], model.settings, capabilities) for route in model.routes}
    builder = Sites(model, capabilities, bodies)
    found = builder.all()
    streams = Streams(model, capabilities)
    trusting = {listener.port for listener in model.http_listeners if listener.takes_proxy}
    return View(
        settings=model.settings,
        capabilities=capabilities,
        pools=tuple(pool for pool in pools.values() if pool.servers and pool.upstream.protocol not in ("tcp", "udp")),
        bodies=tuple(bodies.values()),
        predicates=tuple(builder.predicates[name] for name in sorted(builder.predicates)),
        switches=tuple(builder.switches[name] for name in sorted(builder.switches)),
        sites=found,
        request_headers=request_headers(),
        stream_pools=tuple(pool for pool in streams.pools.values() if pool.servers),
        streams=streams.all(),
        own_ports=tuple(Word(f"1{port}") for port in sorted(trusting)),
    )
