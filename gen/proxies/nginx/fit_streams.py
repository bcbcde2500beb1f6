"""Fit of TCP and UDP routes: Model → Model, as the stream module of this nginx can keep them, and the problems.

A route that cannot be kept is left out: its port is then not opened, or what it asked for on a port of HTTP is HTTP's.
"""

from __future__ import annotations

from dataclasses import replace

from gen.errors import Problem
from gen.model import Model, Policy, StreamRoute, Upstream
from gen.policies import ProxyProtocol
from gen.proxies.commands import LONGEST_SOCKET_PATH
from gen.proxies.lacks import problem
from gen.proxies.nginx.capabilities import STREAM
from gen.proxies.nginx.streams import inner, shared
from gen.settings import Settings


def fit_streams(model: Model, capabilities: frozenset[str]) -> tuple[Model, list[Problem]]:
    """The model with the routes that are left, and what was lost."""
    problems: list[Problem] = []
    kept: list[StreamRoute] = []
    for route in model.streams:
        key, wrong = _lack(route, model, capabilities)
        if wrong:
            problems.append(problem(route, key, f"{wrong}; the route is left out"))
        else:
            kept.append(route)
    model = replace(model, streams=tuple(kept))
    named = _named(model)
    upstreams = {upstream.id: upstream for upstream in model.upstreams}
    routes: list[StreamRoute] = []
    for route in model.streams:
        upstreams[route.upstream] = _upstream(upstreams[route.upstream], route, named, problems)
        routes.append(_route(route, upstreams[route.upstream], named, problems))
    return replace(model, streams=tuple(routes), upstreams=tuple(upstreams.values())), problems


def _lack(route: StreamRoute, model: Model, capabilities: frozenset[str]) -> tuple[str, str]:
    """The option that cannot be kept, and why; empty when the route can."""
    if not capabilities & STREAM:
        hint = "on Debian install libnginx-mod-stream, elsewhere name it in the setting nginx_modules"
        return "listeners", f"this nginx has no stream module, which TCP and UDP routes need ({hint})"
    both = shared(model).intersection(route.listeners)
    if both and _is_too_long(model.settings):
        return "listeners", f"{model.settings.proxy_directory} is too long for sockets between nginx's own servers"
    direct = [one.name for one in model.http_listeners if one.name in both and not one.takes_proxy]
    if direct and model.settings.trusted_proxies:
        why = (
            "as nginx could then no longer take the client's address from X-Forwarded-For there, as trusted_proxies say"
        )
        return "tls", f"nginx cannot pass TLS through on {direct[0]}, {why}"
    return "", ""


def _is_too_long(settings: Settings) -> bool:
    return len(inner(settings, "http", "").removeprefix("unix:").encode()) > LONGEST_SOCKET_PATH


def _named(model: Model) -> frozenset[str]:
    """The listeners on which names of TLS clients decide."""
    return frozenset(listener for route in model.streams if route.hosts for listener in route.listeners)


def _upstream(upstream: Upstream, route: StreamRoute, named: frozenset[str], problems: list[Problem]) -> Upstream:
    """With the PROXY protocol as nginx can speak it."""
    asked = next((policy for policy in upstream.policies if isinstance(policy, ProxyProtocol)), None)
    if asked is None:
        return upstream
    policies: tuple[Policy, ...] = tuple(policy for policy in upstream.policies if policy is not asked)
    lost = "ending TLS" if route.tls == "terminate" else "ip_allow" if _has(route, "ip_allow") else ""
    if lost and named.intersection(route.listeners):
        message = f"nginx has no proxy_protocol beside {lost} where names of TLS clients decide; servers get none"
        problems.append(problem(route, "proxy_protocol", message))
        return replace(upstream, policies=policies)
    if asked.version != 1:
        message = "nginx speaks version 1 of the PROXY protocol only, and so it does here"
        problems.append(replace(problem(route, "proxy_protocol", message), severity="warning"))
        return replace(upstream, policies=(*policies, replace(asked, version=1)))
    return upstream


def _route(route: StreamRoute, upstream: Upstream, named: frozenset[str], problems: list[Problem]) -> StreamRoute:
    """Without the times that nobody keeps: what a front hands to servers itself knows one time for all."""
    speaks = any(policy.name == "proxy_protocol" for policy in upstream.policies)
    if not (speaks and named.intersection(route.listeners) and _has(route, "timeouts")):
        return route
    message = "nginx has no timeouts of its own beside proxy_protocol where names of TLS clients decide"
    problems.append(problem(route, "timeouts", message))
    return replace(route, policies=tuple(policy for policy in route.policies if policy.name != "timeouts"))


def _has(route: StreamRoute, policy: str) -> bool:
    return any(one.name == policy for one in route.policies)
