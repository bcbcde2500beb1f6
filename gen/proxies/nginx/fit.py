"""Fit: Model → Model, as an nginx with these capabilities can keep it; a problem for each thing that it cannot.

What protects fails closed: a route whose guard cannot be kept answers 503. Everything else is left out.
"""

from __future__ import annotations

from dataclasses import replace

from gen.errors import Origin, Problem
from gen.model import Model, Policy, Route, Upstream
from gen.policies import BasicAuth, Cache, RateLimit, Retry
from gen.values import Balance

_NO_BACKUP = ("source", "uri", "header", "cookie", "random")
_NO_RETRY = ("502", "504")


def fit(model: Model, capabilities: frozenset[str]) -> Model:
    """The model without what nginx cannot do."""
    problems: list[Problem] = []
    upstreams = tuple(_upstream(upstream, problems) for upstream in model.upstreams)
    by_id = {upstream.id: upstream for upstream in upstreams}
    routes = tuple(_route(route, by_id[route.upstream], model, problems, capabilities) for route in model.routes)
    found = tuple(sorted({*model.problems, *problems}, key=Problem.sort_key))
    return replace(model, upstreams=upstreams, routes=routes, problems=found)


def _upstream(upstream: Upstream, problems: list[Problem]) -> Upstream:
    def tell(message: str) -> None:
        problems.append(_problem(upstream.origins, "balance", message))

    if upstream.balance.kind == "first":
        tell("nginx cannot balance by 'first'; it is round_robin instead")
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
    return upstream


def _route(
    route: Route, upstream: Upstream, model: Model, problems: list[Problem], capabilities: frozenset[str]
) -> Route:
    kept: list[Policy] = []
    for asked in route.policies:
        policy = asked
        if isinstance(asked, Retry) and upstream.protocol in ("fastcgi", "uwsgi"):
            policy = replace(asked, on=tuple(failure for failure in asked.on if failure not in _NO_RETRY))
            if policy != asked:
                message = f"nginx does not retry {upstream.protocol} on {' or '.join(_NO_RETRY)}; these are left out"
                problems.append(_problem(route.origins, "retry", message))
        wrong = _lack(policy, upstream, model)
        if not wrong:
            kept.append(policy)
            continue
        problems.append(_problem(route.origins, policy.name, wrong))
        if policy.guards:
            route = replace(route, withheld=route.withheld or wrong)
    if upstream.protocol == "h2c" and "proxy_http2" not in capabilities:
        wrong = "this nginx cannot speak h2c to servers (that takes 1.29.4); the route answers 503"
        problems.append(_problem(route.origins, "protocol", wrong))
        route = replace(route, withheld=route.withheld or wrong)
    return route if tuple(kept) == route.policies else replace(route, policies=tuple(kept))


def _lack(policy: Policy, upstream: Upstream, model: Model) -> str:
    """Why nginx cannot keep a policy; empty when it can."""
    settings = model.settings
    if isinstance(policy, RateLimit) and policy.rate.period == 3600:
        return f"nginx counts by second or minute, not by hour: {policy.rate}; write for example 1/m"
    if isinstance(policy, BasicAuth) and policy.file is not None and not settings.user_files:
        return f"basic_auth.file {str(policy.file)!r}: the operator's setting user_files names no directory"
    if isinstance(policy, Retry) and not policy.on:
        return "nothing is left to retry on"
    if isinstance(policy, Cache):
        zones = [zone.name for zone in settings.cache_zones]
        if policy.zone not in zones:
            return f"cache.zone {str(policy.zone)!r} is not a cache zone; there are {', '.join(zones)}"
        if upstream.protocol in ("grpc", "grpcs"):
            return "nginx does not cache gRPC"
    return ""


def _problem(origins: tuple[Origin, ...], key: str, message: str) -> Problem:
    origin = origins[0]
    prefix = origin.key.rpartition(".")[0] if origin.key.startswith("fairway.") else "fairway"
    return Problem(severity="error", origin=replace(origin, key=f"{prefix}.{key}"), message=message)
