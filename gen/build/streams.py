"""Streams: the claims to TCP and UDP routes → StreamRoutes with upstreams. Equal claims share, as HTTP routes do.

A claim lays hold of places: a listener with a name of TLS clients, or a listener for all that nobody names. Workloads
that name the same host there share it; a whole listener is shared by those who call their route the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from gen.build.agreement import agreed, agreed_policies, wished
from gen.build.certificates import Tls
from gen.build.claims import StreamClaim
from gen.build.decided import decided_by, named
from gen.build.earlier import stream_spot
from gen.build.merge import pool, pool_name
from gen.build.names import identifier
from gen.build.ports import Spot, spots
from gen.build.provenance import declared_by
from gen.errors import Problem
from gen.model import Route, StreamRoute, StreamTls, Transport, Upstream
from gen.precedence import OPERATOR
from gen.values import Balance, Host

Place = tuple[str, Host | None]
"""A listener, and a name of TLS clients or everything that nobody names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Claims that are equal, in their turn, and where they are served."""

    claims: tuple[StreamClaim, ...]
    listeners: tuple[str, ...]
    hosts: tuple[Host, ...]
    tls: StreamTls
    certificate: str

    @property
    def protocol(self) -> Transport:
        return self.claims[0].route.transport

    @property
    def id(self) -> str:
        shown = f"{self.protocol} {self.hosts[0] if self.hosts else self.listeners[0]}"
        return identifier(
            self.protocol, repr(self.hosts), repr(self.listeners), self.tls, self.certificate, shown=shown
        )


def streams(
    claims: Iterable[StreamClaim],
    tls: Tls,
    routes: Sequence[Route],
    problems: list[Problem],
    *,
    seats: Set[str] = frozenset(),
) -> tuple[list[StreamRoute], list[Upstream]]:
    """The TCP and UDP routes beside these HTTP `routes`, and their upstreams."""
    placed = [(claim, spot) for claim in claims for spot in spots(claim, tls, problems)]
    shared = (
        _shared(sorted(placed, key=lambda pair: _seniority(pair[0], pair[1], seats)), routes, problems)
        if placed
        else {}
    )
    found: list[StreamRoute] = []
    upstreams: list[Upstream] = []
    for group in _groups(shared):
        route, upstream = _assembled(group, problems)
        found.append(route)
        upstreams.append(upstream)
    return sorted(found, key=lambda route: route.id), upstreams


def _seniority(claim: StreamClaim, spot: Spot, seats: Set[str]) -> tuple[object, ...]:
    """The operator's first, then those of the owner that has the place already, then in their turn."""
    return (claim.owner != OPERATOR, stream_spot(spot.listener, spot.host, claim.owner) not in seats, *claim.turn)


def _shared(
    ordered: Sequence[tuple[StreamClaim, Spot]], routes: Sequence[Route], problems: list[Problem]
) -> dict[Place, list[tuple[StreamClaim, Spot]]]:
    """Who is served at each place, in turn: the oldest says how, and who says otherwise is left out."""
    http = _http_places(routes)
    found: defaultdict[Place, list[tuple[StreamClaim, Spot]]] = defaultdict(list)
    for claim, spot in ordered:
        at = (spot.listener, spot.host)
        wrong = _clash(claim, spot, found[at][0]) if found[at] else ""
        if at in http:
            wrong = f"an HTTP route has {spot.host} on {spot.listener} too, and counts: its guards must not be avoided"
        if wrong:
            origin = claim.route.origin("host" if spot.host else "listeners")
            problems.append(Problem(severity="error", origin=origin, message=wrong))
        else:
            found[at].append((claim, spot))
    return found


def _http_places(routes: Iterable[Route]) -> frozenset[Place]:
    """The listeners and hosts of HTTP routes, as far as TLS clients can ask for them by name."""
    return frozenset(
        (listener, name)
        for route in routes
        for host in route.match.hosts
        for name in host.names
        for listener in route.listeners
    )


def _clash(claim: StreamClaim, spot: Spot, first: tuple[StreamClaim, Spot]) -> str:
    """Why a claim cannot be served beside the one that came first at its place; empty when it can."""
    other, its = first
    if other.owner != claim.owner and spot.host not in claim.shared:
        return (
            f"owner {claim.owner}: {spot.what} is a route of owner {other.owner}, declared by {_declared(other)}; this "
            f"claim is refused, and {claim.who} receives no connection for it ({decided_by(other, claim)}; use other "
            f"hosts or another listener, or the setting shared_hosts)"
        )
    if spot.host is None and other.route.name != claim.route.name:
        key = f"fairway.{other.route.transport}.{other.route.name}"
        why = decided_by(other, claim)
        return f"{spot.listener} is all taken by {key} of {other.who}; name hosts, or another listener ({why})"
    why = decided_by(other, claim)
    if spot.tls != its.tls:
        return f"{_declared(other)} has {spot.what} with tls {its.tls}, and here it is {spot.tls} ({why})"
    if spot.certificate != its.certificate:
        return f"{_declared(other)} has {spot.what} with the certificate {its.certificate} ({why})"
    return ""


def _declared(claim: StreamClaim) -> str:
    return named(claim, "host" if getattr(claim.route.options, "host", ()) else "listeners")


def _groups(shared: dict[Place, list[tuple[StreamClaim, Spot]]]) -> list[_Group]:
    """Places of the same claims, put together: first hosts of one listener, then listeners of the same hosts."""
    equal: dict[tuple[object, ...], tuple[tuple[StreamClaim, ...], Spot]] = {}
    hosts: defaultdict[tuple[tuple[object, ...], str], list[Host]] = defaultdict(list)
    for (listener, host), found in shared.items():
        if found:
            spot = found[0][1]
            who: tuple[object, ...] = (*(id(claim) for claim, _ in found), spot.tls, spot.certificate, host is None)
            equal[who] = (tuple(claim for claim, _ in found), spot)
            hosts[who, listener] += [host] if host is not None else []
    listeners: defaultdict[tuple[tuple[object, ...], tuple[Host, ...]], list[str]] = defaultdict(list)
    for (who, listener), names in hosts.items():
        listeners[who, tuple(sorted(names))].append(listener)
    return [
        _Group(
            claims=equal[who][0],
            listeners=tuple(sorted(on)),
            hosts=names,
            tls=equal[who][1].tls,
            certificate=equal[who][1].certificate,
        )
        for (who, names), on in listeners.items()
    ]


def _assembled(group: _Group, problems: list[Problem]) -> tuple[StreamRoute, Upstream]:
    """The route of a group and its upstream, as the oldest says that is there and not withheld."""
    willing = [claim for claim in group.claims if not claim.route.withheld]
    heard = [claim for claim in willing if claim.is_present] or willing
    absent = [claim for claim in willing if claim not in heard]
    oldest = (heard or group.claims)[0]
    policies = agreed_policies(heard, problems, absent)
    name = pool_name(group.claims, oldest, problems)
    shown = f"{group.protocol} {name}"
    upstream = Upstream(
        id=identifier(group.protocol, "upstream", oldest.pool, name, shown=shown) if name else group.id,
        protocol=group.protocol,
        balance=Balance(agreed(heard, "balance", problems, oldest).kind),
        resolve=wished(heard, problems),
        servers=pool(server for claim in heard for server in claim.servers),
        policies=tuple(policy for policy in policies if policy.place == "upstream"),
        origins=tuple(claim.route.origin("host") for claim in group.claims),
        said=declared_by(group.claims, [*heard, *absent], policies),
    )
    route = StreamRoute(
        id=group.id,
        protocol=group.protocol,
        listeners=group.listeners,
        hosts=group.hosts,
        tls=group.tls,
        certificate=group.certificate,
        upstream=upstream.id,
        policies=tuple(policy for policy in policies if policy.place == "route"),
        withheld="" if heard else oldest.route.withheld,
        owner=oldest.owner,
        origins=upstream.origins,
        said=upstream.said,
    )
    return route, upstream
