"""Settings, one by one: what the operator decides. Each field's help is the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gen.options import option
from gen.settings.ownership import OwnershipSettings
from gen.values import (
    CacheZone,
    Cidr,
    Duration,
    EngineAddress,
    Listen,
    ListenAddress,
    Name,
    OwnerRule,
    Resolver,
    Share,
    Size,
    StatusAddress,
)

NO_ENGINE = "none"
"""What the setting `docker` says where no engine is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OwnershipSettings):
    """What the operator decides. Each field is an option: its help is the reference."""

    proxy: Literal["nginx", "haproxy"] = option(default="nginx", help="Which proxy to configure.", example="haproxy")
    directory: str = option(
        default="/var/lib/fairway/nginx",
        help="Where releases, sockets and the cache live: the watch, the plan and the proxy share it. "
        "For haproxy, /var/lib/fairway/haproxy by default.",
        example="/srv/fairway",
    )
    templates: str = option(
        default="",
        help="A directory of your own templates; each file replaces the shipped one of its path, and may extend it.",
        example="./templates",
    )
    listeners: tuple[Listen, ...] = option(
        default=(Listen("web", 80), Listen("websecure", 443, tls=True)),
        help="The ports to listen on; without an address, all of IPv4 and IPv6. `/tcp` and more: see the type listen.",
        example="web=80, websecure=443/tls, postgres=5432/tcp",
    )
    default_listeners: tuple[Name, ...] = option(
        default=(Name("web"), Name("websecure")),
        help="The listeners of a route that names none; one with TLS only where a certificate covers the host.",
        example="web, websecure",
    )
    network: str = option(default="", help="Which shared network to use when there are several.", example="edge")
    resolve: Literal["address", "dns"] = option(
        default="address",
        help="How the proxy finds servers whose route does not say it: by address, or dns, by a name of theirs.",
        example="dns",
    )
    join: tuple[str, ...] = option(
        default=(),
        help="Patterns of networks to which the proxy's container is connected where a workload needs it, and from "
        "which it is disconnected when none does any more.",
        example="*_default, edge-?",
    )
    owner: OwnerRule = option(
        default=OwnerRule("project"),
        help="Whose a route is. project: the compose project or Swarm stack, `standalone` without one; label:KEY: the "
        "value of that label; network: the network over which the proxy reaches the workload; one: a single owner.",
        example="label:com.example.team",
    )
    unknown_host: int = option(
        default=404, bounds=(400, 599), help="The status for hosts that nobody named; 444 just closes.", example="421"
    )
    unknown_sni: Literal["refuse", "default"] = option(
        default="refuse",
        help="For TLS names without a certificate: end the handshake, or show the default certificate.",
        example="default",
    )
    certificates: str = option(default="", help="A directory of certificates with keys.", example="/etc/fairway/tls")
    http3: bool = option(
        default=False,
        help="Whether listeners of HTTPS answer HTTP/3 too, over UDP on the same port, and tell browsers so. HAProxy "
        "only, where it has QUIC.",
        example="on",
    )
    tls_profile: Literal["intermediate", "modern"] = option(
        default="intermediate",
        help="Mozilla's TLS guidelines: TLS 1.2 and 1.3, or 1.3 only.",
        example="modern",
    )
    https_port: int = option(
        default=0,
        bounds=(0, 65535),
        help="The port in redirects to https, as clients see it; 0: that of the first listener with TLS.",
        example="443",
    )
    trusted_proxies: tuple[Cidr, ...] = option(
        default=(),
        help="Who may tell the client's address and scheme: X-Forwarded-For, X-Forwarded-Proto, PROXY protocol.",
        example="10.0.0.0/8",
    )
    resolvers: tuple[Resolver, ...] = option(
        default=(Resolver("127.0.0.11"),),
        help="DNS servers for servers known by name; Docker's own by default.",
        example="127.0.0.11",
    )
    resolver_valid: Duration = option(
        default=Duration(5000), help="How long a resolved address is used before it is asked again.", example="5s"
    )
    cache_zones: tuple[CacheZone, ...] = option(
        default=(CacheZone("default", Size(1024**3), Duration(7 * 86_400_000)),),
        help="Room for cached answers, by name.",
        example="default=1g/7d",
    )
    access_log: Literal["off", "text", "json"] = option(
        default="text",
        help="What the proxy writes to its standard output for each request. HAProxy adds a "
        "line of text for each listener when an old generation of workers ends.",
        example="json",
    )
    user_files: str = option(
        default="", help="A directory of htpasswd files that `basic_auth.file` may name.", example="/etc/fairway/users"
    )
    route_files: str = option(
        default="",
        help="A directory of files, *.yml, each with `routes:` to what is no container.",
        example="/etc/fairway/routes",
    )
    ca_files: str = option(
        default="/etc/ssl/certs",
        help="A directory of certificate authorities, as the proxy sees it, whose files `upstream_tls.ca` may name.",
        example="/etc/fairway/ca",
    )
    acme_webroot: str = option(
        default="",
        help="A directory that answers /.well-known/acme-challenge/ on every host of the plain listeners.",
        example="/var/www/acme",
    )
    keepalive: int = option(
        default=16,
        bounds=(0, 10_000),
        help="Idle connections each worker keeps to an upstream; 0 for none. HAProxy keeps what it used, and counts by "
        "server where another number is said.",
        example="32",
    )
    shutdown_timeout: Duration = option(
        default=Duration(600_000),
        help="How long an old generation of workers may finish its requests and websockets after a reload.",
        example="10m",
    )
    old_workers: int = option(
        default=10,
        bounds=(1, 1000),
        help="How many old generations of workers may still finish something; the oldest ends. HAProxy only.",
        example="3",
    )
    control: Literal["auto", "supervise", "local", "container", "none"] = option(
        default="auto",
        help="How the proxy runs: our child, already here, in a container, or not at all. "
        "auto: in the container that proxy_container names, else as our child.",
        example="supervise",
    )
    docker: str = option(
        default="",
        help="The Docker Engine; by default the one that the Docker CLI would use. none: none, files alone.",
        example="ssh://me@host",
    )
    engines: tuple[EngineAddress, ...] = option(
        default=(),
        help="Other Docker Engines, each with a name, whose containers are served at the ports that they publish, or "
        "on an overlay network that both engines have.",
        example="lab=ssh://deploy@lab.example",
    )
    swarm: str = option(
        default="",
        help="A manager of a Docker Swarm, whose services are read instead of an engine's containers; `default` is the "
        "engine that the Docker CLI would use.",
        example="tcp://manager:2376",
    )
    swarm_poll: Duration = option(
        default=Duration(1500),
        help="How often a swarm's tasks are asked for: no event tells of them. At least 100ms.",
        example="1s",
    )
    proxy_binary: str = option(
        default="", help="The proxy's binary, by name or path; by default the proxy's name.", example="/usr/sbin/nginx"
    )
    proxy_pid: str = option(
        default="", help="The pid file of a proxy that already runs here.", example="/run/nginx.pid"
    )
    proxy_container: str = option(
        default="",
        help="The proxy's container, by name or id, or by label=value, which others could carry too.",
        example="label=fairway.proxy=nginx",
    )
    proxy_service: str = option(
        default="",
        help="The swarm service whose tasks are the proxies, by name: what is reachable are its networks, for each of "
        "them alike. `fairway publish` rolls releases over to it.",
        example="edge",
    )
    proxy_user: str = option(
        default="", help="The user of the workers; the proxy's own by default.", example="www-data"
    )
    proxy_features: Literal["auto", "baseline"] = option(
        default="auto",
        help="auto: write what the binary at hand can do. baseline: write what every supported version can do.",
        example="baseline",
    )
    directory_inside: str = option(
        default="", help="The directory's path as the proxy's container sees it.", example="/etc/fairway"
    )
    nginx_modules: tuple[str, ...] = option(
        default=(),
        help="Modules for nginx to load, by path as nginx sees them; distributions' stream module is found without.",
        example="/usr/lib/nginx/modules/ngx_stream_module.so",
    )
    workers: int = option(default=0, bounds=(0, 1024), help="Worker processes; 0: one for each core.", example="4")
    resync: Duration = option(default=Duration(300_000), help="How often the whole world is read again.", example="5m")
    check_timeout: Duration = option(
        default=Duration(30_000), help="How long the proxy's own check of a configuration may take.", example="30s"
    )
    keep_releases: int = option(default=5, bounds=(1, 1000), help="How many old releases stay.", example="10")
    max_removals: Share = option(
        default=Share(30),
        help="Which share of the routes, or of the servers, one `apply` may remove without --allow-removals; two of "
        "each always, but not the last route. 100% asks nobody.",
        example="10%",
    )
    doubt: Duration = option(
        default=Duration(5_000),
        help="How long `watch` keeps what an engine's list does not show although no event reported its end; and how "
        "long it waits, at its start, before it believes that more than max_removals is gone. 0: it believes lists.",
        example="30s",
    )
    stats: ListenAddress | None = option(
        default=None,
        help="Where HAProxy shows its statistics page, for everybody who reaches it; by default nowhere.",
        example="127.0.0.1:8404",
    )
    metrics: ListenAddress | None = option(
        default=None,
        help="Where HAProxy answers /metrics for Prometheus; may be the address of stats; by default nowhere.",
        example="127.0.0.1:8404",
    )
    status: StatusAddress | None = option(
        default=None,
        help="Where `watch` answers /healthz, /metrics, /routes, /problems and a page that shows them, for everybody "
        "who reaches it; by default the socket run/status.sock of the directory. off: nowhere.",
        example="127.0.0.1:9180",
    )
    log_format: Literal["text", "json"] = option(default="text", help="Fairway's own log on stderr.", example="json")
    log_level: Literal["debug", "info", "warning", "error"] = option(
        default="info", help="The least severe lines to log.", example="debug"
    )

    @property
    def engine(self) -> str:
        """The URL of the engine on which the proxy's container runs; empty for the one of the Docker CLI."""
        return self.manager if self.docker == NO_ENGINE else self.docker or self.manager

    @property
    def manager(self) -> str:
        """The URL of the swarm's manager; empty for the engine of the Docker CLI, or where no swarm is read."""
        return "" if self.swarm == "default" else self.swarm

    @property
    def binary(self) -> str:
        """The proxy's binary, by name or path."""
        return self.proxy_binary or self.proxy

    @property
    def runs_apart(self) -> bool:
        """Whether the proxy already runs on this machine, started by somebody else."""
        return self.control == "local" or (self.control == "auto" and bool(self.proxy_pid) and not self.proxy_container)

    @property
    def runs_in_container(self) -> bool:
        """Whether the proxy runs in a container that is not ours."""
        return self.control == "container" or (self.control == "auto" and bool(self.proxy_container))

    @property
    def https_suffix(self) -> str:
        """What stands behind the host in a redirect to https: nothing for the usual port."""
        encrypted = (listen.port for listen in self.listeners if listen.tls and listen.protocol == "http")
        port = self.https_port or next(encrypted, 443)
        return "" if port == 443 else f":{port}"

    @property
    def proxy_directory(self) -> str:
        """The directory as the proxy sees it."""
        return self.directory_inside or self.directory
