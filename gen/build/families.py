"""Families: claims that share a spot, a host with a path and conditions, directly or through others.

Claims in, families out, and what comes of each: its routes, upstreams and problems depend on nobody else, so an update
computes them for the changed families alone. What families share (an upstream's name, a host's certificate) is joined
by `joined` and `bound`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import inf
from operator import attrgetter, itemgetter

from gen.build.certificates import Place, Tls, fits, place
from gen.build.claims import Claim
from gen.build.merge import assemble, groups, pool
from gen.errors import Origin, Problem
from gen.memo import Memo
from gen.model import Binding, Route, Upstream
from gen.values import Host

Turn = tuple[bool, float, str, str]
LAST: Turn = (True, inf, "", "")
"""The turn of those who have no say."""
Spots = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A claim wants a host to show a certificate. `fits`: it is valid and covers the host."""

    turn: Turn
    host: Host
    certificate: str
    origin: Origin
    owner: str = ""
    fits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of a family. `turns`: of each upstream, when its oldest claim speaks; `challenges`: the routes of
    challenge paths that stay open beside a redirect."""

    routes: tuple[Route, ...]
    challenges: tuple[Route, ...]
    upstreams: tuple[Upstream, ...]
    turns: tuple[Turn, ...]
    shown: tuple[Shown, ...]
    problems: tuple[Problem, ...]


def merge_all(claims: tuple[Claim, ...], tls: Tls, memo: Memo) -> tuple[Merged, ...]:
    """All families of a world."""
    alone, shared = memo("families", families, tuple(map(_SPOTS, claims)))
    found = tuple(map(claims.__getitem__, alone)) if shared else claims
    several = tuple(tuple(map(claims.__getitem__, positions)) for positions in shared)
    return (
        *memo.each("alone", merged_alone, found, key=_NAME, shared=(tls,)),
        *memo.each("family", merged, several, key=lambda family: family[0].name, shared=(tls,)),
    )


_SPOTS, _NAME, _ID = attrgetter("spots"), attrgetter("name"), attrgetter("id")


def families(spots: Sequence[Spots]) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """The positions of those who share with nobody, and of those who share, family by family."""
    by_spot: defaultdict[str, list[int]] = defaultdict(list)
    for position, own in enumerate(spots):
        for spot in own:
            by_spot[spot].append(position)
    elder: dict[int, int] = {}
    for sharers in by_spot.values():
        for one in sharers[1:]:
            first, second = sorted((_eldest(elder, sharers[0]), _eldest(elder, one)))
            elder[second] = elder[first] = first
    found: defaultdict[int, list[int]] = defaultdict(list)
    for one in sorted(elder):
        found[_eldest(elder, one)].append(one)
    alone = tuple(position for position in range(len(spots)) if position not in elder)
    return alone, tuple(map(tuple, found.values()))


def _eldest(elder: dict[int, int], one: int) -> int:
    while elder.get(one, one) != one:
        elder[one] = elder[elder[one]]
        one = elder[one]
    return one


def merged_alone(claim: Claim, tls: Tls) -> Merged:
    """A family of one."""
    return merged((claim,), tls)


def merged(family: Sequence[Claim], tls: Tls) -> Merged:
    """The routes and upstreams of a family."""
    problems: list[Problem] = []
    placed: list[tuple[Claim, Host | None, Place]] = []
    disabled: dict[tuple[str, str], Claim] = {}
    for claim in sorted(family, key=lambda claim: claim.turn):
        for host in claim.hosts or (None,):
            where, trouble = place(claim, host, tls)
            problems.extend(problem for problem in trouble if problem not in problems)
            placed.append((_as_placed(claim, where, disabled), host, where))
    found = groups(placed, tls)
    assembled = [assemble(group) for group in found]
    return Merged(
        routes=tuple(own[0] for own, _, _ in assembled),
        challenges=tuple(chain.from_iterable(own[1:] for own, _, _ in assembled)),
        upstreams=tuple(upstream for _, upstream, _ in assembled),
        turns=tuple(group.claims[0].turn for group in found),
        shown=tuple(
            Shown(
                turn=claim.turn,
                host=host,
                certificate=where.certificate,
                origin=claim.route.origin("certificate"),
                owner=claim.owner,
                fits=fits(where.certificate, host, tls),
            )
            for claim, host, where in placed
            if where.certificate and host is not None
        ),
        problems=(*problems, *chain.from_iterable(trouble for _, _, trouble in assembled)),
    )


def _as_placed(claim: Claim, where: Place, disabled: dict[tuple[str, str], Claim]) -> Claim:
    """The claim, withheld where its place disables it: one object for all hosts with the same reason."""
    if not where.disabled or claim.route.withheld:
        return claim
    withheld = replace(claim, route=replace(claim.route, withheld=where.disabled))
    return disabled.setdefault((claim.name, where.disabled), withheld)


def bound(shown: Iterable[Shown]) -> tuple[tuple[Binding, ...], tuple[Problem, ...]]:
    """The certificate of each host, by host: the oldest claim's; at a host of several owners, of those that fit as long
    as one does. Each claim that wants another one is a problem."""
    chosen: dict[Host, str] = {}
    owners: dict[Host, set[str]] = {}
    problems: list[Problem] = []
    every = tuple(shown)
    for one in every:
        owners.setdefault(one.host, set()).add(one.owner)
    for one in sorted(every, key=lambda one: (len(owners[one.host]) > 1 and not one.fits, one.turn)):
        if chosen.setdefault(one.host, one.certificate) != one.certificate:
            who = one.turn[2]
            message = f"{who} wants the certificate {one.certificate!r} for {one.host}, which has another already"
            problems.append(Problem(severity="warning", origin=one.origin, message=message))
    bindings = sorted((Binding(host=host, certificate=name) for host, name in chosen.items()), key=lambda b: b.host)
    return tuple(bindings), tuple(problems)


def joined(
    found: tuple[Upstream, ...], turns: Iterable[Turn], memo: Memo
) -> tuple[tuple[Upstream, ...], tuple[Problem, ...]]:
    """Upstreams by id; those that share a name pool their servers, and speak as the first in its turn says."""
    if len(set(map(_ID, found))) == len(found):
        return memo.ordered("upstreams", found, key=_ID), ()
    by_id: defaultdict[str, list[tuple[Turn, Upstream]]] = defaultdict(list)
    for turn, upstream in zip(turns, found, strict=True):
        by_id[upstream.id].append((turn, upstream))
    sharing = (tuple(map(itemgetter(1), sorted(sharers, key=itemgetter(0)))) for sharers in by_id.values())
    pools = memo.each("pools", _pooled, sharing, key=lambda sharers: sharers[0].id)
    upstreams = memo.ordered("upstreams", map(itemgetter(0), pools), key=_ID)
    return upstreams, tuple(chain.from_iterable(map(itemgetter(1), pools)))


def _pooled(sharers: Sequence[Upstream]) -> tuple[Upstream, tuple[Problem, ...]]:
    """One upstream of all servers, which speaks as the first says. The others are told. A guard that only another has
    holds for all: nobody gives up a protection for somebody else."""
    known = sharers[0]
    problems: list[Problem] = []
    for upstream in sharers[1:]:
        for name in ("protocol", "balance", "resolve", "root", "policies"):
            said = (getattr(known, name), getattr(upstream, name))
            if said[0] != said[1] and "auto" not in said:
                message = f"routes share the upstream {known.id} and disagree on {name}"
                hint = f"{dict(known.said).get(name, known.origins[0]).workload} wins"
                origin = dict(upstream.said).get(name, upstream.origins[0])
                problems.append(Problem(severity="warning", origin=origin, message=message, hint=hint))
        has = {policy.name for policy in known.policies}
        more = tuple(policy for policy in upstream.policies if policy.guards and policy.name not in has)
        origins = tuple(dict.fromkeys((*known.origins, *upstream.origins)))
        servers = pool((*known.servers, *upstream.servers))
        resolve = upstream.resolve if known.resolve == "auto" else known.resolve
        theirs = {one.name: dict(upstream.said).get(one.name, upstream.origins[0]) for one in more}
        origin_of = tuple(sorted({**theirs, **dict(known.said)}.items(), key=itemgetter(0)))
        policies = (*known.policies, *more)
        known = replace(known, servers=servers, policies=policies, origins=origins, said=origin_of, resolve=resolve)
    return known, tuple(problems)
