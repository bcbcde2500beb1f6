"""Contest: the claims of all owners → those that are refused, each with a problem at its own label.

Owners meet at a host. There the claims speak by seniority: the operator's; then those of the owner that has the route
already, as far as a daemon remembers; then what runs before what does not; then the oldest. A claim is refused where

- an equal route (host, path, conditions, listener) of another owner was accepted before it, or
- it would take requests from a guarded route of another owner that was accepted before it, or
- it has the path of another owner's route that was accepted before it, under conditions: those make no other path, or
- it answers ACME challenges, which belong to the owners whose routes answer that path already, else to the first owner.

A younger guarded route does not evict an older route without a guard: both stay, each answers as it did, and a warning
at the guarded one names the paths that its guard does not cover.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from operator import attrgetter

from gen.build.claims import Claim, spots_of
from gen.build.decided import decided_by, named
from gen.build.guarding import CHALLENGES, Guarded, guard_of, is_around, is_challenge, takes
from gen.errors import Problem
from gen.model import Match
from gen.precedence import OPERATOR, names_of
from gen.values import Host, Path

Seats = Set[str]
"""The spots, with their owners, of routes that there are already."""

_IS_HELD = attrgetter("is_held")


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
            domain = _domain(spot)
            if first.setdefault(domain, owner) != owner:
                several.add(domain)
    if not several:
        return ()
    return tuple(position for position, own in enumerate(spots) if any(_domain(spot) in several for spot in own))


def _domain(spot: str) -> str:
    """What `x`, `*.x` and `.x` have in common: `.x` is both others."""
    return spot.partition("\0")[0].removeprefix("*").removeprefix(".")


def settle(claims: Iterable[Claim], seats: frozenset[str]) -> Refusals:
    """The refusals among contested claims. `seats`: their spots that are routes already."""
    by_domain: defaultdict[str, list[tuple[Claim, Host | None]]] = defaultdict(list)
    for claim in claims:
        for host in claim.hosts or (None,):
            if host not in claim.shared:
                by_domain[_domain(str(host or ""))].append((claim, host))
    refused: defaultdict[str, list[Host | None]] = defaultdict(list)
    problems: list[Problem] = []
    for those in by_domain.values():
        if len({claim.owner for claim, _ in those}) > 1:
            for claim, host, problem in _Meeting().settled(those, seats):
                problems.append(problem)
                if problem.severity == "error":
                    refused[claim.name].append(host)
    return Refusals(hosts=tuple((name, tuple(hosts)) for name, hosts in refused.items()), problems=tuple(problems))


class _Meeting:
    """The claims of several owners at a domain, as they are accepted one after another, by the names that they are for:
    a host `.x` is for those of `x` and of `*.x`, and has all of them or none."""

    def __init__(self) -> None:
        self.accepted: defaultdict[Host | None, list[Claim]] = defaultdict(list)
        self.same: defaultdict[tuple[Host | None, Match], list[Claim]] = defaultdict(list)
        self.by_path: defaultdict[tuple[Host | None, Path], list[Claim]] = defaultdict(list)
        self.guarded: defaultdict[Host | None, Guarded] = defaultdict(Guarded)
        self.uncovered: defaultdict[Host | None, list[tuple[Claim, Claim]]] = defaultdict(list)

    def settled(
        self, claims: Iterable[tuple[Claim, Host | None]], seats: Seats
    ) -> Iterator[tuple[Claim, Host | None, Problem]]:
        """The claims with the hosts at which they are refused or warned."""

        def seniority(pair: tuple[Claim, Host | None]) -> tuple[object, ...]:
            claim, host = pair
            spot = spots_of((host,), claim.match, claim.owner)[0]
            return (claim.owner != OPERATOR, spot not in seats, *claim.turn, claim.name, str(host or ""))

        for claim, host in sorted(claims, key=seniority):
            names = names_of(host) or (None,)
            if (wrong := self._wrong(claim, host, names)) is not None:
                yield claim, host, wrong
                continue
            if guard_of(claim):
                others = dict.fromkeys(one for name in names for one in self.accepted[name] if takes(one, claim))
                yield from ((claim, host, _uncovered(claim, one, host)) for one in others)
            for name in names:
                self._accept(claim, name)

    def _wrong(self, claim: Claim, host: Host | None, names: Iterable[Host | None]) -> Problem | None:
        """Why a claim is refused at a host, as it would be at one of its names."""
        for name in names:
            equal = next((one for one in self.same[name, claim.match] if _clash(one, claim)), None)
            if equal is not None:
                return _already(claim, equal, host)
            if claim.owner != OPERATOR and (guarded := self._guarded(claim, name)) is not None:
                return _guarded(claim, guarded, name)
            if claim.owner != OPERATOR and (answering := self._answering(claim, name)) is not None:
                return _narrower(claim, answering, name)
        return None

    def _guarded(self, claim: Claim, name: Host | None) -> Claim | None:
        """The guarded claim of another owner from which a claim takes requests: by itself, or around an older
        conditional one of its owner that does, as the rules of an owner come together at a place."""
        lifted = (
            guarded
            for older, guarded in self.uncovered[name]
            if older.owner == claim.owner and older.match.is_conditional and is_around(claim, older)
        )
        return self.guarded[name].taken_by(claim) or next(lifted, None)

    def _answering(self, claim: Claim, name: Host | None) -> Claim | None:
        """The claim of another owner that answers at just this path already, or at the path of ACME challenges."""
        here = [one for one in self.by_path[name, claim.match.path] if _clash(one, claim)]
        if here and claim.match.is_conditional:
            return next((one for one in here if one.match.weight <= claim.match.weight), None)
        if claim.match.path.kind == "regex" or not is_challenge(claim.match.path):
            return None
        covering = [one for outer in CHALLENGES for one in self.by_path[name, outer] if _meet(one, claim)]
        others = covering or self.accepted[name][:1]
        return None if any(one.owner == claim.owner for one in others) else next(iter(others), None)

    def _accept(self, claim: Claim, name: Host | None) -> None:
        self.accepted[name].append(claim)
        self.same[name, claim.match].append(claim)
        self.by_path[name, claim.match.path].append(claim)
        if guard_of(claim):
            self.uncovered[name] += [(one, claim) for one in self.accepted[name] if takes(one, claim)]
            self.guarded[name].add(claim)


def _clash(one: Claim, other: Claim) -> bool:
    return one.owner != other.owner and _meet(one, other)


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


def _narrower(claim: Claim, other: Claim, host: Host | None) -> Problem:
    message = (
        f"owner {claim.owner}: {_place(host, claim)} would take requests from {_place(host, other)} of owner "
        f"{other.owner}, declared by {named(other, 'host')}: conditions do not make it another route, and challenges "
        f"of ACME are its own; this claim is refused"
    )
    way = f"use another host or path, or add {host or '*'} to the setting shared_hosts"
    return Problem(
        severity="error",
        origin=claim.route.origin("path"),
        message=message,
        hint=f"{decided_by(other, claim)}; {way}",
    )


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
    """The claims without the held ones at spots that the same owner claims again: all of them where a workload of that
    name has the route again; else those without a guard, as the others of the pool go on without the gone one's."""
    if not any(map(_IS_HELD, claims)):
        return claims
    again = {(spot, claim.who) for claim in claims if not claim.is_held for spot in claim.spots}
    anew = {spot for spot, _ in again}
    found: list[Claim] = []
    for claim in claims:
        pairs = zip(claim.spots, claim.hosts or (None,), strict=True)
        over = {spot for spot in claim.spots if claim.is_held and spot in anew}
        if guard_of(claim):
            over = {spot for spot in over if (spot, claim.who) in again}
        kept = tuple(host for spot, host in pairs if spot not in over)
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
