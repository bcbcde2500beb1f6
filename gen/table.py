"""The table: a Model as rows that people read and machines compare. No secrets, no places of files, no clock.

`routes` shows it, each release carries it as `release.json`, and plan compares two of them. A row's key says what the
row is about (`route shop.example.com/api on web`), its fields say the rest, as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

from gen.certificate import Certificate
from gen.errors import Origin, without_passwords
from gen.memo import Memo
from gen.model import Binding, Listener, Model, Policy, Route, Server, StreamRoute, Upstream, at, places
from gen.options import options_of
from gen.values import HeaderName, HeaderValue
from gen.values.text import REDACTED, HiddenText

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
    owner: str


def routes(model: Model) -> tuple[RouteRow, ...]:
    """The route table in the order in which a reader looks for a site: by host, then in the order of trial."""
    upstreams = {upstream.id: upstream for upstream in model.upstreams}
    ordered = sorted(model.routes, key=lambda r: (sorted(map(_by_domain, map(str, r.match.hosts))), r.rank(None)))
    streams = sorted(model.streams, key=lambda r: (sorted(map(_by_domain, map(str, r.hosts))), r.listeners, r.protocol))
    return (
        *(_route(route, upstreams[route.upstream]) for route in ordered),
        *(_stream(route, upstreams[route.upstream]) for route in streams),
    )


def has_several_owners(model: Model) -> bool:
    """Whether the routes have two owners or more, so that texts name them."""
    return len(set(map(_OWNER, chain(model.routes, model.streams)))) > 1


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
        servers=tuple(map(_placed, upstream.servers)),
        policies=tuple(policy(each) for each in (*route.policies, *upstream.policies)),
        withheld=route.withheld,
        origins=tuple(dict.fromkeys(origin(one) for one in route.origins)),
        owner=route.owner,
    )


def _stream(route: StreamRoute, upstream: Upstream) -> RouteRow:
    return RouteRow(
        hosts=tuple(map(str, route.hosts)) or ("*",),
        path="",
        conditions=_ways(route),
        listeners=route.listeners,
        priority=0,
        upstream=f"{upstream.id} ({upstream.protocol}, {upstream.balance})",
        servers=tuple(map(_placed, upstream.servers)),
        policies=tuple(policy(each) for each in (*route.policies, *upstream.policies)),
        withheld=route.withheld,
        origins=tuple(dict.fromkeys(origin(one) for one in route.origins)),
        owner=route.owner,
    )


def _ways(route: StreamRoute) -> tuple[str, ...]:
    """What a route without HTTP is: its protocol, and how TLS is dealt with."""
    return (route.protocol, *([f"tls {route.tls}"] if route.tls != "off" else []))


def origin(one: Origin) -> str:
    """Who said it, and where where there is a file."""
    place = f" ({one.file}:{one.line})" if one.file and one.line else ""
    return (one.workload or one.source) + place


def conditions(route: Route) -> tuple[str, ...]:
    """What has to hold beside host and path, as text."""
    match = route.match
    found = [",".join(match.methods)] if match.methods else []
    found += asks(route)
    found += ["from " + ",".join(map(str, match.clients))] if match.clients else []
    return tuple(found)


def asks(route: Route) -> tuple[str, ...]:
    """The conditions on headers and query parameters, as text."""
    match = route.match
    headers = tuple(f"{name}: {condition.shown(name)}" for name, condition in match.headers)
    return headers + tuple(f"?{name}={condition.shown(name)}" for name, condition in match.query)


def server(one: Server) -> str:
    """`10.0.0.2:80 weight=2 backup (down)`; a ready server has no state behind it."""
    words = [f"[{one.host}]:{one.port}" if ":" in one.host else f"{one.host}:{one.port}"]
    words += [f"weight={one.weight}"] * (one.weight != 1)
    words += ["backup"] * one.backup + [f"max_conns={one.max_conns}"] * (one.max_conns != 0)
    words += [f"({one.state})"] * (one.state != "ready")
    return " ".join(words)


def _placed(one: Server) -> str:
    """With the instance and its machine, where there are several. Plans do without: it is the address that counts."""
    address, _, rest = server(one).partition(" ")
    return " ".join(part for part in (address, one.placed, rest) if part)


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
        return ",".join(_pair(item) if isinstance(item, tuple) else str(item) for item in value)
    return REDACTED if isinstance(value, HiddenText) else without_passwords(str(value))


def _pair(item: tuple[Any, ...]) -> str:
    """`name:value`; of a header that lets somebody in, by its name, the name alone."""
    name, *values = item
    is_secret = any(isinstance(one, (HeaderName, HeaderValue)) and one.is_secret for one in item)
    hides = is_secret and any(values)
    return f"{name}:{REDACTED}" if hides else ":".join(map(str, item))


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and its line in a release."""

    key: str
    fields: dict[str, str]
    line: str


def _row(key: str, **said: str) -> Row:
    text, shared = _said(tuple(said.items()))
    return Row(key, shared, f" {_json(key)}: {text}")


@lru_cache(maxsize=1024)
def _said(items: tuple[tuple[str, str], ...]) -> tuple[str, dict[str, str]]:
    """Fields as JSON and as a table; most rows of a world say one of a few things, and share it."""
    said = dict(items)
    return _json(said), said


def rows(model: Model, memo: Memo | None = None) -> Rows:
    """Every listener, route, server and certificate by a key that people understand."""
    found = tuple(chain.from_iterable(_sections(model, memo or Memo())))
    return dict(zip(map(_KEY, found), map(_FIELDS, found), strict=True))


def _sections(model: Model, memo: Memo) -> tuple[tuple[Row, ...], ...]:
    """All rows by key. What stands in a section comes before all of the next one: certificates, listeners, routes,
    servers; and only the servers' one is another when a server changed."""
    ids = tuple(map(_ID, model.upstreams))
    routes = (*model.routes, *model.streams)
    theirs = at(memo("rows places", places, routes, ids), model.upstreams)
    return (
        memo("certificate rows", _certificate_rows, model.bindings, model.certificates),
        memo("listener rows", _listener_rows, model.listeners),
        memo.nested("routes", _section, memo.each("route rows", _route_rows, routes, theirs, key=_ID)),
        memo.nested("servers", _section, memo.each("server rows", _server_rows, routes, theirs, key=_ID)),
    )


def _section(memo: Memo, found: tuple[tuple[Row, ...], ...]) -> tuple[Row, ...]:
    """Rows by key; of equal keys the last."""
    every = tuple(chain.from_iterable(found))
    by_key = dict(zip(map(_KEY, every), every, strict=True))
    return memo.ordered("rows", every if len(by_key) == len(every) else by_key.values(), key=_KEY)


_OWNER = attrgetter("owner")
_ID, _KEY, _FIELDS, _LINE = attrgetter("id"), attrgetter("key"), attrgetter("fields"), attrgetter("line")


def _certificate_rows(bindings: tuple[Binding, ...], certificates: tuple[Certificate, ...]) -> tuple[Row, ...]:
    """By host, with what tells a certificate from the one that it replaces."""
    shown = {one.name: {"fingerprint": one.fingerprint[:12]} for one in certificates if not one.is_default}
    found = (
        _row(f"certificate for {binding.host}", name=binding.certificate, **shown.get(binding.certificate, {}))
        for binding in bindings
    )
    return tuple(sorted(found, key=_KEY))


def _listener_rows(listeners: tuple[Listener, ...]) -> tuple[Row, ...]:
    return tuple(sorted(map(_listener_row, listeners), key=_KEY))


def _listener_row(listener: Listener) -> Row:
    found = {
        "port": str(listener.port),
        "on": ", ".join(listener.addresses) or "all addresses",
        "tls": "yes" if listener.tls else "no",
    }
    found |= {"protocol": listener.protocol} if listener.protocol != "http" else {}
    found |= {"clients": "by PROXY protocol"} if listener.takes_proxy else {}
    return _row(f"listener {listener.name}", **found)


def _keys(route: Route | StreamRoute) -> Iterator[str]:
    """What the rows of a route are about, host by host."""
    if isinstance(route, StreamRoute):
        yield from _stream_keys(route)
        return
    shown = conditions(route)
    if any(REDACTED in one for one in shown):
        shown += (f"#{route.id[-6:]}",)  # what is hidden may be all that tells two routes apart
    behind = f" [{'; '.join(shown)}]" if shown else ""
    for host in map(str, route.match.hosts or ("*",)):
        yield f"{host}{route.match.path}{behind} on {', '.join(route.listeners)}"


def _stream_keys(route: StreamRoute) -> Iterator[str]:
    for host in map(str, route.hosts or ("*",)):
        yield f"{route.protocol} {host} on {', '.join(route.listeners)}"


def _route_rows(route: Route | StreamRoute, upstream: Upstream) -> tuple[Row, ...]:
    policies = "; ".join(policy(each) for each in (*route.policies, *upstream.policies))
    said = {"balance": str(upstream.balance), "policies": policies, "withheld": route.withheld}
    said["owner"] = route.owner
    if isinstance(route, Route):
        said |= {"protocol": upstream.protocol, "priority": str(route.priority)}
    else:
        said |= {"tls": route.tls, "certificate": route.certificate}
    shown = {name: value for name, value in said.items() if value}
    return tuple(_row(f"route {key}", **shown) for key in _keys(route))


def _server_rows(route: Route | StreamRoute, upstream: Upstream) -> tuple[Row, ...]:
    texts = [server(one).partition(" ") for one in upstream.servers]
    return tuple(
        _row(f"server {place} of {key}", **{"is": rest or "ready"}) for key in _keys(route) for place, _, rest in texts
    )


def to_json(model: Model, memo: Memo | None = None, *, more: str = "") -> bytes:
    """The rows as bytes that are equal for equal models: one line each, so that a line's difference is a row's.
    `more`: further members of the JSON object."""
    found = chain.from_iterable(_sections(model, memo or Memo()))
    lines = ",\n".join(map(_LINE, found))
    return f'{{"version": {VERSION}, "rows": {{\n{lines}\n}}{more}}}\n'.encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
