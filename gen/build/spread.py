"""Spread: an owner's claims → those that would make the configuration grow faster than the number of its routes.

Proxies look up the host and then the path, so what concerns many of them is written at each: a route without a host at
every host of its owner, a wildcard at every host below, a regex path at every path, a conditional route at every path
below its own. An owner may have so many of these repetitions, and some more for each route; the latest claims above
that are refused. So the size of the configuration is linear in the number of routes, whatever one owner writes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gen.build.claims import Claim
from gen.build.contest import Refusals
from gen.errors import Problem
from gen.values import Host, Path

FREE: Final = 1000
"""Repetitions that each owner may have."""
PER_ROUTE: Final = 4
"""Repetitions more for each of its routes at one of its hosts."""


def suspects(owners: Sequence[str], breadths: Sequence[str], spots: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The owners that may have too many repetitions, by an upper bound."""
    rules: Counter[str] = Counter()
    wide: Counter[str] = Counter()
    repeated: Counter[str] = Counter()
    for owner, breadth, own in zip(owners, breadths, spots, strict=True):
        rules[owner] += len(own)
        if breadth:
            wide[owner] += len(own) * ("w" in breadth)
            repeated[owner] += len(own) * ("r" in breadth)
    found = wide.keys() | repeated.keys()
    return tuple(sorted(one for one in found if _bound(rules[one], wide[one], repeated[one]) > _limit(rules[one])))


def _bound(rules: int, wide: int, repeated: int) -> int:
    return (rules + rules * wide) * (1 + repeated) - rules


def _limit(rules: int) -> int:
    return FREE + PER_ROUTE * rules


def excess(claims: Iterable[Claim]) -> Refusals:
    """The refusals among the claims of suspected owners."""
    by_owner: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_owner[claim.owner].append(claim)
    refused: list[Claim] = []
    for those in by_owner.values():
        most, tally = _limit(sum(len(claim.spots) for claim in those)), _Tally(those)
        refused += [claim for claim in sorted(those, key=lambda one: one.turn) if not tally.take(claim, most)]
    return Refusals(
        hosts=tuple((claim.name, claim.hosts or (None,)) for claim in refused), problems=tuple(map(_problem, refused))
    )


def _problem(claim: Claim) -> Problem:
    message = (
        f"the routes of owner {claim.owner} that concern many hosts or paths would be written too often; this one of "
        f"{claim.who} is refused"
    )
    hint = "write the hosts and paths that it is for, or use fewer wildcards, regexes and routes without a host"
    return Problem(severity="error", origin=claim.route.origin("host"), message=message, hint=hint)


class _Tally:
    """The repetitions of one owner's claims, as they are accepted one after another."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.repetitions = 0
        self.sites: defaultdict[str, _Paths] = defaultdict(_Paths)
        self.below: Counter[str] = Counter()
        self.everywhere = _Paths()
        self.full = {
            str(host)
            for claim in claims
            if _takes_all(claim) and claim.route.options.priority >= 0
            for host in claim.hosts
        }

    def take(self, claim: Claim, most: int) -> bool:
        """Whether a claim is accepted; it counts then."""
        own = sum(self._cost(claim, host) for host in claim.hosts or (None,))
        if own and self.repetitions + own > most:
            return False
        self.repetitions += own
        for host in claim.hosts or (None,):
            self._add(claim, host)
        return True

    def _cost(self, claim: Claim, host: Host | None) -> int:
        """How often a claim is written for one of its hosts beyond once, and what it repeats of others."""
        if host is None or host.kind == "regex":
            names = [name for name in self.sites if claim.route.options.priority > 0 or name not in self.full]
            return sum(1 + self.sites[name].cost(claim) for name in names) + self.everywhere.cost(claim)
        site = self.sites.get(str(host))
        fresh = 0 if site is not None or str(host) in self.full else self.everywhere.count
        wider = self.below[host.text] if host.kind != "exact" else 0
        return fresh + wider + (site.cost(claim) if site else 0) + self.everywhere.cost(claim)

    def _add(self, claim: Claim, host: Host | None) -> None:
        if host is None or host.kind == "regex":
            self.everywhere.add(claim)
            if host is not None:
                self.sites[str(host)].add(claim)
            return
        if str(host) not in self.sites:
            self.below.update(_suffixes(host.text))
        self.sites[str(host)].add(claim)


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

    def add(self, claim: Claim) -> None:
        """Count a claim."""
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


def _suffixes(name: str) -> Iterator[str]:
    labels = name.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))


def _outer(path: str) -> Iterator[str]:
    """The prefixes around a path, without itself."""
    at = len(path)
    while at > 0:
        at = path.rfind("/", 0, at)
        yield path[: max(at, 0)]
