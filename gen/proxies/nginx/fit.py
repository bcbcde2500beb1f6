"""Fit: Model → Model, as an nginx with these capabilities can keep it; a problem for each thing that it cannot.

What protects fails closed: a route whose guard cannot be kept answers 503. Everything else is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import TypeVar

from gen.errors import Problem, in_order
from gen.memo import Memo
from gen.model import Model, Policy, Route, Upstream, at, places
from gen.policies import BasicAuth, Cache, RateLimit, RequestHeaders, ResponseHeaders, Retry
from gen.policies.redirect import last_redirect
from gen.proxies.lacks import fit_upstream, problem
from gen.proxies.nginx.fit_fields import fit_fields
from gen.proxies.nginx.fit_streams import fit_streams
from gen.proxies.nginx.literal import DOLLAR, LONGEST, quote
from gen.settings import Settings
from gen.values import Balance

LACKS: Mapping[str, str] = {
    "balance.first": "nginx cannot balance by 'first'; it is round_robin instead",
    "request.second_trusted_proxy": "behind the PROXY protocol, nginx takes a request for one of no client, which no "
    "`ip_allow` lets in, where a second trusted proxy stands in X-Forwarded-For",
    "rate_limit.rate by hour": "nginx counts by second or minute, not by hour",
    "strip_prefix.restore with grpc, fastcgi or uwsgi": "nginx rewrites Location and cookies of proxied HTTP alone",
    "sticky.max_idle": "nginx does not know how long a client was away",
    "health_check": "nginx (open source) has no active health checks",
    "circuit_breaker": "nginx takes a server out for failed connections only, see passive_health",
    "slow_start": "nginx (open source) gives every server its full share at once",
    "queue": "nginx (open source) has no queue: above max_conns it answers 502",
}
_WITHOUT: Mapping[str, tuple[str, str]] = {
    "protocol.grpc without TLS": (
        "http2_directive",
        "nginx before 1.25.1 takes HTTP/2, and with it gRPC, on listeners with TLS only",
    ),
    "request.repeated_fields": (
        "joined_fields",
        "nginx before 1.23 reads the first of several header fields of one name; a route with a guard beside a "
        "condition on such a header is disabled (503)",
    ),
    "request.bracketed_client": (
        "bracketed_address",
        "older nginx reads no `[2001:db8::1]` without a port in X-Forwarded-For: no `ip_allow` lets that client in",
    ),
    "request.strict_host": (
        "strict_host",
        "older nginx does not answer 400 to a Host field with junk in it; servers get the host as it is compared",
    ),
}
_PLAIN_GRPC = "protocol.grpc without TLS"
_HASHED = ("source", "uri", "header", "cookie", "query")
_NO_BACKUP = (*_HASHED, "random")
_TOO_LONG = f"over {LONGEST} bytes as nginx has to be told it, where a dollar sign takes {len(DOLLAR)}"
_NO_RETRY = ("502", "504")
_TCP_ONLY = ("proxy_protocol",)


@cache
def lacks(capabilities: frozenset[str]) -> Mapping[str, str]:
    """What cannot be kept with these capabilities, with the reasons."""
    missing = {option: why for option, (needed, why) in _WITHOUT.items() if needed not in capabilities}
    return {**LACKS, **missing}


def fit(model: Model, capabilities: frozenset[str], memo: Memo | None = None) -> Model:
    """The model without what nginx cannot do."""
    memo = memo or Memo()
    facts = (model.settings, capabilities)
    pools, lost = memo(
        "fit pools", _apart, memo.each("fit upstream", _fit_upstream, model.upstreams, key=_ID, shared=facts)
    )
    theirs = at(memo("fit places", places, model.routes, tuple(map(_ID, model.upstreams))), pools)
    fitted = memo.each("fit route", _fit_route, model.routes, theirs, key=_ID, shared=facts)
    routes, more = memo("fit routes", _apart, fitted)
    upstreams = tuple(map(itemgetter(0), pools))
    told: list[Problem] = []
    if routes != model.routes or upstreams != model.upstreams:
        model = replace(model, upstreams=upstreams, routes=routes)
    if model.streams:
        model, told = fit_streams(model, capabilities)
    model, unread = fit_fields(model, capabilities, memo)
    told = [*told, *unread]
    if not (lost or more or told):
        return model
    return replace(model, problems=memo("fit problems", in_order, (*model.problems, *lost, *more, *told)))


_ID = attrgetter("id")
T = TypeVar("T")
_Pool = tuple[Upstream, str]
"""An upstream, and why its routes are unguarded."""


def _apart(fitted: tuple[tuple[T, tuple[Problem, ...]], ...]) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    """What fits, and all problems."""
    return tuple(map(itemgetter(0), fitted)), tuple(chain.from_iterable(map(itemgetter(1), fitted)))


def _fit_upstream(
    upstream: Upstream, settings: Settings, capabilities: frozenset[str]
) -> tuple[_Pool, tuple[Problem, ...]]:
    fitting = _Fitting(settings, capabilities, [])
    kept = _named(fitting.upstream(upstream), fitting.problems, "upstream_resolve" in capabilities)
    fitted = _upstream(kept, fitting.problems)
    return (fitted, fitting.unguarded.get(upstream.id, "")), tuple(fitting.problems)


def _fit_route(
    route: Route, pool: _Pool, settings: Settings, capabilities: frozenset[str]
) -> tuple[Route, tuple[Problem, ...]]:
    upstream, why = pool
    fitting = _Fitting(settings, capabilities, [], {upstream.id: why} if why else {})
    return fitting.route(route, upstream), tuple(fitting.problems)


def _named(upstream: Upstream, problems: list[Problem], resolves: bool) -> Upstream:
    """Servers known by name, for an nginx that cannot follow names in an upstream: what is lost with it."""
    if resolves or not any(server.is_name for server in upstream.ready):
        return upstream
    backups = any(server.backup for server in upstream.ready) and not all(server.backup for server in upstream.ready)
    lost = ["backup"] * backups + ["max_conns"] * any(server.max_conns for server in upstream.ready)
    lost += [policy.name for policy in upstream.policies if policy.name in ("passive_health", "keepalive")]
    lost += [f"balance {upstream.balance}"] * (upstream.balance.kind in ("least_conn", "random"))
    if any(server.room for server in upstream.ready):
        lost += _lost_behind_names(upstream)
    if lost:
        message = f"this nginx (before 1.27.3) has no {', '.join(lost)} for servers that are known by name"
        problems.append(replace(problem(upstream, "balance", message), severity="warning"))
    servers = tuple(server for server in upstream.servers if not (backups and server.backup))
    return replace(upstream, servers=servers)


def _lost_behind_names(upstream: Upstream) -> list[str]:
    """What a variable knows of names, and not of the several containers behind one."""
    lost = ["sticky"] * any(policy.name == "sticky" for policy in upstream.policies)
    lost += [f"balance {upstream.balance}"] * (upstream.balance.kind in _HASHED)
    return lost + ["equal share for each container"] * (len(upstream.ready) > 1)


def _upstream(upstream: Upstream, problems: list[Problem]) -> Upstream:
    def tell(message: str) -> None:
        problems.append(problem(upstream, "balance", message))

    if upstream.balance.kind == "first":
        tell(LACKS["balance.first"])
        upstream = replace(upstream, balance=Balance("round_robin"))
    backups = [server for server in upstream.ready if server.backup]
    is_hashed = upstream.balance.kind in _NO_BACKUP or any(policy.name == "sticky" for policy in upstream.policies)
    if backups and (is_hashed or len(backups) == len(upstream.ready)):
        others = tuple(server for server in upstream.servers if not server.backup)
        ready = any(server.state == "ready" for server in others)
        if ready:
            tell(f"nginx has no backup servers with balance {upstream.balance} or sticky; they are left out")
        servers = others if ready else tuple(replace(server, backup=False) for server in upstream.servers)
        upstream = replace(upstream, servers=servers)
    if upstream.protocol not in ("tcp", "udp") and (lost := [p for p in upstream.policies if p.name in _TCP_ONLY]):
        message = f"nginx cannot have {lost[0].name} towards HTTP servers, only for TCP routes"
        problems.append(problem(upstream, lost[0].name, message))
        upstream = replace(upstream, policies=tuple(policy for policy in upstream.policies if policy not in lost))
    return upstream


@dataclass(frozen=True, slots=True)
class _Fitting:
    """Fits routes one by one; what they lose is written to `problems`."""

    settings: Settings
    capabilities: frozenset[str]
    problems: list[Problem]
    unguarded: dict[str, str] = field(default_factory=dict)

    def upstream(self, asked: Upstream) -> Upstream:
        """The upstream with the policies that nginx has; where one of them guards, its routes are `unguarded`."""
        kept, lost = fit_upstream(asked, LACKS, self.settings)
        for loss in lost:
            said = f"{loss.why}; the route answers 503" if loss.is_guard else loss.why
            self.problems.append(problem(asked, loss.key, said))
            if loss.is_guard:
                self.unguarded.setdefault(asked.id, loss.why)
        return kept

    def route(self, route: Route, upstream: Upstream) -> Route:
        kept: list[Policy] = []
        if upstream.id in self.unguarded:
            route = replace(route, withheld=route.withheld or self.unguarded[upstream.id])
        for asked in route.policies:
            policy = self._retry(asked, route, upstream) if isinstance(asked, Retry) else asked
            wrong = self._lack(policy, upstream)
            if not wrong:
                kept.append(policy)
                continue
            said = f"{wrong}; the route answers 503" if policy.guards else wrong
            self.problems.append(problem(route, policy.name, said))
            if policy.guards:
                route = replace(route, withheld=route.withheld or wrong)
        if upstream.protocol in ("grpc", "grpcs") and "http2_directive" not in self.capabilities:
            self._plain_grpc(route)
        if upstream.protocol == "h2c" and "proxy_http2" not in self.capabilities:
            wrong = "this nginx cannot speak h2c to servers (that takes 1.29.4); the route answers 503"
            self.problems.append(problem(route, "protocol", wrong))
            route = replace(route, withheld=route.withheld or wrong)
        if _is_too_long(upstream.root):
            self.problems.append(problem(route, "root", f"root is {_TOO_LONG}; the route answers 503"))
            route = replace(route, withheld=route.withheld or f"root is {_TOO_LONG}")
        return route if tuple(kept) == route.policies else replace(route, policies=tuple(kept))

    def _plain_grpc(self, route: Route) -> None:
        """A problem where clients without TLS would speak gRPC: an error where there are no others."""
        with_tls = {listen.name for listen in self.settings.listeners if listen.tls}
        plain = [name for name in route.listeners if name not in with_tls]
        if not plain or route.withheld or last_redirect(route, self.settings) is not None:
            return
        found = problem(route, "protocol", f"{_WITHOUT[_PLAIN_GRPC][1]}: not on {', '.join(plain)}")
        is_served = len(plain) < len(route.listeners)
        hint = "write tls: required, or listeners with TLS alone" if is_served else "serve it on a listener with TLS"
        self.problems.append(replace(found, severity="warning" if is_served else "error", hint=hint))

    def _retry(self, asked: Retry, route: Route, upstream: Upstream) -> Retry:
        """Without the failures that a protocol's module does not know."""
        if upstream.protocol not in ("fastcgi", "uwsgi"):
            return asked
        policy = replace(asked, on=tuple(failure for failure in asked.on if failure not in _NO_RETRY))
        if policy != asked:
            message = f"nginx does not retry {upstream.protocol} on {' or '.join(_NO_RETRY)}; these are left out"
            self.problems.append(problem(route, "retry", message))
        return policy

    def _lack(self, policy: Policy, upstream: Upstream) -> str:
        """Why nginx cannot keep a policy; empty when it can."""
        if isinstance(policy, (RequestHeaders, ResponseHeaders)) and _is_too_long(*(value for _, value in policy.set)):
            return f"a value is {_TOO_LONG}"
        if isinstance(policy, BasicAuth) and _is_too_long(policy.realm):
            return f"the realm is {_TOO_LONG}"
        if isinstance(policy, RateLimit) and policy.rate.period == 3600:
            return f"{LACKS['rate_limit.rate by hour']}: {policy.rate}; write for example 1/m"
        if isinstance(policy, BasicAuth) and policy.file is not None and not self.settings.user_files:
            return f"basic_auth.file {str(policy.file)!r}: the operator's setting user_files names no directory"
        if isinstance(policy, Retry) and not policy.on:
            return "nothing is left to retry on"
        if isinstance(policy, Cache):
            zones = [zone.name for zone in self.settings.cache_zones]
            if policy.zone not in zones:
                return f"cache.zone {str(policy.zone)!r} is not a cache zone; there are {', '.join(zones)}"
            if upstream.protocol in ("grpc", "grpcs"):
                return "nginx does not cache gRPC"
        return ""


def _is_too_long(*texts: str) -> bool:
    return any(len(quote(text).encode()) + (len(DOLLAR) - 1) * text.count("$") > LONGEST for text in texts)
