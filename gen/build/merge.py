"""Merge: equal claims → one route with one upstream. Where they disagree the oldest wins, and both are told.

Two claims are equal when they say the same host, path and conditions on the same listener: so claims are taken apart
by host, joined, and hosts that came to the same are put together again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gen.build.certificates import Place, Tls
from gen.build.claims import Claim, Voice
from gen.build.names import identifier
from gen.build.provenance import declared_by
from gen.errors import Problem
from gen.model import Match, Policy, Resolve, Route, Server, Upstream
from gen.policies import POLICIES, Redirect
from gen.policies.redirect import Target, https_first, is_to_https
from gen.values import Host, Path

CHALLENGE = "/.well-known/acme-challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Claims that are equal, in their turn, and where they are served. `redirects`: requests over http are led to
    https. `plain`: the listeners without TLS among those of such a group."""

    claims: tuple[Claim, ...]
    match: Match
    listeners: tuple[str, ...]
    redirects: bool
    plain: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        shown = f"{self.match.hosts[0] if self.match.hosts else 'any'}{self.match.path}"
        return identifier(repr(self.match), repr(self.listeners), repr(self.redirects), shown=shown)


def groups(placed: Sequence[tuple[Claim, Host | None, Place]], tls: Tls) -> list[Group]:
    """Claims by host, in their turn → groups of equal ones. A redirect to https concerns the plain listeners; behind
    trusted proxies, whose word of the scheme decides, all of them."""
    plain = frozenset(listener.name for listener in tls.listeners if not listener.tls)
    concerned = frozenset(listener.name for listener in tls.listeners) if tls.settings.trusted_proxies else plain
    redirected: dict[tuple[Host | None, Match], bool] = {}
    for claim, host, where in placed:
        if not claim.route.withheld:
            redirected.setdefault((host, claim.match), where.redirects)
    by_spot: defaultdict[tuple[Host | None, Match, bool, str], list[Claim]] = defaultdict(list)
    for claim, host, where in placed:
        redirects = redirected.get((host, claim.match), False)
        for listener in where.listeners:
            by_spot[host, claim.match, redirects and listener in concerned, listener].append(claim)
    equal: dict[tuple[int, ...], tuple[Claim, ...]] = {}
    listeners: defaultdict[tuple[Host | None, Match, bool, tuple[int, ...]], list[str]] = defaultdict(list)
    for (host, match, redirects, listener), found in by_spot.items():
        who = tuple(map(id, found))
        equal.setdefault(who, tuple(found))
        listeners[host, match, redirects, who].append(listener)
    same: dict[tuple[str, ...], tuple[str, ...]] = {}  # most say the same listeners, and share them
    hosts: defaultdict[tuple[Match, bool, tuple[int, ...], tuple[str, ...]], list[Host | None]] = defaultdict(list)
    for (host, match, redirects, who), names in listeners.items():
        sorted_names = tuple(sorted(names))
        hosts[match, redirects, who, same.setdefault(sorted_names, sorted_names)].append(host)
    return [
        Group(
            claims=equal[who],
            match=replace(match, hosts=tuple(sorted(host for host in those if host is not None))),
            listeners=names,
            redirects=redirects,
            plain=tuple(name for name in names if name in plain) if redirects else (),
        )
        for (match, redirects, who, names), those in hosts.items()
    ]


def assemble(group: Group) -> tuple[list[Route], Upstream, list[Problem]]:
    """The routes of a group (a second one where the challenge path stays open beside a redirect) and its upstream."""
    willing = [claim for claim in group.claims if not claim.route.withheld]
    heard = [claim for claim in willing if claim.is_present] or willing
    problems: list[Problem] = []
    oldest = (heard or list(group.claims))[0]
    policies = agreed_policies(heard, problems)
    for_upstream = tuple(policy for policy in policies if policy.place == "upstream")
    own, name = group.id, oldest.route.options.upstream
    upstream = Upstream(
        id=identifier("upstream", name, shown=name) if name else own,
        protocol=agreed(heard, "protocol", problems, oldest),
        balance=agreed(heard, "balance", problems, oldest),
        resolve=wished(heard, problems),
        root=oldest.route.options.root if oldest.route.options.protocol == "fastcgi" else "",
        servers=pool(server for claim in heard for server in claim.servers),
        policies=for_upstream,
        origins=tuple(claim.route.origin("host") for claim in group.claims),
        said=declared_by(group.claims, heard, policies),
    )
    route = Route(
        id=own,
        listeners=group.listeners,
        match=group.match,
        upstream=upstream.id,
        priority=agreed(heard, "priority", problems, oldest),
        policies=https_first(policy for policy in policies if policy.place == "route"),
        withheld="" if heard else oldest.route.withheld,
        owner=oldest.owner,
        rank_name=f"{oldest.who}/{oldest.route.name}",
        origins=upstream.origins,
        said=upstream.said,
    )
    agreed(heard, "tls", problems, oldest)
    return _with_redirect(route, group.plain) if group.redirects else [route], upstream, problems


def _with_redirect(route: Route, plain: tuple[str, ...]) -> list[Route]:
    """The route with a redirect to https before its policies and, where that would cover it on `plain` listeners, the
    challenge path of RFC 8555 §8.3, which stays open."""
    others = tuple(policy for policy in route.policies if not is_to_https(policy))
    leading = replace(route, policies=(Redirect(to=Target("https")), *others))
    if route.match.path != Path("prefix", "") or route.withheld or not plain:
        return [leading]
    challenge = replace(
        route,
        id=identifier(route.id, CHALLENGE, shown=f"{route.id}_acme"),
        listeners=plain,
        match=replace(route.match, path=Path("prefix", CHALLENGE)),
        policies=tuple(policy for policy in route.policies if policy.guards),
    )
    return [leading, challenge]


def answering(routes: Sequence[Route]) -> Route | None:
    """The route that answers challenges for every host, where there is one."""
    found = (route for route in routes if not route.match.hosts and str(route.match.path) == CHALLENGE)
    return next(found, None)


def answered_by(challenge: Route, common: Route | None) -> Route:
    """An open challenge path, handed to the workload that answers challenges for every host."""
    return replace(challenge, upstream=common.upstream, policies=common.policies) if common else challenge


def pool(servers: Iterable[Server]) -> tuple[Server, ...]:
    """Servers, each place once, by (id, host, port)."""
    by_place: dict[tuple[str, int], Server] = {}
    for server in sorted(servers, key=lambda server: (server.state != "ready", server.id)):
        by_place.setdefault((server.host, server.port), server)
    return tuple(sorted(by_place.values(), key=lambda server: (server.id, server.host, server.port)))


def agreed_policies(claims: Sequence[Voice], problems: list[Problem]) -> tuple[Policy, ...]:
    """Each policy as the oldest that has it says; who does not mention one does not object."""
    if len(claims) == 1:
        return claims[0].route.policies
    chosen: dict[str, tuple[Policy, Voice]] = {}
    for claim in claims:
        for policy in claim.route.policies:
            known = chosen.setdefault(policy.name, (policy, claim))
            if known[0] != policy:
                problems.append(_disagreement(policy.name, known[1], claim))
    return tuple(chosen[kind.name][0] for kind in POLICIES if kind.name in chosen)


def agreed(claims: Sequence[Voice], name: str, problems: list[Problem], oldest: Voice) -> Any:
    """An option on which all have to agree, as the oldest says."""
    value = getattr(oldest.route.options, name)
    for claim in claims:
        if getattr(claim.route.options, name) != value:
            problems.append(_disagreement(name, oldest, claim, shown=lambda c: str(getattr(c.route.options, name))))
    return value


def wished(claims: Sequence[Voice], problems: list[Problem]) -> Resolve:
    """How servers are to be found, as the oldest that says it wants; who says nothing does not object."""
    wishing = [claim for claim in claims if claim.route.options.resolve != "auto"]
    found: Resolve = agreed(wishing, "resolve", problems, wishing[0]) if wishing else "auto"
    return found


def _disagreement(name: str, winner: Voice, loser: Voice, *, shown: Callable[[Voice], str] | None = None) -> Problem:
    values = f": {shown(winner)} there, {shown(loser)} here" if shown else ""
    return Problem(
        severity="warning",
        origin=loser.route.origin(name),
        message=f"{loser.who} and {winner.who} share a route and disagree on {name}{values}",
        hint=f"{winner.who} is older and wins",
    )
