"""Model: what we want, for any proxy. Build writes it, proxies read it.

Everything is hashable and sorted by a stated key. A Model whose parts name parts that are not there does not come
into being: `Model` raises ValueError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import ClassVar, Literal, TypeVar

from gen.certificate import Certificate
from gen.errors import ClashError, Origin, Problem
from gen.settings import Settings
from gen.values import Balance, Cidr, Condition, HeaderName, Host, Method, Path, QueryName

T = TypeVar("T")
Protocol = Literal["http", "https", "h2c", "grpc", "grpcs", "fastcgi", "uwsgi", "tcp", "udp"]
Transport = Literal["tcp", "udp"]
StreamTls = Literal["off", "terminate", "passthrough"]
ServerState = Literal["ready", "drain", "down"]
Resolve = Literal["auto", "address", "dns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The base of all policies: options, and what build and proxies ask of each.

    `name`: as in labels, modules and templates. `guards`: it protects, so a route that cannot have it is withheld.
    `place`: whether it acts on a route's requests or belongs to the upstream. `transports`: which routes without HTTP
    may have it. `needs`: what has to be there beside it, for the reference.
    """

    name: ClassVar[str] = ""
    guards: ClassVar[bool] = False
    place: ClassVar[Literal["route", "upstream"]] = "route"
    transports: ClassVar[tuple[Transport, ...]] = ()
    needs: ClassVar[str] = ""

    def check(self) -> str:
        """What is wrong across the options, in one sentence; empty when nothing is."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A port that clients connect to. `addresses`: IPv4 or IPv6 texts; empty means all of the machine.

    `takes_proxy`: everybody has to speak the PROXY protocol; what it says counts for the settings' trusted proxies.
    """

    name: str
    port: int
    addresses: tuple[str, ...] = ()
    tls: bool = False
    protocol: Literal["http", "tcp", "udp"] = "http"
    takes_proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The condition of a route. No hosts: every host. Empty tuples ask nothing; all that is asked must hold."""

    hosts: tuple[Host, ...] = ()
    path: Path = Path("prefix", "")
    methods: tuple[Method, ...] = ()
    headers: tuple[tuple[HeaderName, Condition], ...] = ()
    query: tuple[tuple[QueryName, Condition], ...] = ()
    clients: tuple[Cidr, ...] = ()

    @property
    def is_conditional(self) -> bool:
        """Whether more than host and path decides."""
        return bool(self.methods or self.headers or self.query or self.clients)

    @property
    def weight(self) -> int:
        """How many conditions there are beside host and path."""
        return bool(self.methods) + len(self.headers) + len(self.query) + bool(self.clients)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """By which names a server could stand instead of its address, until build has decided it for the whole pool.
    `names`: the instance's own on `network`, best first. `said`: the one that its workload wants."""

    network: str
    names: tuple[str, ...] = ()
    said: str = ""
    instance: str
    shown: str
    age: tuple[float, str]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where requests go. `host` is an IP address or, with `is_name`, a DNS name to resolve while running, behind which
    there is `room` for so many addresses, where a proxy has to know it. `placed` is for people: which instance on which
    machine, where there are several. `known` is build's own, and None in a model."""

    id: str
    host: str
    port: int
    is_name: bool = False
    room: int = 0
    known: Known | None = None
    placed: str = ""
    weight: int = 1
    backup: bool = False
    max_conns: int = 0
    state: ServerState = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A pool of servers, sorted by (id, host, port). `root`: the directory of a fastcgi workload's scripts.
    `resolve`: how servers were asked to be found, where somebody said it. `said`: in a pool of several claims, the
    origin of each policy and option by name; `origins` has all claims."""

    id: str
    protocol: Protocol = "http"
    balance: Balance = Balance("round_robin")
    servers: tuple[Server, ...] = ()
    policies: tuple[Policy, ...] = ()
    origins: tuple[Origin, ...] = ()
    said: tuple[tuple[str, Origin], ...] = ()
    root: str = ""
    resolve: Resolve = "auto"

    @property
    def ready(self) -> tuple[Server, ...]:
        """The servers that get new requests: none means that the route answers 503."""
        return tuple(server for server in self.servers if server.state == "ready")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Requests that match go to the upstream, through the policies in order. `rank_name` decides where all else ties.

    `withheld`: why the route answers 503 to everybody: a policy that protects it could not be had. `owner`: the owner
    of the workloads that declare it. `since`: when the oldest of them was created, in UTC seconds since 1970, where
    that may decide between owners: for conditions and regexes. `is_everywhere`: it concerns the hosts of all owners,
    and comes first.
    """

    id: str
    listeners: tuple[str, ...]
    match: Match
    upstream: str
    priority: int = 0
    policies: tuple[Policy, ...] = ()
    withheld: str = ""
    rank_name: str = ""
    owner: str = ""
    since: float = 0.0
    is_everywhere: bool = False
    origins: tuple[Origin, ...] = ()
    said: tuple[tuple[str, Origin], ...] = ()

    def specificity(self, host: Host | None) -> tuple[object, ...]:
        """The order between owners for one of the route's hosts: as `rank` without the priority, and then by age."""
        rank = self.rank(host)
        return (*rank[1:4], self.since, *rank[4:])

    def rank(self, host: Host | None) -> tuple[object, ...]:
        """The order in which routes are tried for one of their hosts: the vocabulary's default order."""
        host_rank = host.rank if host else (3, 0, "")
        path = self.match.path.rank
        return (-self.priority, host_rank[:2], path[:2], -self.match.weight, self.rank_name, self.id, host_rank[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRoute:
    """Connections that go to the upstream as they are. `hosts`: by the name that TLS clients ask for (SNI), exact or
    wildcard; none: every connection of the listeners that no other route takes.

    `tls`: whether the proxy ends TLS (and shows `certificate`) or passes it through. `withheld`: why nobody is let in.
    `owner`: the owner of the workloads that declare it.
    """

    id: str
    protocol: Transport
    listeners: tuple[str, ...]
    hosts: tuple[Host, ...] = ()
    tls: StreamTls = "off"
    certificate: str = ""
    upstream: str
    policies: tuple[Policy, ...] = ()
    withheld: str = ""
    owner: str = ""
    origins: tuple[Origin, ...] = ()
    said: tuple[tuple[str, Origin], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The certificate that a host shows on the TLS listeners."""

    host: Host
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What we want. `listeners`, `certificates` by name, `routes`, `streams`, `upstreams` by id, `bindings` by host."""

    settings: Settings
    listeners: tuple[Listener, ...] = ()
    routes: tuple[Route, ...] = ()
    streams: tuple[StreamRoute, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    bindings: tuple[Binding, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        listeners = {listener.name for listener in self.listeners}
        certificates = {certificate.name for certificate in self.certificates}
        upstreams = set(map(_ID, self.upstreams))
        every: tuple[Route | StreamRoute, ...] = (*self.routes, *self.streams)
        served = set(chain.from_iterable(set(map(_LISTENERS, every))))
        if not (upstreams.issuperset(map(_UPSTREAM, every)) and listeners >= served):
            astray = [r.id for r in every if r.upstream not in upstreams or not listeners.issuperset(r.listeners)]
            raise ValueError(f"route {astray[0]} names an upstream or a listener that is not there")
        for binding in self.bindings:
            if binding.certificate not in certificates:
                raise ValueError(f"host {binding.host} names a certificate that is not there")
        for route in self.streams:
            if route.certificate and route.certificate not in certificates:
                raise ValueError(f"route {route.id} names a certificate that is not there")
        if len(set(map(_ID, every))) != len(every):
            raise ClashError(f"two routes have the id {_twice(every)}")
        if len(upstreams) != len(self.upstreams):
            raise ClashError(f"two upstreams have the id {_twice(self.upstreams)}")

    @property
    def http_listeners(self) -> tuple[Listener, ...]:
        """The listeners of `routes`."""
        return tuple(listener for listener in self.listeners if listener.protocol == "http")


_ID, _UPSTREAM, _LISTENERS = attrgetter("id"), attrgetter("upstream"), attrgetter("listeners")


def _twice(named: Iterable[Route | StreamRoute | Upstream]) -> str:
    """An id that stands twice."""
    return str(next(name for name, count in Counter(map(_ID, named)).items() if count > 1))


def places(routes: tuple[Route | StreamRoute, ...], upstreams: tuple[str, ...]) -> tuple[int, ...]:
    """Where the upstream of each route stands among the upstreams' ids."""
    if not routes:
        return ()
    by_id = dict(zip(upstreams, range(len(upstreams)), strict=True))
    return tuple(map(by_id.__getitem__, map(_UPSTREAM, routes)))


def at(places: tuple[int, ...], facts: tuple[T, ...]) -> tuple[T, ...]:
    """The facts that stand there."""
    return tuple(map(facts.__getitem__, places))
