"""The table: a Model as rows that people read and machines compare. No secrets, no places of files, no clock.

`routes` shows it, each release carries it as `release.json`, and plan compares two of them. A row's key says what the
row is about (`route shop.example.com/api on web`), its fields say the rest, as text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

from gen.errors import Origin
from gen.model import Listener, Model, Policy, Route, Server, StreamRoute, Upstream
from gen.options import options_of

VERSION = 1
Rows = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow:
    """One line of the route table."""

    hosts: tuple[str, ...]
    path: str
    conditions: tuple[str, ...]
    listeners: tuple[str, ...]
    priority: int
    upstream: str
    servers: tuple[str, ...]
    policies: tuple[str, ...]
    withheld: str
    origins: tuple[str, ...]


def routes(model: Model) -> tuple[RouteRow, ...]:
    """The route table in the order in which a reader looks for a site: by host, then in the order of trial."""
    upstreams = {upstream.id: upstream for upstream in model.upstreams}
    ordered = sorted(model.routes, key=lambda r: (sorted(map(_by_domain, map(str, r.match.hosts))), r.rank(None)))
    streams = sorted(model.streams, key=lambda r: (sorted(map(_by_domain, map(str, r.hosts))), r.listeners, r.protocol))
    return (
        *(_route(route, upstreams[route.upstream]) for route in ordered),
        *(_stream(route, upstreams[route.upstream]) for route in streams),
    )


def _by_domain(host: str) -> list[str]:
    return list(reversed(host.split(".")))


def _route(route: Route, upstream: Upstream) -> RouteRow:
    return RouteRow(
        hosts=tuple(map(str, route.match.hosts)) or ("*",),
        path=str(route.match.path),
        conditions=conditions(route),
        listeners=route.listeners,
        priority=route.priority,
        upstream=f"{upstream.id} ({upstream.protocol}, {upstream.balance})",
        servers=tuple(map(server, upstream.servers)),
        policies=tuple(policy(each) for each in (*route.policies, *upstream.policies)),
        withheld=route.withheld,
        origins=tuple(dict.fromkeys(_origin(origin) for origin in route.origins)),
    )


def _stream(route: StreamRoute, upstream: Upstream) -> RouteRow:
    return RouteRow(
        hosts=tuple(map(str, route.hosts)) or ("*",),
        path="",
        conditions=_ways(route),
        listeners=route.listeners,
        priority=0,
        upstream=f"{upstream.id} ({upstream.protocol}, {upstream.balance})",
        servers=tuple(map(server, upstream.servers)),
        policies=tuple(policy(each) for each in (*route.policies, *upstream.policies)),
        withheld=route.withheld,
        origins=tuple(dict.fromkeys(_origin(origin) for origin in route.origins)),
    )


def _ways(route: StreamRoute) -> tuple[str, ...]:
    """What a route without HTTP is: its protocol, and how TLS is dealt with."""
    return (route.protocol, *([f"tls {route.tls}"] if route.tls != "off" else []))


def _origin(origin: Origin) -> str:
    place = f" ({origin.file}:{origin.line})" if origin.file and origin.line else ""
    return (origin.workload or origin.source) + place


def conditions(route: Route) -> tuple[str, ...]:
    """What has to hold beside host and path, as text."""
    match = route.match
    found = [",".join(match.methods)] if match.methods else []
    found += [f"{name}: {condition}" for name, condition in match.headers]
    found += [f"?{name}={condition}" for name, condition in match.query]
    found += ["from " + ",".join(map(str, match.clients))] if match.clients else []
    return tuple(found)


def server(one: Server) -> str:
    """`10.0.0.2:80 weight=2 backup (down)`; a ready server has no state behind it."""
    words = [f"[{one.host}]:{one.port}" if ":" in one.host else f"{one.host}:{one.port}"]
    words += [f"weight={one.weight}"] * (one.weight != 1)
    words += ["backup"] * one.backup + [f"max_conns={one.max_conns}"] * (one.max_conns != 0)
    words += [f"({one.state})"] * (one.state != "ready")
    return " ".join(words)


def policy(one: Policy) -> str:
    """`rate_limit(rate=10/s, burst=20)`: the options that differ from their defaults; secrets are redacted."""
    names = {option.field: option.name for option in options_of(type(one))}
    shown = [
        f"{names[field.name]}={_text(getattr(one, field.name))}"
        for field in fields(one)
        if getattr(one, field.name) != field.default
    ]
    return f"{one.name}({', '.join(shown)})" if shown else one.name


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(":".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in value)
    return str(value)


def rows(model: Model) -> Rows:
    """Every listener, route, server and certificate by a key that people understand."""
    upstreams = {upstream.id: upstream for upstream in model.upstreams}
    found: Rows = {}
    for listener in model.listeners:
        found[f"listener {listener.name}"] = _listener(listener)
    for route in model.routes:
        _add_route(found, route, upstreams[route.upstream])
    for stream in model.streams:
        _add_stream(found, stream, upstreams[stream.upstream])
    for binding in model.bindings:
        found[f"certificate for {binding.host}"] = {"name": binding.certificate}
    return dict(sorted(found.items()))


def _add_route(found: Rows, route: Route, upstream: Upstream) -> None:
    shown = conditions(route)
    behind = f" [{'; '.join(shown)}]" if shown else ""
    for host in map(str, route.match.hosts or ("*",)):
        key = f"{host}{route.match.path}{behind} on {', '.join(route.listeners)}"
        fields_: dict[str, str] = {
            "protocol": upstream.protocol,
            "balance": str(upstream.balance),
            "policies": "; ".join(policy(each) for each in (*route.policies, *upstream.policies)),
            "priority": str(route.priority),
            "withheld": route.withheld,
        }
        found[f"route {key}"] = {name: value for name, value in fields_.items() if value}
        for one in upstream.servers:
            found[f"server {_place(one)} of {key}"] = {"is": server(one).partition(" ")[2] or "ready"}


def _listener(listener: Listener) -> dict[str, str]:
    found = {
        "port": str(listener.port),
        "on": ", ".join(listener.addresses) or "all addresses",
        "tls": "yes" if listener.tls else "no",
    }
    found |= {"protocol": listener.protocol} if listener.protocol != "http" else {}
    return found | ({"clients": "by PROXY protocol"} if listener.takes_proxy else {})


def _add_stream(found: Rows, route: StreamRoute, upstream: Upstream) -> None:
    for host in map(str, route.hosts or ("*",)):
        key = f"{route.protocol} {host} on {', '.join(route.listeners)}"
        fields_: dict[str, str] = {
            "balance": str(upstream.balance),
            "policies": "; ".join(policy(each) for each in (*route.policies, *upstream.policies)),
            "tls": route.tls,
            "certificate": route.certificate,
            "withheld": route.withheld,
        }
        found[f"route {key}"] = {name: value for name, value in fields_.items() if value}
        for one in upstream.servers:
            found[f"server {_place(one)} of {key}"] = {"is": server(one).partition(" ")[2] or "ready"}


def _place(one: Server) -> str:
    return server(one).partition(" ")[0]


def to_json(model: Model) -> bytes:
    """The rows as bytes that are equal for equal models: one line each, so that a line's difference is a row's."""
    lines = ",\n".join(f" {_json(key)}: {_json(row)}" for key, row in rows(model).items())
    return f'{{"version": {VERSION}, "rows": {{\n{lines}\n}}}}\n'.encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
