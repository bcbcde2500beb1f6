"""Declare: what one workload asked for, by one vocabulary of labels. Nothing is resolved here.

A Workload goes in, a Declaration comes out, or None when the workload does not speak this dialect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from gen.errors import Origin, Problem
from gen.model import Policy, Resolve, Transport
from gen.options import option
from gen.state import Workload
from gen.values import (
    Balance,
    Cidr,
    Condition,
    DnsName,
    HeaderName,
    Host,
    Method,
    Name,
    Path,
    PortRef,
    QueryCondition,
    QueryName,
    ServerName,
    StreamBalance,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteOptions:
    """The core options of a route and of the servers that its workload brings."""

    host: tuple[Host, ...] = option(
        default=(),
        help="Exact, `*.x` (all below), `.x` (x and all below) or `~regex`. None: every host of the listener.",
        example="shop.example.com, *.shop.example.com",
    )
    path: Path = option(
        default=Path("prefix", ""),
        help="`/api` and all below, by whole segments; `=/api` exactly; `~^/v[0-9]+/` by regex. "
        "Compared decoded, with `//` and `..` resolved.",
        example="/api",
    )
    methods: tuple[Method, ...] = option(default=(), help="Only these request methods.", example="GET, HEAD")
    headers: tuple[tuple[HeaderName, Condition], ...] = option(
        default=(),
        help="Only with this header: a value, `~regex`, or `*` for any. Several fields of one name are one, in order "
        "with `, ` between them (`; ` in Cookie). X-Forwarded-For, -Proto, -Host, -Port and -Prefix, X-Real-IP and "
        "Forwarded are compared as servers are sent them, Host in lower case and without a port.",
        example="headers.X-Env=beta",
    )
    query: tuple[tuple[QueryName, QueryCondition], ...] = option(
        default=(), help="Only with this query parameter: a value, `~regex`, or `*`.", example="query.version=2"
    )
    client_ip: tuple[Cidr, ...] = option(default=(), help="Only from these networks.", example="10.0.0.0/8")
    priority: int = option(
        default=0,
        bounds=(-1_000_000, 1_000_000),
        help="Beats all other rules of order among the routes of one owner; higher first.",
        example="10",
    )
    listeners: tuple[Name, ...] = option(
        default=(),
        help="The listeners to be served on. Default: `web` and, where a certificate covers the host, `websecure`.",
        example="websecure",
    )
    port: PortRef | None = option(
        default=None, help="The workload's port. Default: the only TCP port it exposes.", example="8080"
    )
    protocol: Literal["http", "https", "h2c", "grpc", "grpcs", "fastcgi", "uwsgi"] = option(
        default="http", help="How to speak to the servers.", example="grpc"
    )
    network: str = option(default="", help="Whose address to use when several networks are shared.", example="edge")
    resolve: Resolve = option(
        default="auto",
        help="address: servers stand in the configuration by their addresses; dns: by a name that the proxy asks for "
        "itself, while it runs. auto: as the setting `resolve` says.",
        example="dns",
    )
    resolve_name: DnsName | None = option(
        default=None,
        help="For dns: which of the workload's own names. Default: the one that most of the pool have.",
        example="shop",
    )
    upstream: Name | None = option(
        default=None, help="Servers of all routes that name the same upstream form one pool.", example="shop"
    )
    balance: Balance = option(
        default=Balance("round_robin"),
        help="round_robin, least_conn, random, source, uri, first, header:X, cookie:X or query:X.",
        example="least_conn",
    )
    weight: int = option(default=1, bounds=(1, 1000), help="The share of requests for this workload.", example="3")
    backup: bool = option(default=False, help="Only asked when no other server is left.", example="on")
    max_conns: int = option(
        default=0, bounds=(0, 1_000_000), help="The most connections to each server; 0: no limit.", example="100"
    )
    root: str = option(
        default="/var/www/html", help="For fastcgi: where the scripts lie in the workload.", example="/srv/app/public"
    )
    tls: Literal["auto", "required", "off"] = option(
        default="auto",
        help="auto serves plain and, where a certificate exists, TLS; required redirects what came over http, and "
        "answers 503 without a listener that has TLS; off is plain only.",
        example="required",
    )
    certificate: Name | None = option(
        default=None,
        help="A certificate by name. Default: the best one by its own names (SAN).",
        example="example.com",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UdpOptions:
    """The core options of a UDP route, which a TCP route has too."""

    listeners: tuple[Name, ...] = option(
        default=(), help="The operator's listeners. Default: the one that has the route's name.", example="dns"
    )
    port: PortRef | None = option(
        default=None, help="The workload's port. Default: the only one of this protocol that it exposes.", example="53"
    )
    network: str = option(
        default="", help="Whose address to use when several are shared. Default: `fairway.network`.", example="edge"
    )
    resolve: Resolve = option(
        default="auto",
        help="address, or dns: servers by a name that the proxy asks for itself. Default: `fairway.resolve`.",
        example="dns",
    )
    resolve_name: DnsName | None = option(
        default=None,
        help="For dns: which of the workload's own names. Default: `fairway.resolve_name`.",
        example="db",
    )
    upstream: Name | None = option(
        default=None, help="Servers of all routes that name the same upstream form one pool.", example="db"
    )
    balance: StreamBalance = option(
        default=StreamBalance("round_robin"), help="round_robin, least_conn, random, first or source.", example="source"
    )
    weight: int = option(default=1, bounds=(1, 1000), help="The share of connections for this workload.", example="3")
    backup: bool = option(default=False, help="Only asked when no other server is left.", example="on")
    max_conns: int = option(
        default=0, bounds=(0, 1_000_000), help="The most connections to each server; 0: no limit.", example="100"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpOptions(UdpOptions):
    """The core options of a TCP route."""

    host: tuple[ServerName, ...] = option(
        default=(),
        help="Only for these names of TLS clients (SNI): exact, `*.x` or `.x`. None: every connection that no other "
        "route of the listener takes.",
        example="mqtt.example.com",
    )
    tls: Literal["auto", "off", "terminate", "passthrough"] = option(
        default="auto",
        help="terminate ends TLS at the proxy, passthrough hands it to the workload. auto: terminate on a listener "
        "with `/tls`, else passthrough where there is a host, else off.",
        example="passthrough",
    )
    certificate: Name | None = option(
        default=None,
        help="For terminate: a certificate by name. Default: the best one by its own names (SAN).",
        example="example.com",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDeclaration:
    """One route as asked for. `policies` in the order of POLICIES; `withheld`: why nobody may be let through.

    `origins` holds, for each option that was written, who wrote it: (`host`, origin), (`cache`, origin)….
    """

    name: str
    options: RouteOptions
    policies: tuple[Policy, ...] = ()
    withheld: str = ""
    origins: tuple[tuple[str, Origin], ...] = ()

    def origin(self, name: str) -> Origin:
        """Who wrote an option, or anything of the route where nobody wrote that one."""
        return _origin(self.origins, name)

    @property
    def transport(self) -> Transport:
        return "tcp"

    @property
    def port_key(self) -> str:
        """The label that would say the port."""
        return "fairway.port" if self.name == "default" else f"fairway.routes.{self.name}.port"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDeclaration:
    """One TCP or UDP route as asked for; the fields are those of a RouteDeclaration."""

    name: str
    transport: Transport
    options: UdpOptions
    policies: tuple[Policy, ...] = ()
    withheld: str = ""
    origins: tuple[tuple[str, Origin], ...] = ()

    def origin(self, name: str) -> Origin:
        """Who wrote an option, or anything of the route where nobody wrote that one."""
        return _origin(self.origins, name)

    @property
    def port_key(self) -> str:
        """The label that would say the port."""
        return f"fairway.{self.transport}.{self.name}.port"


def _origin(origins: tuple[tuple[str, Origin], ...], name: str) -> Origin:
    found = dict(origins)
    return found.get(name) or next(iter(found.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What one workload asked for, and what was wrong with the asking. `is_held`: the workload has gone, and its routes
    are kept for its owner for a while."""

    workload: Workload
    routes: tuple[RouteDeclaration, ...] = ()
    streams: tuple[StreamDeclaration, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_held: bool = False


class Dialect(Protocol):
    """One vocabulary of labels."""

    def read(self, workload: Workload, source: str) -> Declaration | None:
        """What the workload asks for in this vocabulary; never raises, whatever its labels are."""
