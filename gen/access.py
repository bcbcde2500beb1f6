"""Access: Model → which clients get through to the servers of each route, as values that plans compare.

`routes` returns one `Access` per route, memoised like rows. `lines` writes them for `release.json`, and `read` restores
them. Passwords, hashes and secret values of conditions are not part of an `Access`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from gen import table
from gen.memo import Memo
from gen.model import Listener, Model, Policy, Route, StreamRoute, Upstream, at, places
from gen.policies import BasicAuth, IpAllow, Redirect
from gen.policies.redirect import is_to_https
from gen.values import Cidr, Host, Path
from gen.values.text import REDACTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The guards of a route. `allow`: the networks of ip_allow. `users`: the user names of basic_auth, or `file`.
    `https`: requests over http are redirected to https. `redirect`: another target that answers all requests.
    `disabled`: the route answers 503. `others`: all other guards with their options, as text."""

    allow: tuple[Cidr, ...] | None = None
    users: tuple[str, ...] | None = None
    file: str = ""
    https: bool = False
    redirect: str = ""
    disabled: bool = False
    others: tuple[str, ...] = ()


OPEN: Final = Gate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One route: what it matches, its gate, and the addresses of its servers. `kind` is http, tcp or udp. `asks`: the
    conditions on headers and query parameters; `mark` distinguishes values that are hidden. `name` decides between
    routes of equal rank, and is empty where no such route can exist. `since` and `is_everywhere`: as in `Route`, for
    the order between owners. `route` is None in a restored Access."""

    kind: str
    listeners: tuple[str, ...]
    hosts: tuple[Host, ...]
    path: Path = Path("prefix", "")
    methods: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    mark: str = ""
    clients: tuple[Cidr, ...] = ()
    priority: int = 0
    name: str = ""
    owner: str = ""
    since: float = 0.0
    is_everywhere: bool = False
    gate: Gate = OPEN
    servers: tuple[str, ...] = ()
    route: Route | StreamRoute | None = field(default=None, compare=False, repr=False)

    def key(self, host: Host | None) -> str:
        """The name of the route for one of its hosts, as in the table's rows."""
        listeners = ", ".join(self.listeners)
        if self.kind != "http":
            return f"{self.kind} {host or '*'} on {listeners}"
        shown = [",".join(self.methods)] * bool(self.methods) + [*self.asks]
        shown += ["from " + ",".join(map(str, self.clients))] * bool(self.clients) + [self.mark] * bool(self.mark)
        behind = f" [{'; '.join(shown)}]" if shown else ""
        return f"{host or '*'}{self.path}{behind} on {listeners}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides who reaches which servers. `listeners`: by name, the addresses and whether it has TLS. `has_order`:
    whether the routes have all that the order between owners depends on."""

    trusted: tuple[Cidr, ...] = ()
    listeners: tuple[tuple[str, tuple[str, ...], bool], ...] = ()
    routes: tuple[Access, ...] = ()
    has_order: bool = True


def facts(model: Model, memo: Memo | None = None) -> Facts:
    """The access facts of a model."""
    memo = memo or Memo()
    return Facts(
        trusted=tuple(model.settings.trusted_proxies),
        listeners=memo("access listeners", _listeners, model.listeners),
        routes=_routes(model, memo),
    )


_ID: Final = attrgetter("id")


def _routes(model: Model, memo: Memo) -> tuple[Access, ...]:
    routes = (*model.routes, *model.streams)
    theirs = at(memo("rows places", places, routes, tuple(map(_ID, model.upstreams))), model.upstreams)
    return memo.each("access", access_of, routes, theirs, key=_ID)


def _listeners(found: tuple[Listener, ...]) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    return tuple(sorted((one.name, one.addresses, one.tls) for one in found))


def access_of(route: Route | StreamRoute, upstream: Upstream) -> Access:
    """The access facts of one route."""
    gate = _gate((*route.policies, *upstream.policies), disabled=bool(route.withheld))
    servers = tuple(dict.fromkeys(table.server(one).partition(" ")[0] for one in upstream.servers))
    if isinstance(route, StreamRoute):
        return Access(
            kind=route.protocol,
            listeners=route.listeners,
            hosts=route.hosts,
            owner=route.owner,
            gate=gate,
            servers=servers,
            route=route,
        )
    match = route.match
    asks = table.asks(route)
    is_ranked_by_name = match.is_conditional or any(part.kind not in ("exact", "prefix") for part in _parts(route))
    return Access(
        kind="http",
        listeners=route.listeners,
        hosts=match.hosts,
        path=match.path,
        methods=tuple(map(str, match.methods)),
        asks=asks,
        mark=f"#{route.id[-6:]}" if any(REDACTED in one for one in asks) else "",
        clients=match.clients,
        priority=route.priority,
        name=route.rank_name if is_ranked_by_name else "",
        owner=route.owner,
        since=route.since,
        is_everywhere=route.is_everywhere,
        gate=gate,
        servers=servers,
        route=route,
    )


def _parts(route: Route) -> Iterator[Host | Path]:
    yield from route.match.hosts
    yield route.match.path


def _gate(policies: Iterable[Policy], *, disabled: bool) -> Gate:
    found: dict[str, Any] = {"disabled": True} if disabled else {}
    others = []
    for policy in policies:
        if isinstance(policy, IpAllow):
            found["allow"] = policy.from_
        elif isinstance(policy, BasicAuth):
            found["users"] = tuple(sorted(user.name for user in policy.users))
            found["file"] = str(policy.file or "")
        elif is_to_https(policy):
            found["https"] = True
        elif isinstance(policy, Redirect):
            found["redirect"] = str(policy.to)
        elif policy.guards:
            others.append(table.policy(policy))
    return Gate(**found, others=tuple(sorted(others))) if found or others else OPEN


def lines(model: Model, memo: Memo) -> str:
    """The facts as a JSON object with one line per route."""
    found = facts(model, memo)
    head = {"trusted": _texts(found.trusted), "listeners": found.listeners, "order": True}
    routes = ",\n".join(memo.each("access lines", _line, found.routes, key=id))
    return f'{{"facts": {json.dumps(head)}, "routes": [\n{routes}\n]}}'


def _line(one: Access) -> str:
    gate = one.gate
    said: dict[str, object] = {
        "kind": one.kind if one.kind != "http" else "",
        "listeners": one.listeners,
        "hosts": _texts(one.hosts),
        "path": str(one.path) if str(one.path) != "/" else "",
        "methods": one.methods,
        "asks": one.asks,
        "mark": one.mark,
        "clients": _texts(one.clients),
        "priority": one.priority,
        "name": one.name,
        "owner": one.owner,
        "since": one.since,
        "everywhere": one.is_everywhere,
        "servers": one.servers,
    }
    said |= {"file": gate.file, "https": gate.https, "redirect": gate.redirect}
    said |= {"disabled": gate.disabled, "others": gate.others}
    shown = {name: value for name, value in said.items() if value}
    shown |= {"allow": _texts(gate.allow)} if gate.allow is not None else {}
    shown |= {"users": gate.users} if gate.users is not None else {}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _texts(values: Iterable[object]) -> list[str]:
    return list(map(str, values))


def read(content: bytes) -> Facts | None:
    """The facts of a `release.json`; None where it holds none that this version understands."""
    try:
        found = json.loads(content)["access"]
        head = found["facts"]
        return Facts(
            trusted=tuple(map(Cidr.parse, head["trusted"])),
            listeners=tuple((str(name), tuple(map(str, hosts)), bool(tls)) for name, hosts, tls in head["listeners"]),
            routes=tuple(map(_restored, found["routes"])),
            has_order=bool(head.get("order")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _restored(said: dict[str, Any]) -> Access:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(map(str, said.get(name, ())))

    gate = Gate(
        allow=tuple(map(Cidr.parse, said["allow"])) if "allow" in said else None,
        users=texts("users") if "users" in said else None,
        file=str(said.get("file", "")),
        https=bool(said.get("https")),
        redirect=str(said.get("redirect", "")),
        disabled=bool(said.get("disabled")),
        others=texts("others"),
    )
    return Access(
        kind=str(said.get("kind", "http")),
        listeners=texts("listeners"),
        hosts=tuple(map(Host.parse, texts("hosts"))),
        path=Path.parse(str(said.get("path", "/"))),
        methods=texts("methods"),
        asks=texts("asks"),
        mark=str(said.get("mark", "")),
        clients=tuple(map(Cidr.parse, texts("clients"))),
        priority=int(said.get("priority", 0)),
        name=str(said.get("name", "")),
        owner=str(said.get("owner", "")),
        since=float(said.get("since", 0)),
        is_everywhere=bool(said.get("everywhere")),
        gate=gate if gate != OPEN else OPEN,
        servers=texts("servers"),
    )
