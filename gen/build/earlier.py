"""Earlier: what a daemon remembers of routes → claims and connections that keep their place after a recreate.

A recreated workload is younger than its rivals. Its routes began when they were first there: so equally specific rules
and regex hosts keep their order between owners, and TCP routes keep the names that they have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from gen.build.certificates import Tls
from gen.build.claims import Claim, StreamClaim, spots_of
from gen.build.contest import Refusals
from gen.build.decided import decided_by, named
from gen.build.ports import spots
from gen.errors import Problem
from gen.precedence import OPERATOR
from gen.values import Host

Place = tuple[str, Host]
"""A listener, and a name of TLS clients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Of the routes that there are: when those began whose age decides, by their spots, and the TCP and UDP routes'
    places with their owners."""

    since: Mapping[str, float] = field(default_factory=dict)
    streams: frozenset[str] = frozenset()


def stream_spot(listener: str, host: Host | None, owner: str) -> str:
    """A text that is equal where listener, host and owner are."""
    return f"{listener}\0{host or ''}\0{owner}"


def with_since(claims: tuple[Claim, ...], earlier: Earlier) -> tuple[Claim, ...]:
    """The claims, each with the moment at which its route began where that is before its own workload's."""
    known = earlier.since
    if not known:
        return claims
    return tuple(
        replace(claim, since=began)
        if claim.breadth and (began := min(known.get(s, claim.age[0]) for s in claim.spots)) < claim.age[0]
        else claim
        for claim in claims
    )


def passed_by(
    claims: Iterable[Claim], streams: Iterable[StreamClaim], tls: Tls, known: tuple[Earlier, Callable[[], Set[str]]]
) -> Refusals:
    """The refusals of HTTP claims at names that an earlier TCP route of another owner takes on a listener of theirs."""
    taken: defaultdict[Place, list[StreamClaim]] = defaultdict(list)
    for stream in streams:
        for spot in spots(stream, tls, []):
            if spot.host is not None:
                taken[spot.listener, Host(spot.host.kind, spot.host.text)].append(stream)
    domains = {host.text for _, host in taken}
    refused: defaultdict[str, list[Host | None]] = defaultdict(list)
    problems: list[Problem] = []
    for claim in claims if taken else ():
        for host in claim.hosts:
            if host.text in domains and (first := _first(claim, host, taken, known)) is not None:
                refused[claim.name].append(host)
                problems.append(_passed(claim, first, host))
    return Refusals(hosts=tuple((name, tuple(hosts)) for name, hosts in refused.items()), problems=tuple(problems))


def _first(
    claim: Claim, host: Host, taken: Mapping[Place, list[StreamClaim]], known: tuple[Earlier, Callable[[], Set[str]]]
) -> StreamClaim | None:
    """The TCP claim of another owner that comes before an HTTP claim at one of its hosts."""
    if host in claim.shared or claim.owner == OPERATOR:
        return None
    earlier, seats = known
    for place in ((listener, name) for listener in claim.listeners for name in host.names):
        for stream in taken.get(place, ()):
            if stream.owner == claim.owner:
                continue
            if stream.owner == OPERATOR or stream_spot(*place, stream.owner) in earlier.streams:
                return stream
            spot = spots_of((host,), claim.match, claim.owner)[0]
            if stream.turn[:3] < claim.turn[:3] and spot not in seats():
                return stream
    return None


def _passed(claim: Claim, stream: StreamClaim, host: Host) -> Problem:
    message = (
        f"owner {claim.owner}: {host} is the name of a TCP route of owner {stream.owner}, declared by "
        f"{named(stream, 'host')}; this claim is refused, and {claim.who} receives no request for it"
    )
    hint = f"{decided_by(stream, claim)}; use another host, or other listeners"
    return Problem(severity="error", origin=claim.route.origin("host"), message=message, hint=hint)
