"""Spread: an owner's claims → those that would make the configuration grow faster than the number of its routes.

Proxies look up the host and then the path, so what concerns many of them is written at each: a route without a host at
every host of its owner, a wildcard at every host below, a regex path at every path, a conditional route at every path
below its own. An owner may have so many of these repetitions, and some more for each route; the latest claims above
that are refused. What owners repeat of each other at a host is an expense of those that came to the host later. So the
size of the configuration is linear in the number of routes, whatever owners write.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gen.build.claims import Claim
from gen.build.contest import Refusals
from gen.errors import Problem
from gen.precedence import OPERATOR, names_of
from gen.values import Host, Path

FREE: Final = 1000
"""Repetitions that each owner may have."""
PER_ROUTE: Final = 4
"""Repetitions more for each of its routes at one of its hosts."""


def suspects(owners: Sequence[str], breadths: Sequence[str], spots: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The owners that may have too many repetitions, by an upper bound, and those with whom these share hosts."""
    rules: Counter[str] = Counter()
    wide: Counter[str] = Counter()
    repeated: Counter[str] = Counter()
    for owner, breadth, own in zip(owners, breadths, spots, strict=True):
        rules[owner] += len(own)
        if breadth:
            wide[owner] += len(own) * ("w" in breadth)
            repeated[owner] += len(own) * ("r" in breadth)
    found = {one for one in wide if _bound(rules[one], wide[one], repeated[one]) > _limit(rules[one])}
    if repeated:
        found.update(*_meeting(owners, spots, (rules, wide, repeated)))
    return tuple(sorted(found))


def _bound(rules: int, wide: int, repeated: int) -> int:
    return (rules + rules * wide) * (1 + repeated) - rules


def _limit(rules: int) -> int:
    return FREE + PER_ROUTE * rules


def _meeting(
    owners: Sequence[str],
    spots: Sequence[tuple[str, ...]],
    counts: tuple[Counter[str], Counter[str], Counter[str]],
) -> Iterator[Counter[str]]:
    """The owners of each host at which what one of them repeats may be too much for another one. `counts`: each owner's
    rules, those that are wide, and those that are repeated."""
    rules, wide, repeated = counts
    at: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for owner, own in zip(owners, spots, strict=True):
        for spot in own:
            at[spot.partition("\0")[0]][owner] += 1
    several = [theirs for theirs in at.values() if len(theirs) > 1 and any(map(repeated.__getitem__, theirs))]
    bounds: Counter[str] = Counter()
    for theirs in several:
        most = sum(count + wide[one] for one, count in theirs.items()) * sum(map(repeated.__getitem__, theirs))
        bounds.update(dict.fromkeys(theirs, most))
    for theirs in several:
        if any(bounds[one] + _bound(rules[one], wide[one], repeated[one]) > _limit(rules[one]) for one in theirs):
            yield theirs


def excess(claims: Sequence[Claim]) -> Refusals:
    """The refusals among the claims of suspected owners."""
    limits: Counter[str] = Counter()
    for claim in claims:
        limits[claim.owner] += len(claim.spots)
    tally, hosts = _Tally(claims), _Hosts(claims)
    ordered = sorted(claims, key=lambda one: (hosts.has_guest(one), *one.turn, one.name))
    refused = [claim for claim in ordered if not tally.take(claim, _limit(limits[claim.owner]))]
    return Refusals(
        hosts=tuple((claim.name, claim.hosts or (None,)) for claim in refused), problems=tuple(map(_problem, refused))
    )


class _Hosts:
    """Which owner was first at each host. What owners repeat of each other there is an expense of the later ones."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._first: dict[Host | None, str] = {}
        self._own: defaultdict[str, set[Host | None]] = defaultdict(set)
        for claim in sorted(claims, key=lambda one: (one.owner != OPERATOR, *one.turn, one.name)):
            for host in claim.hosts or (None,):
                self._first.setdefault(host, claim.owner)
                self._own[claim.owner].add(host)

    def has_guest(self, claim: Claim) -> bool:
        """Whether a claim concerns a host at which another owner was first."""
        hosts = self._own[claim.owner] if "w" in claim.breadth else claim.hosts
        return any(self._first[host] != claim.owner for host in hosts)


def _problem(claim: Claim) -> Problem:
    message = (
        f"the routes of owner {claim.owner} that concern many hosts or paths would be written too often; this one of "
        f"{claim.who} is refused"
    )
    hint = "write the hosts and paths that it is for, or use fewer wildcards, regexes and routes without a host"
    return Problem(severity="error", origin=claim.route.origin("host"), message=message, hint=hint)


class _Tally:
    """The repetitions of each owner's claims, as they are accepted one after another. A site is a host that is looked
    up; `wide`: an owner's claims below a domain, or everywhere (the empty one), written at all of its sites there."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.repetitions: Counter[str] = Counter()
        self.sites: defaultdict[Host | None, _Paths] = defaultdict(_Paths)
        self.owners: defaultdict[Host | None, set[str]] = defaultdict(set)
        self.below: defaultdict[tuple[str, str], list[Host]] = defaultdict(list)
        self.wide: defaultdict[tuple[str, str, bool], _Paths] = defaultdict(_Paths)
        self.full = {
            (claim.owner, site)
            for claim in claims
            if _takes_all(claim) and claim.route.options.priority >= 0
            for site in _sites(claim)
        }

    def take(self, claim: Claim, most: int) -> bool:
        """Whether a claim is accepted; its repetitions are part of the sum then."""
        total, own = self.repetitions[claim.owner], 0
        for cost in self._costs(claim):
            own += cost
            if own and total + own > most:
                return False
        self.repetitions[claim.owner] += own
        for site in _sites(claim):
            self._add(claim, site)
        return True

    def _costs(self, claim: Claim) -> Iterator[int]:
        """How often a claim is written beyond once for each of its hosts, and what it repeats of others."""
        for site in _sites(claim):
            yield self._met(claim, site)
            if claim.owner not in self.owners[site]:
                yield from (wide.crossed(self.sites[site]) for wide in self._around(claim.owner, site))
            if site is None or site.kind != "exact":
                full = () if _is_first(claim) else self.full
                own = self.below[claim.owner, _domain(site)]
                yield from (1 + self._met(claim, name) for name in own if (claim.owner, name) not in full)

    def _met(self, claim: Claim, site: Host | None) -> int:
        """What a claim repeats of others at a site, or is repeated by."""
        around = (wide.cost(claim) for owner in self.owners[site] for wide in self._around(owner, site))
        return self.sites[site].cost(claim) + sum(around)

    def _around(self, owner: str, site: Host | None) -> Iterator[_Paths]:
        """The claims of an owner that are written at a site too: those of priority alone, where one takes all there."""
        kinds = (True,) if (owner, site) in self.full else (True, False)
        keys = ((owner, name, kind) for name in (_domains(site) if site is not None else ()) for kind in kinds)
        return (self.wide[key] for key in keys if key in self.wide)

    def _add(self, claim: Claim, site: Host | None) -> None:
        if claim.owner not in self.owners[site]:
            self.owners[site].add(claim.owner)
            if site is not None:
                for domain in _domains(site):
                    self.below[claim.owner, domain].append(site)
        self.sites[site].add(claim)
        if site is None or site.kind != "exact":
            self.wide[claim.owner, _domain(site), _is_first(claim)].add(claim)


class _Paths:
    """The claims at one host, by path."""

    def __init__(self) -> None:
        self.count = 0
        self.paths: set[Path] = set()
        self.regexes = 0
        self.conditional: Counter[str] = Counter()
        self.deeper: Counter[str] = Counter()

    def cost(self, claim: Claim) -> int:
        """What a further claim repeats, or is repeated by."""
        path = claim.match.path
        if path.regex is not None:
            return len(self.paths)
        is_new = path not in self.paths
        own = self.deeper[path.text] if claim.match.is_conditional else 0
        return own + is_new * (self.regexes + sum(self.conditional[outer] for outer in _outer(path.text)))

    def crossed(self, other: _Paths) -> int:
        """How often these claims are written at another site, at most."""
        repeated, its = self.regexes + self.conditional.total(), other.regexes + other.conditional.total()
        return self.count + repeated * len(other.paths) + its * len(self.paths)

    def add(self, claim: Claim) -> None:
        """Add a claim."""
        path = claim.match.path
        self.count += 1
        if path.regex is not None:
            self.regexes += 1
            return
        if path not in self.paths:
            self.paths.add(path)
            self.deeper.update(_outer(path.text))
        self.conditional[path.text] += claim.match.is_conditional


def _takes_all(claim: Claim) -> bool:
    return claim.match.path == Path("prefix", "") and not claim.match.is_conditional


def _is_first(claim: Claim) -> bool:
    """Whether a claim comes before those that are for a host alone."""
    return claim.route.options.priority > 0


def _sites(claim: Claim) -> tuple[Host | None, ...]:
    return tuple(name for host in claim.hosts for name in names_of(host)) or (None,)


def _domain(host: Host | None) -> str:
    """The domain below which a pattern concerns names; empty for all of them."""
    return "" if host is None or host.kind == "regex" else host.text


def _domains(site: Host) -> Iterator[str]:
    """The domains that a site lies below, and the empty one for everything."""
    labels = site.text.split(".") if site.kind != "regex" else ()
    yield from (".".join(labels[start:]) for start in range(1, len(labels)))
    yield ""


def _outer(path: str) -> Iterator[str]:
    """The prefixes around a path, without itself."""
    at = len(path)
    while at > 0:
        at = path.rfind("/", 0, at)
        yield path[: max(at, 0)]
