"""Backends: an upstream with one set of route policies is one backend. Routes → Backends, each once.

Two routes to the same upstream with the same policies share a backend, so that a new such route is only a line of a
map. What counts or stores by route (a rate, a cache) does not share. A redirect needs no servers, a withheld route
nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from gen.build.names import digest, identifier
from gen.model import Policy, Route, Server, Upstream
from gen.policies import BasicAuth, Cache, ConnLimit, RateLimit, Redirect, Retry, UpstreamTls
from gen.policies.redirect import is_to_https, last_redirect
from gen.proxies.haproxy.checks import Checks
from gen.proxies.haproxy.joins import Join, joins
from gen.proxies.haproxy.literal import Expression, Word
from gen.proxies.haproxy.tries import MOST_NAMES, count, tries_of
from gen.proxies.haproxy.words import Words
from gen.received import COMPUTED, PASSED
from gen.settings import Settings
from gen.values import Balance, Host, Name

_BY_ROUTE = frozenset({"rate_limit", "conn_limit", "cache"})
_KINDS = {"round_robin": "roundrobin", "least_conn": "leastconn", "random": "random(2)", "first": "first"}
_NO_HASH = frozenset({"round_robin", "least_conn", "random", "first"})
_FIELDS = frozenset({"header", "cookie"})
_CACHE_MEGABYTES = 16
_USUAL_IDLE = Settings().keepalive


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLine:
    """One `server`, or one `server-template` with `numbers`, without the words that policies add."""

    name: Word
    place: Word
    number: int
    weight: int
    max_conns: int
    is_backup: bool
    is_name: bool
    numbers: Word
    cookie: Word


@dataclass(frozen=True, kw_only=True)
class Backend(Words):
    """What the backend's template prints, and what policies' templates ask (`it`)."""

    name: Word
    upstream: Upstream | None
    policies: tuple[Policy, ...]
    settings: Settings
    capabilities: frozenset[str]
    is_withheld: bool = False

    is_stream: ClassVar[bool] = False

    @property
    def slot(self) -> str:
        """What stays the same while the backend changes."""
        return self.name

    @property
    def protocol(self) -> str:
        return self.upstream.protocol if self.upstream else "http"

    @property
    def balance(self) -> Word | None:
        """The algorithm, where it is not the usual one."""
        kind = self._balance.kind
        return None if kind == "round_robin" or kind not in _KINDS else Word(_KINDS[kind])

    @property
    def hash(self) -> tuple[Word | Expression, ...]:
        """The words after `balance` that make requests of a kind meet the same server."""
        kind, name = self._balance.kind, self._balance.name
        if kind == "source":
            return (Word("source"),)
        if kind == "uri":
            return (Word("uri"), Word("whole"))
        if kind in _NO_HASH:
            return ()
        fetch = {"header": "req.fhdr", "cookie": "req.cook", "query": "urlp"}[kind]
        return (Word("hash"), Expression(f"{fetch}({name})"))

    @property
    def _balance(self) -> Balance:
        return self.upstream.balance if self.upstream else Balance("round_robin")

    @property
    def joins(self) -> tuple[Join, ...]:
        """The header fields that balancing and policies read, of which there may be several."""
        found: list[tuple[str, str]] = [] if self.is_stream else [(self._balance.kind, self._balance.name)]
        for policy in self.policies:
            if isinstance(policy, (RateLimit, ConnLimit)):
                found.append((policy.by.kind, policy.by.name))
            elif isinstance(policy, Cache) and policy.ignore_cookies:
                found.append(("cookie", ""))
        names = ("cookie" if kind == "cookie" else name.lower() for kind, name in found if kind in _FIELDS)
        return joins(name for name in names if name not in COMPUTED - PASSED)

    @cached_property
    def servers(self) -> tuple[ServerLine, ...]:
        """The servers that get requests; draining ones keep their own sessions by weight 0."""
        if self.upstream is None:
            return ()
        shown = [server for server in self.upstream.servers if server.state != "down"]
        most = max((server.weight for server in shown), default=1)
        lines = [self._line(server, most) for server in shown]
        return _numbered(lines)

    def _line(self, server: Server, most: int) -> ServerLine:
        assert self.upstream is not None
        weight = server.weight if most <= 256 else max(1, server.weight * 256 // most)
        known = identifier(
            server.id,
            server.host,
            str(server.port),
            str(server.backup),
            self.protocol,
            repr(self.upstream.policies),
            str(self.watches_failures),
            *([] if self.idle is None else [f"idle {self.idle}"]),
            shown=f"s_{server.id}",
        )
        return ServerLine(
            name=Word(known),
            place=Word(f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"),
            number=int(known[-8:], 16) % (2**31 - 2) + 1,
            weight=0 if server.state == "drain" else weight,
            max_conns=server.max_conns,
            is_backup=server.backup,
            is_name=server.is_name,
            numbers=Word(f"1-{server.room or MOST_NAMES}"),
            cookie=Word(known[-16:]),
        )

    @property
    def idle(self) -> int | None:
        """How many idle connections to a server are kept, where the operator says it; HAProxy's own way otherwise."""
        is_said = self.settings.keepalive != _USUAL_IDLE and not self.is_stream
        is_own = any(policy.name == "keepalive" for policy in self.policies)
        return self.settings.keepalive if is_said and not is_own else None

    @property
    def has_names(self) -> bool:
        return any(server.is_name for server in self.servers)

    @property
    def has_backups(self) -> bool:
        """Whether one server stands in for others: then it has to be known when they are gone."""
        return self.upstream is not None and any(server.backup for server in self.upstream.servers)

    @property
    def watches_failures(self) -> bool:
        """Whether a server that refuses a connection is left out at once: where another one stands in for it, and with
        leastconn, which would choose just this one again and again: it has no connection."""
        return self.has_backups or (self._balance.kind == "least_conn" and count(self.upstream) > 1)

    @property
    def checks(self) -> Checks:
        return Checks(self.policies, self.protocol)

    def authorities(self, policy: UpstreamTls) -> str:
        """The file of the authorities whose certificates are trusted."""
        return f"{self.settings.ca_files}/{policy.ca}"

    def constant(self, name: Host) -> Expression:
        """A host as a sample."""
        return Expression(f"str({name})")

    @property
    def script_root(self) -> str:
        """Where scripts lie; HAProxy takes no empty words."""
        return (self.upstream.root if self.upstream else "") or "/"

    @property
    def defaults(self) -> Word:
        """The defaults that it begins with: those of `fairway_up` repeat only what may be repeated."""
        retry = next((policy for policy in self.policies if isinstance(policy, Retry)), None)
        return Word("fairway" if retry and "non_idempotent" in retry.on else f"fairway_up{self.many}")

    @property
    def many(self) -> str:
        """How the name of the defaults for so many servers ends."""
        return tries_of(self.upstream).suffix

    @property
    def usual_retries(self) -> int:
        return tries_of(self.upstream).retries

    @property
    def script(self) -> Expression:
        """The script that a FastCGI workload runs: one by its name, or the one that answers for all."""
        return Expression("var(txn.script)")

    def is_for_http(self, policy: Redirect) -> bool:
        """Return True if a redirect concerns only requests that count as http."""
        return is_to_https(policy) and (self.upstream is not None or policy is not self.policies[-1])

    def named(self, kind: str) -> Word:
        """A section or a table of this backend alone."""
        return Word(f"{kind}_{self.name}")

    def short(self, kind: str) -> Word:
        """The same for sections whose names may have 32 characters at most."""
        return Word(f"{kind}_{digest(self.name)}")

    def users(self, policy: BasicAuth) -> Word:
        return self.named("users")

    def cache_megabytes(self, zone: Name) -> int:
        """The room of one backend's cache: it lies in memory, so a zone counts up to a limit."""
        found = next(one for one in self.settings.cache_zones if one.name == zone)
        return max(1, min(found.size.bytes // 2**20, _CACHE_MEGABYTES))

    def cache_object(self, policy: Cache) -> int:
        """The largest answer that is stored, at most half of the room."""
        most = self.cache_megabytes(policy.zone) * 2**19
        return min(policy.size.bytes, most) if policy.size.bytes > 1024 else most

    @property
    def cache_age(self) -> int:
        """Seconds that nothing is stored longer than."""
        return 7 * 86400


def _numbered(lines: list[ServerLine]) -> tuple[ServerLine, ...]:
    """Each number once: HAProxy before 3.0 has to be told one for each server that comes while it runs."""
    taken: set[int] = set()
    result: list[ServerLine] = []
    for line in sorted(lines, key=lambda line: line.name):
        number = line.number
        while number in taken:
            number += 1
        taken.add(number)
        if number == line.number:
            result.append(line)
        else:
            result.append(replace(line, number=number))
    return tuple(result)


def _spelled(policies: tuple[Policy, ...]) -> list[str]:
    """What policies say, passwords' hashes included, which `repr` does not show."""
    users = [user for policy in policies if isinstance(policy, BasicAuth) for user in policy.users]
    return [repr(policies), *(user.hash.reveal() for user in users)]


def backend_of(route: Route, upstream: Upstream, settings: Settings, capabilities: frozenset[str]) -> Backend:
    """The backend that answers for a route."""
    if route.withheld:
        return Backend(
            name=Word("withheld"),
            upstream=None,
            policies=(),
            settings=settings,
            capabilities=capabilities,
            is_withheld=True,
        )
    redirect = last_redirect(route, settings)
    policies = route.policies if redirect is None else route.policies[: route.policies.index(redirect) + 1]
    own = () if redirect else upstream.policies
    counted = route.id if any(policy.name in _BY_ROUTE for policy in policies) else ""
    name = upstream.id if not redirect else "to"
    if policies:
        name = f"{name}_{digest(*_spelled(policies), counted)}"
    return Backend(
        name=Word(name if redirect else f"up_{name}"),
        upstream=None if redirect else upstream,
        policies=(*policies, *own),
        settings=settings,
        capabilities=capabilities,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a backend needs beside its own section, whatever its servers are. `bare`: itself without them, where it has
    policies or speaks FastCGI."""

    bare: Backend | None
    resolves: bool
    has_apex: bool


def needs(backend: Backend) -> Needs:
    redirects = (policy.to for policy in backend.policies if isinstance(policy, Redirect))
    bare: Backend | None = None
    if backend.policies or backend.protocol == "fastcgi":
        upstream = backend.upstream
        bare = replace(backend, upstream=replace(upstream, servers=()) if upstream else None)
    has_apex = any(target.preset in ("www", "apex") for target in redirects)
    return Needs(bare=bare, resolves=backend.has_names, has_apex=has_apex)
