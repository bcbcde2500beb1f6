"""Facts of an upstream, and the headers that the workload gets: what `upstream.j2` and `location.j2` ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gen.build.names import identifier
from gen.model import Policy, Server, Upstream
from gen.policies import Keepalive, Sticky
from gen.proxies.nginx.literal import Expression, Plain, Word, expression
from gen.settings import Settings
from gen.values import Duration

_SCHEMES = {"https": "https", "grpcs": "grpcs", "grpc": "grpc"}
_HASHES = {"source": "$remote_addr", "uri": "$request_uri"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """What the server is sent of a request before it came here, each as an expression; empty: nothing.

    `address` is the client's, as guards compare it; `key` the same as a key of a zone, which is never empty."""

    address: Word
    key: Word
    client: Word
    proto: Word
    port: Word
    prefix: Word
    header: Word


_BELIEVED = Forwarded(
    address=Word("$fw_client"),
    key=Word("$binary_remote_addr"),
    client=Word("$fw_forwarded_for"),
    proto=Word("$fw_forwarded_proto"),
    port=Word("$fw_forwarded_port"),
    prefix=Word("$fw_forwarded_prefix"),
    header=Word("$fw_forwarded"),
)
_OURS = Forwarded(
    address=Word("$remote_addr"),
    key=Word("$binary_remote_addr"),
    client=Word("$remote_addr"),
    proto=Word("$scheme"),
    port=Word("$fw_forwarded_port"),
    prefix=Word(""),
    header=Word(""),
)


def forwarded(*, believes: bool, takes_proxy: bool = False) -> Forwarded:
    """With `takes_proxy` the client's address is not nginx's own everywhere. Variables of nginx itself where no peer is
    trusted: each `map` costs it a millisecond to read (measured on 1.22: its hash of keys begins with 1.2 MB), in the
    check and again in the reload."""
    if believes and takes_proxy:
        return replace(_BELIEVED, key=Word("$fw_counted"))
    return _BELIEVED if believes else _OURS


@dataclass(frozen=True, slots=True)
class Header:
    """A header for the workload: its name and the value's expression; empty: not sent."""

    name: Plain
    value: str
    parameter: Word


def request_headers(told: Forwarded, more: Iterable[tuple[str, str]] = ()) -> tuple[Header, ...]:
    """The complete set: nginx inherits none of it where a location has one of its own."""
    usual = (
        ("Host", "$fw_host"),
        ("X-Real-IP", told.address),
        ("X-Forwarded-For", told.client),
        ("X-Forwarded-Proto", told.proto),
        ("X-Forwarded-Host", "$fw_host"),
        ("X-Forwarded-Port", told.port),
        ("X-Forwarded-Prefix", told.prefix),
        ("Forwarded", told.header),
        ("Upgrade", "$fw_upgrade"),
        ("Connection", "$fw_connection"),
        ("HTTP2-Settings", ""),
        ("Proxy", ""),
    )
    values = {name.lower(): (name, Expression(value)) for name, value in usual}
    for name, value in more:
        values[name.lower()] = (name, Expression(value) if isinstance(value, Expression) else expression(value))
    return tuple(
        Header(Plain(name), value, Word("HTTP_" + name.upper().replace("-", "_"))) for name, value in values.values()
    )


@dataclass(frozen=True, slots=True)
class Pool:
    """An upstream as nginx has it: a block of servers or, for names that this nginx cannot follow, a variable."""

    upstream: Upstream
    capabilities: frozenset[str]
    settings: Settings
    has_names: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_names", any(server.is_name for server in self.servers))

    @property
    def name(self) -> Word:
        return Word(f"up_{self.upstream.id}")

    @property
    def servers(self) -> tuple[Server, ...]:
        return self.upstream.ready

    @property
    def zone_size(self) -> Word:
        """Room for all servers and for the addresses of names. nginx 1.30 takes about a kilobyte for each, and leaves
        out whom there is none for."""
        count = sum(server.room or 1 for server in self.servers)
        return Word(f"{max(128, 2 << (count - 1).bit_length())}k")

    @property
    def is_variable(self) -> bool:
        return self.has_names and "upstream_resolve" not in self.capabilities

    @property
    def variable(self) -> Word:
        return Word(f"$fw_{self.name}")

    @property
    def spread(self) -> Word:
        """What a variable pool spreads requests by."""
        if self.sticky is not None:
            return self.variable_of("key") if self.sticky.by == "cookie" else Word(_HASHES["source"])
        return Word(self.hash or "$request_id")

    @property
    def shares(self) -> tuple[tuple[Word, Word], ...]:
        """(share, place) of a variable pool's servers; the last takes the rest."""
        total = sum(server.weight for server in self.servers)
        places = [(Word(f"{100 * server.weight / total:.2f}%"), place(server)) for server in self.servers]
        return (*places[:-1], (Word("*"), places[-1][1])) if places else ()

    @property
    def hash(self) -> Word | None:
        balance = self.upstream.balance
        if balance.kind == "header":
            return Word("$http_" + balance.name.replace("-", "_"))
        if balance.kind == "cookie":
            return Word(f"$cookie_{balance.name}")
        if balance.kind == "query":
            return Word(f"$arg_{balance.name}")
        return Word(_HASHES[balance.kind]) if balance.kind in _HASHES else None

    @property
    def policies(self) -> tuple[Policy, ...]:
        return self.upstream.policies

    @property
    def slot(self) -> str:
        """What stays the same while the upstream changes."""
        return self.name

    def variable_of(self, kind: str) -> Word:
        """A variable of this upstream alone."""
        return Word("$fw_" + identifier(self.upstream.id, kind, shown=f"{kind}_{self.upstream.id}"))

    def cookie(self, name: str) -> Word:
        return Word(f"$cookie_{name}")

    def word(self, *parts: object) -> Word:
        return Word("".join(map(str, parts)))

    def seconds(self, time: Duration) -> Word:
        """Whole seconds, never fewer: what the words on a server line take."""
        return Word(f"{-(-time.milliseconds // 1000)}s")

    @property
    def sticky(self) -> Sticky | None:
        return next((policy for policy in self.policies if isinstance(policy, Sticky)), None)

    @property
    def is_watched(self) -> bool:
        """Whether a policy says when a server counts as failed."""
        return any(policy.name == "passive_health" for policy in self.policies)

    @property
    def keepalive(self) -> int:
        own = (policy.connections for policy in self.policies if isinstance(policy, Keepalive))
        return next(own, self.settings.keepalive)

    @property
    def target(self) -> Target:
        """What a location has to know of its upstream; equal for as long as only servers come and go."""
        scheme = _SCHEMES.get(self.upstream.protocol, "http")
        where = self.variable if self.is_variable else self.name
        bare = self.upstream.protocol in ("fastcgi", "uwsgi")
        return Target(
            protocol=self.upstream.protocol,
            address=Word(where if bare else f"{scheme}://{where}"),
            is_out=not self.servers,
            policies=self.upstream.policies,
            root=self.upstream.root,
        )


@dataclass(frozen=True)
class StreamPool(Pool):
    """An upstream of the stream module, which knows connections only."""

    @property
    def spread(self) -> Word:
        return Word(self.hash or "$remote_addr:$remote_port")

    @property
    def address(self) -> Word:
        """The argument of proxy_pass."""
        return self.variable if self.is_variable else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An upstream as a location sees it: the argument of proxy_pass and its like, and whether anybody is there."""

    protocol: str
    address: Word
    is_out: bool
    policies: tuple[Policy, ...]
    root: str

    @property
    def script_root(self) -> Expression:
        """A label's text: fastcgi_param would take a dollar sign in it for a variable."""
        return expression(self.root)


def place(server: Server) -> Word:
    """`address:port`, an IPv6 address in brackets."""
    return Word(f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}")
