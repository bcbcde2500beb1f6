"""Merge: equal claims of one owner → one route with one upstream. Where they disagree, see `agreement`.

Two claims are equal when they say the same host, path and conditions on the same listener: so claims are taken apart
by host, joined, and hosts that came to the same are put together again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gen.build.agreement import agreed, agreed_policies, agreed_tls, wished
from gen.build.certificates import Place, Tls
from gen.build.claims import Claim, StreamClaim
from gen.build.decided import named
from gen.build.names import identifier
from gen.build.provenance import declared_by
from gen.errors import Problem
from gen.model import Match, Policy, Route, Server, Upstream
from gen.policies import Redirect
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
    def shown(self) -> str:
        """What people recognise it by."""
        return f"{self.match.hosts[0] if self.match.hosts else 'any'}{self.match.path}"

    @property
    def id(self) -> str:
        return identifier(repr(self.match), repr(self.listeners), repr(self.redirects), shown=self.shown)


def groups(placed: Sequence[tuple[Claim, Host | None, Place]], tls: Tls) -> list[Group]:
    """Claims by host, in their turn → groups of equal ones. A redirect to https concerns the plain listeners; behind
    trusted proxies, whose word of the scheme decides, all of them."""
    plain = frozenset(listener.name for listener in tls.listeners if not listener.tls)
    concerned = frozenset(listener.name for listener in tls.listeners) if tls.settings.trusted_proxies else plain
    redirected = _redirected(placed)
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


def _redirected(placed: Sequence[tuple[Claim, Host | None, Place]]) -> dict[tuple[Host | None, Match], bool]:
    """Where plain listeners lead to https: `tls: required` is a guard, so one claim is enough."""
    found: dict[tuple[Host | None, Match], bool] = {}
    for claim, host, where in placed:
        if not claim.route.withheld:
            found[host, claim.match] = found.get((host, claim.match), False) or where.redirects
    return found


def assemble(group: Group) -> tuple[list[Route], Upstream, list[Problem]]:
    """The routes of a group (a second one where the challenge path stays open beside a redirect) and its upstream."""
    willing = [claim for claim in group.claims if not claim.route.withheld]
    heard = [claim for claim in willing if claim.is_present] or willing
    absent = [claim for claim in willing if claim not in heard]
    problems: list[Problem] = []
    oldest = (heard or list(group.claims))[0]
    policies = agreed_policies(heard, problems, absent)
    for_upstream = tuple(policy for policy in policies if policy.place == "upstream")
    own, name = _identity(group, oldest, policies), pool_name(group.claims, oldest, problems)
    upstream = Upstream(
        id=identifier("upstream", oldest.pool, name, shown=name) if name else own,
        protocol=agreed(heard, "protocol", problems, oldest),
        balance=agreed(heard, "balance", problems, oldest),
        resolve=wished(heard, problems),
        root=oldest.route.options.root if oldest.route.options.protocol == "fastcgi" else "",
        servers=pool(server for claim in heard for server in claim.servers),
        policies=for_upstream,
        origins=tuple(claim.route.origin("host") for claim in group.claims),
        said=declared_by(group.claims, [*heard, *absent], policies),
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
        since=(oldest.age[0] if oldest.since is None else oldest.since) if _may_tie(group.match) else 0.0,
        rank_name=f"{oldest.who}/{oldest.route.name}",
        origins=upstream.origins,
        said=upstream.said,
    )
    agreed_tls([*heard, *(claim for claim in absent if claim.route.options.tls == "required")], problems)
    return _with_redirect(route, group.plain) if group.redirects else [route], upstream, problems


def pool_name(claims: Sequence[Claim | StreamClaim], oldest: Claim | StreamClaim, problems: list[Problem]) -> str:
    """The name of the upstream of a group. Where owners share the route it has one of its own: through the name, other
    routes of one owner would reach the servers of the others without their guards."""
    name: str = oldest.route.options.upstream or ""
    if not name or len({claim.pool for claim in claims}) == 1:
        return name
    message = f"upstream {name} is ignored: {named(oldest, 'host')} shares this route with other owners"
    hint = "the operator adds the name to the setting shared_upstreams"
    problems.append(Problem(severity="warning", origin=oldest.route.origin("upstream"), message=message, hint=hint))
    return ""


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


def _may_tie(match: Match) -> bool:
    """Whether routes of several owners may be as specific as each other and match the same request."""
    return match.is_conditional or match.path.regex is not None or any(host.regex for host in match.hosts)


def _identity(group: Group, oldest: Claim, policies: tuple[Policy, ...]) -> str:
    """The id of a route. One that stores answers is another one under another owner."""
    if any(policy.name == "cache" for policy in policies):
        return identifier(group.id, oldest.owner, shown=group.shown)
    return group.id


def pool(servers: Iterable[Server]) -> tuple[Server, ...]:
    """Servers, each place once, by (id, host, port)."""
    by_place: dict[tuple[str, int], Server] = {}
    for server in sorted(servers, key=lambda server: (server.state != "ready", server.id)):
        by_place.setdefault((server.host, server.port), server)
    return tuple(sorted(by_place.values(), key=lambda server: (server.id, server.host, server.port)))
