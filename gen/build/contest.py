"""Contest: the claims of all owners → those that are refused, each with a problem at its own label.

Owners meet at a host. There the claims speak by seniority: the operator's; then those of the owner that has the route
already, as far as a daemon remembers; then what runs before what does not; then the oldest. A claim is refused where

- an equal route (host, path, conditions, listener) of another owner was accepted before it, or
- it would take requests from a guarded route of another owner that was accepted before it.

A younger guarded route does not evict an older route without a guard: both stay, each answers as it did, and a warning
at the guarded one names the paths that its guard does not cover.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from gen.build.claims import Claim, spots_of
from gen.build.decided import decided_by, named
from gen.build.guarding import Guarded, guard_of, takes
from gen.errors import Problem
from gen.precedence import OPERATOR
from gen.values import Host

Seats = Set[str]
"""The spots, with their owners, of routes that there are already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """The hosts that claims do not get, by the claims' names; None is every host. `problems` say why."""

    hosts: tuple[tuple[str, tuple[Host | None, ...]], ...] = ()
    problems: tuple[Problem, ...] = ()


def contested(spots: Sequence[tuple[str, ...]], owners: Sequence[str]) -> tuple[int, ...]:
    """The positions of claims at hosts that several owners claim."""
    first: dict[str, str] = {}
    several: set[str] = set()
    for own, owner in zip(spots, owners, strict=True):
        for spot in own:
            host = spot.partition("\0")[0]
            if first.setdefault(host, owner) != owner:
                several.add(host)
    if not several:
        return ()
    return tuple(
        position for position, own in enumerate(spots) if any(spot.partition("\0")[0] in several for spot in own)
    )


def settle(claims: Iterable[Claim], seats: frozenset[str]) -> Refusals:
    """The refusals among contested claims. `seats`: their spots that are routes already."""
    by_host: defaultdict[Host | None, list[Claim]] = defaultdict(list)
    for claim in claims:
        for host in claim.hosts or (None,):
            if host not in claim.shared:
                by_host[host].append(claim)
    refused: defaultdict[str, list[Host | None]] = defaultdict(list)
    problems: list[Problem] = []
    for host, those in by_host.items():
        if len({claim.owner for claim in those}) > 1:
            for claim, problem in _at(host, those, seats):
                problems.append(problem)
                if problem.severity == "error":
                    refused[claim.name].append(host)
    return Refusals(hosts=tuple((name, tuple(hosts)) for name, hosts in refused.items()), problems=tuple(problems))


def _at(host: Host | None, claims: Sequence[Claim], seats: Seats) -> Iterable[tuple[Claim, Problem]]:
    """The claims at one host that are refused or warned."""
    accepted: list[Claim] = []
    same: defaultdict[object, list[Claim]] = defaultdict(list)
    guarded = Guarded()

    def seniority(claim: Claim) -> tuple[object, ...]:
        spot = spots_of((host,), claim.match, claim.owner)[0]
        return (claim.owner != OPERATOR, spot not in seats, *claim.turn, claim.name)

    for claim in sorted(claims, key=seniority):
        equal = next((one for one in same[claim.match] if one.owner != claim.owner and _meet(one, claim)), None)
        shadowed = guarded.taken_by(claim) if equal is None and claim.owner != OPERATOR else None
        if equal is not None:
            yield claim, _already(claim, equal, host)
        elif shadowed is not None:
            yield claim, _guarded(claim, shadowed, host)
        else:
            if guard_of(claim):
                guarded.add(claim)
                yield from ((claim, _uncovered(claim, one, host)) for one in accepted if takes(one, claim))
            same[claim.match].append(claim)
            accepted.append(claim)


def _meet(one: Claim, other: Claim) -> bool:
    return not set(one.listeners).isdisjoint(other.listeners)


def _already(claim: Claim, other: Claim, host: Host | None) -> Problem:
    message = (
        f"owner {claim.owner}: {_place(host, claim)} is a route of owner {other.owner}, declared by "
        f"{named(other, 'host')}; this claim is refused, and {claim.who} receives no request for it"
    )
    way = f"use another host, or add {host or '*'} to the setting shared_hosts to form one pool"
    return Problem(
        severity="error",
        origin=claim.route.origin("host"),
        message=message,
        hint=f"{decided_by(other, claim)}; {way}",
    )


def _guarded(claim: Claim, other: Claim, host: Host | None) -> Problem:
    guard = guard_of(other)
    message = (
        f"owner {claim.owner}: {_place(host, claim)} would take requests from {_place(host, other)} of owner "
        f"{other.owner}, which {named(other, guard)} guards with {guard}; this claim is refused"
    )
    hint = f"use another host or a path outside of {other.match.path}, or let owner {other.owner} declare the path"
    return Problem(severity="error", origin=claim.route.origin("path"), message=message, hint=hint)


def _uncovered(claim: Claim, other: Claim, host: Host | None) -> Problem:
    guard = guard_of(claim)
    message = (
        f"{guard} of owner {claim.owner} does not cover {_place(host, other)}: it is a route of owner {other.owner}, "
        f"declared by {named(other, 'path')}"
    )
    hint = f"{decided_by(other, claim)}; the setting claims gives a host to one owner"
    return Problem(severity="warning", origin=claim.route.origin(guard), message=message, hint=hint)


def _place(host: Host | None, claim: Claim) -> str:
    """A host with a path, as messages call it."""
    return f"{host or 'every host'}{'' if host else ' '}{claim.match.path}"


def unheld(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims without the held ones at spots that the same owner claims again."""
    if not any(claim.is_held for claim in claims):
        return claims
    again = {spot for claim in claims if not claim.is_held for spot in claim.spots}
    found: list[Claim] = []
    for claim in claims:
        pairs = zip(claim.spots, claim.hosts or (None,), strict=True)
        kept = tuple(host for spot, host in pairs if not (claim.is_held and spot in again))
        if len(kept) == len(claim.spots):
            found.append(claim)
        elif hosts := tuple(host for host in kept if host is not None):
            found.append(replace(claim, hosts=hosts, spots=spots_of(hosts, claim.match, claim.owner, claim.shared)))
    return tuple(found)


def too_many(owners: Sequence[str], most: int) -> tuple[str, ...]:
    """The owners with more routes than one owner may have."""
    counts: dict[str, int] = {}
    for owner in owners:
        counts[owner] = counts.get(owner, 0) + 1
    return tuple(sorted(owner for owner, count in counts.items() if count > most))


def above(claims: Iterable[Claim], most: int) -> Refusals:
    """The refusals of those routes of each owner that are above the limit, the latest ones."""
    by_owner: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_owner[claim.owner].append(claim)
    rest = [one for those in by_owner.values() for one in sorted(those, key=lambda claim: claim.turn)[most:]]
    problems = [
        Problem(
            severity="error",
            origin=claim.route.origin("host"),
            message=f"owner {claim.owner} has more than {most} routes; this one of {claim.who} is refused",
            hint="use fewer routes, or a larger setting max_routes_per_owner",
        )
        for claim in rest
    ]
    return Refusals(hosts=tuple((one.name, one.hosts or (None,)) for one in rest), problems=tuple(problems))


def accepted(claims: tuple[Claim, ...], *refusals: Refusals) -> tuple[Claim, ...]:
    """The claims without the hosts that they do not get; without hosts left they are none."""
    refused: defaultdict[str, set[Host | None]] = defaultdict(set)
    for one in refusals:
        for name, hosts in one.hosts:
            refused[name].update(hosts)
    if not refused:
        return claims
    found: list[Claim] = []
    for claim in claims:
        gone = refused.get(claim.name)
        if gone is None:
            found.append(claim)
        elif hosts := tuple(host for host in claim.hosts if host not in gone):
            found.append(replace(claim, hosts=hosts, spots=spots_of(hosts, claim.match, claim.owner, claim.shared)))
    return tuple(found)
