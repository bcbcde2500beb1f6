"""Fit: Model → Model, as a HAProxy with these capabilities can keep it; a problem for each thing that it cannot.

What protects fails closed: a route whose guard cannot be kept answers 503. Everything else is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import TypeVar

from gen.errors import Origin, Problem, in_order
from gen.memo import Memo
from gen.model import Model, Policy, Route, StreamRoute, Upstream, at, places
from gen.policies import BasicAuth, Cache, HealthCheck, RequestHeaders, ResponseHeaders, Retry
from gen.proxies.haproxy.literal import LONGEST, argument
from gen.proxies.lacks import fit_upstream, problem, without
from gen.settings import Settings

_CRYPT = re.compile(r"\$(?:1|5|6|2[aby])\$")
_MOST_TESTS = 50
_NO_RETRY = ("429",)
LACKS: Mapping[str, str] = {
    "basic_auth.apr1": "HAProxy knows crypt(3) hashes only; `openssl passwd -5` makes one",
    "basic_auth.file": "HAProxy reads no htpasswd files; write the users into the label",
    "cache.key": "HAProxy tells stored answers apart by host and URI alone",
    "cache.bypass": "HAProxy does not replace a stored answer while it is fresh",
    "cache.lock": "HAProxy asks the workload for every request until an answer is stored",
    "cache.stale_while_revalidate": "HAProxy gives no stale answers",
    "cache.stale_if_error": "HAProxy gives no stale answers",
    "cache.ttl by status": "HAProxy stores answers with status 200 only",
    "cache.vary": "HAProxy stores no answers that vary by anything but Accept-Encoding, Referer and Origin",
    "protocol.uwsgi": "HAProxy does not speak uwsgi",
    "request.absolute_target": "HAProxy answers 400 where a target's host and the Host header differ",
    "request.many_fields": "HAProxy answers 400 to more than 4 fields of one name that a condition or a policy reads",
    "retry.time": "HAProxy counts tries, not the time that they take",
    "settings.acme_webroot": "HAProxy serves no files; let a workload answer the challenges, or use nginx",
    "timeouts.send": "HAProxy has one timeout for both directions: timeouts.read",
}
"""Options that HAProxy cannot keep, by any capability."""
_WITHOUT: Mapping[str, tuple[str, str]] = {
    "compress.min": ("compress_min", "HAProxy compresses answers of any size before 3.2"),
    "request.trailers": ("drop_trailers", "HAProxy before 3.2 passes trailer fields on, as trailers"),
}
QUIC = frozenset({"quic", "limited_quic"})
"""Either of them is enough for HTTP/3."""


@cache
def lacks(capabilities: frozenset[str]) -> Mapping[str, str]:
    """What cannot be kept with these capabilities, with the reasons."""
    missing = {option: why for option, (needed, why) in _WITHOUT.items() if needed not in capabilities}
    return {**LACKS, **missing}


def fit(model: Model, capabilities: frozenset[str], memo: Memo | None = None) -> Model:
    """The model without what HAProxy cannot do."""
    memo = memo or Memo()
    facts = (model.settings, capabilities)
    pools, lost = memo(
        "fit pools", _apart, memo.each("fit upstream", _fit_upstream, model.upstreams, key=_ID, shared=facts)
    )
    theirs = at(memo("fit places", places, model.routes, tuple(map(_ID, model.upstreams))), pools)
    fitted = memo.each("fit route", _fit_route, model.routes, theirs, key=_ID, shared=facts)
    routes, more = memo("fit routes", _apart, fitted)
    streams, gone = memo("fit streams", _fit_streams, model.streams)
    upstreams = tuple(map(itemgetter(0), pools))
    if (routes, streams, upstreams) != (model.routes, model.streams, model.upstreams):
        model = replace(model, routes=routes, streams=streams, upstreams=upstreams)
    problems = (*lost, *more, *gone, *_of_settings(model, capabilities))
    if not problems:
        return model
    return replace(model, problems=memo("fit problems", in_order, (*model.problems, *problems)))


_ID = attrgetter("id")
T = TypeVar("T")
_Pool = tuple[Upstream, str]
"""An upstream, and why its routes are unguarded."""


def _apart(fitted: tuple[tuple[T, tuple[Problem, ...]], ...]) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    """What fits, and all problems."""
    return tuple(map(itemgetter(0), fitted)), tuple(chain.from_iterable(map(itemgetter(1), fitted)))


def _fit_upstream(
    asked: Upstream, settings: Settings, capabilities: frozenset[str]
) -> tuple[_Pool, tuple[Problem, ...]]:
    fitting = _Fitting(lacks(capabilities), settings, [])
    fitted = fitting.upstream(asked)
    return (fitted, fitting.unguarded.get(asked.id, "")), tuple(fitting.problems)


def _fit_route(
    route: Route, pool: _Pool, settings: Settings, capabilities: frozenset[str]
) -> tuple[Route, tuple[Problem, ...]]:
    upstream, why = pool
    fitting = _Fitting(lacks(capabilities), settings, [], {upstream.id: why} if why else {})
    return fitting.route(route, upstream), tuple(fitting.problems)


def _fit_streams(routes: tuple[StreamRoute, ...]) -> tuple[tuple[StreamRoute, ...], tuple[Problem, ...]]:
    """Without the routes that HAProxy cannot have."""
    message = "HAProxy does not balance UDP; the route is left out (nginx does)"
    lost = (
        Problem(severity="error", origin=route.origins[0], message=message)
        for route in routes
        if route.protocol == "udp"
    )
    return tuple(route for route in routes if route.protocol != "udp"), tuple(lost)


def _of_settings(model: Model, capabilities: frozenset[str]) -> Iterable[Problem]:
    """What the operator asks for and HAProxy has not."""
    if model.settings.acme_webroot:
        message = LACKS["settings.acme_webroot"]
        yield Problem(severity="error", origin=Origin(source="settings", key="acme_webroot"), message=message)
    if model.settings.metrics and "prometheus" not in capabilities:
        message = "this HAProxy was built without its Prometheus exporter, so nobody answers /metrics"
        yield Problem(severity="error", origin=Origin(source="settings", key="metrics"), message=message)
    if model.settings.http3 and not capabilities & QUIC:
        message = "this HAProxy was built without QUIC, so HTTP/3 is left out; Debian's has it from 13 on"
        yield Problem(severity="error", origin=Origin(source="settings", key="http3"), message=message)


@dataclass(frozen=True, slots=True)
class _Fitting:
    """Fits routes one by one; what they lose is written to `problems`."""

    lacks: Mapping[str, str]
    settings: Settings
    problems: list[Problem]
    unguarded: dict[str, str] = field(default_factory=dict)

    def upstream(self, asked: Upstream) -> Upstream:
        """The upstream with the policies that can be kept; where a guard is lost, its routes are `unguarded`."""
        found, lost = fit_upstream(asked, self.lacks, self.settings)
        for loss in lost:
            said = f"{loss.why}; the route answers 503" if loss.is_guard else loss.why
            self.problems.append(problem(asked, loss.key, said))
            if loss.is_guard:
                self.unguarded.setdefault(asked.id, loss.why)
        kept = tuple(policy for policy in found.policies if not self._is_void(policy, found))
        return found if kept == found.policies else replace(found, policies=kept)

    def _is_void(self, policy: Policy, upstream: Upstream) -> bool:
        """Whether a policy means nothing beside the others or for this upstream, which is told."""
        message = ""
        if policy.name == "passive_health" and any(other.name == "circuit_breaker" for other in upstream.policies):
            message = "circuit_breaker counts failed connections too, so passive_health is left out"
        if policy.name == "queue" and not any(server.max_conns for server in upstream.servers):
            message = "without max_conns nobody waits, so queue is left out; write for example max_conns 100"
        if isinstance(policy, HealthCheck) and upstream.protocol == "fastcgi" and policy.kind in ("http", "grpc"):
            message = f"HAProxy cannot ask FastCGI by {policy.kind}; write kind tcp"
        if message:
            self.problems.append(problem(upstream, policy.name, message))
        return bool(message)

    def route(self, route: Route, upstream: Upstream) -> Route:
        kept: list[Policy] = []
        if upstream.id in self.unguarded:
            route = replace(route, withheld=route.withheld or self.unguarded[upstream.id])
        found, lost = without(route.policies, self.lacks)
        for loss in lost:
            self._tell(route, loss.key, f"{loss.why}; the route answers 503" if loss.is_guard else loss.why)
            route = replace(route, withheld=route.withheld or loss.why) if loss.is_guard else route
        for policy in found:
            if wrong := _wrong(policy, upstream, self.settings):
                said = f"{wrong}; the route answers 503" if policy.guards else wrong
                self._tell(route, policy.name, said)
                if policy.guards:
                    route = replace(route, withheld=route.withheld or wrong)
            else:
                kept.append(self._narrowed(policy, route))
        if wrong := _unroutable(route, upstream):
            self._tell(route, "protocol" if upstream.protocol == "uwsgi" else "path", f"{wrong}; the route answers 503")
            route = replace(route, withheld=route.withheld or wrong)
        return route if tuple(kept) == route.policies else replace(route, policies=tuple(kept))

    def _narrowed(self, policy: Policy, route: Route) -> Policy:
        """The policy without those words of a list that HAProxy cannot keep."""
        if isinstance(policy, Retry) and set(policy.on) & set(_NO_RETRY):
            self._tell(route, "retry.on", f"HAProxy does not retry on {' or '.join(_NO_RETRY)}; these are left out")
            policy = replace(policy, on=tuple(failure for failure in policy.on if failure not in _NO_RETRY))
        if isinstance(policy, Cache) and any(ttl.status for ttl in policy.ttl):
            self._tell(route, "cache.ttl", "HAProxy stores answers with status 200 only; the others are left out")
            policy = replace(policy, ttl=tuple(ttl for ttl in policy.ttl if not ttl.status))
        return policy

    def _tell(self, route: Route, key: str, message: str) -> None:
        self.problems.append(problem(route, key, message))


def _wrong(policy: Policy, upstream: Upstream, settings: Settings) -> str:
    """Why HAProxy cannot keep a policy at all; empty when it can."""
    if isinstance(policy, BasicAuth):
        dead = [user.name for user in policy.users if not _CRYPT.match(user.hash.reveal())]
        if dead:
            return f"HAProxy knows crypt(3) hashes only, not that of {', '.join(dead)}; `openssl passwd -5` makes one"
    if isinstance(policy, (RequestHeaders, ResponseHeaders)) and _is_too_long(*(value for _, value in policy.set)):
        return f"a value is over {LONGEST} bytes as HAProxy has to be told it"
    if isinstance(policy, BasicAuth) and _is_too_long(policy.realm):
        return f"the realm is over {LONGEST} bytes"
    if isinstance(policy, Cache):
        zones = [zone.name for zone in settings.cache_zones]
        if policy.zone not in zones:
            return f"cache.zone {str(policy.zone)!r} is not a cache zone; there are {', '.join(zones)}"
        return "HAProxy does not cache gRPC" if upstream.protocol in ("grpc", "grpcs") else ""
    return ""


def _unroutable(route: Route, upstream: Upstream) -> str:
    """Why nobody could be served by a route."""
    if upstream.protocol == "uwsgi":
        return LACKS["protocol.uwsgi"]
    if route.match.weight > _MOST_TESTS:
        return f"HAProxy takes {_MOST_TESTS} conditions for a route, this one has {route.match.weight}"
    if _is_too_long(upstream.root):
        return f"root is over {LONGEST} bytes as HAProxy has to be told it"
    return ""


def _is_too_long(*texts: str) -> bool:
    """Whether a text would not fit into a word, its quotes and doubled characters counted."""
    return any(len(argument(text).replace("%", "%%").replace("'", "'\\''").encode()) > LONGEST for text in texts)
