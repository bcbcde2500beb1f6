"""The whole of build on one screen: declarations → claims → groups → routes and upstreams → Model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gen.build.addresses import Reach
from gen.build.certificates import Place, Tls, place
from gen.build.claims import Claim, Claims, claims
from gen.build.merge import answered_by, assemble, groups, pool
from gen.build.streams import streams
from gen.certificate import Certificate
from gen.dialects import Declaration
from gen.errors import Problem
from gen.memo import Memo
from gen.model import Binding, Listener, Model, Route, Upstream
from gen.settings import Settings
from gen.state import State
from gen.values import Host


def build(
    state: State,
    declarations: Sequence[Declaration],
    settings: Settings,
    *,
    certificates: tuple[Certificate, ...] = (),
    now: float = 0.0,
    memo: Memo | None = None,
) -> Model:
    """The model of a world. `now`: UTC seconds since 1970, for the certificates' validity."""
    memo = memo or Memo()
    reach = Reach(vantage=state.vantage, networks=state.networks, preferred=settings.network)
    found = [_claims(memo, declaration, reach) for declaration in declarations]
    tls = Tls(settings=settings, listeners=listeners(settings), certificates=certificates, now=now)
    problems = [problem for one in found for problem in one.problems]
    placed, bindings = _places([claim for one in found for claim in one.claims], tls, problems)
    plain = frozenset(listener.name for listener in tls.listeners if not listener.tls)
    routes: list[Route] = []
    challenges: list[Route] = []
    upstreams: list[Upstream] = []
    for group in groups(placed, plain):
        own, upstream, trouble = memo(("group", group.id), assemble, group)
        routes.append(own[0])
        challenges.extend(own[1:])
        upstreams.append(upstream)
        problems.extend(trouble)
    passed, more = streams([claim for one in found for claim in one.streams], tls, routes, problems)
    used = {binding.certificate for binding in bindings} | {route.certificate for route in passed}
    return Model(
        settings=settings,
        listeners=tls.listeners,
        routes=tuple(sorted((*routes, *answered_by(challenges, routes)), key=lambda route: route.id)),
        streams=tuple(passed),
        upstreams=_joined((*upstreams, *more), problems),
        certificates=tuple(sorted((c for c in certificates if c.name in used or c.is_default), key=lambda c: c.name)),
        bindings=bindings,
        problems=tuple(sorted({*state.problems, *problems}, key=Problem.sort_key)),
    )


def listeners(settings: Settings) -> tuple[Listener, ...]:
    """The settings' listeners, by name."""
    found = [
        Listener(
            name=listen.name,
            port=listen.port,
            addresses=(listen.address,) if listen.address else (),
            tls=listen.tls,
            protocol=listen.protocol,
            takes_proxy=listen.proxy,
        )
        for listen in settings.listeners
    ]
    return tuple(sorted(found, key=lambda listener: listener.name))


def _claims(memo: Memo, declaration: Declaration, reach: Reach) -> Claims:
    return memo(("claims", declaration.workload.id), claims, declaration, reach)


def _places(
    found: Iterable[Claim], tls: Tls, problems: list[Problem]
) -> tuple[list[tuple[Claim, Host | None, Place]], tuple[Binding, ...]]:
    """Each claim by host with its listeners, and the certificate of each host: the oldest claim's."""
    placed: list[tuple[Claim, Host | None, Place]] = []
    shown: dict[Host, str] = {}
    for claim in sorted(found, key=lambda claim: claim.turn):
        for host in claim.hosts or (None,):
            where, trouble = place(claim, host, tls)
            problems.extend(trouble)
            placed.append((claim, host, where))
            if (
                where.certificate
                and host is not None
                and shown.setdefault(host, where.certificate) != where.certificate
            ):
                message = (
                    f"{claim.who} wants the certificate {where.certificate!r} for {host}, which has another already"
                )
                problems.append(Problem(severity="warning", origin=claim.route.origin("certificate"), message=message))
    bindings = sorted((Binding(host=host, certificate=name) for host, name in shown.items()), key=lambda b: b.host)
    return placed, tuple(bindings)


def _joined(upstreams: Iterable[Upstream], problems: list[Problem]) -> tuple[Upstream, ...]:
    """Upstreams by id; those that share a name pool their servers, and speak as the first by origin says. A guard that
    only another has holds for all: nobody gives up a protection for somebody else."""
    by_id: dict[str, Upstream] = {}
    for upstream in upstreams:
        known = by_id.setdefault(upstream.id, upstream)
        if known is upstream:
            continue
        for name in ("protocol", "balance", "root", "policies"):
            if getattr(known, name) != getattr(upstream, name):
                message = f"routes share the upstream {known.id} and disagree on {name}"
                hint = f"{known.origins[0].workload} wins"
                origin = upstream.origins[0]
                problems.append(Problem(severity="warning", origin=origin, message=message, hint=hint))
        has = {policy.name for policy in known.policies}
        more = tuple(policy for policy in upstream.policies if policy.guards and policy.name not in has)
        origins = tuple(dict.fromkeys((*known.origins, *upstream.origins)))
        servers = pool((*known.servers, *upstream.servers))
        policies = (*known.policies, *more)
        by_id[upstream.id] = replace(known, servers=servers, policies=policies, origins=origins)
    return tuple(by_id[name] for name in sorted(by_id))
