"""The whole of build on one screen: declarations → claims → families → routes and upstreams → Model."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from gen.build.by_name import by_name
from gen.build.certificates import Tls
from gen.build.challenges import challenges
from gen.build.claims import Claim, Claims, StreamClaim, claims
from gen.build.contest import Refusals, Seats, above, accepted, contested, settle, too_many, unheld
from gen.build.earlier import Earlier, passed_by, with_since
from gen.build.families import LAST, Merged, bound, joined, merge_all
from gen.build.reach import Asker, Reach
from gen.build.shadowed import shadowed
from gen.build.spread import excess, suspects
from gen.build.streams import streams
from gen.certificate import Certificate, dates
from gen.dialects import Declaration
from gen.errors import Problem, in_order
from gen.memo import Memo
from gen.model import Binding, Listener, Model, Route, StreamRoute, Upstream
from gen.settings import Settings
from gen.state import State


def build(
    state: State,
    declarations: Sequence[Declaration],
    settings: Settings,
    *,
    certificates: tuple[Certificate, ...] = (),
    now: float = 0.0,
    memo: Memo | None = None,
    seats: Callable[[], Seats] = frozenset,
    earlier: Callable[[], Earlier] = Earlier,
) -> Model:
    """The model of a world at `now`, UTC seconds since 1970. `seats`, `earlier`: what a daemon remembers of routes."""
    memo = memo or Memo()
    names = _wants_names(declarations, settings, memo)
    found = memo.each("claims", claims, declarations, key=_WHOSE, shared=(_reach(state, settings, names), settings))
    tls = memo("tls", _tls, settings, certificates, _moment(memo, certificates, now))
    asked, known = _all("streams", found, memo), earlier()
    every, disputes = _accepted(unheld(_all("claims", found, memo)), asked, (tls, known, seats), memo)
    pieces = merge_all(every, tls, memo)
    bindings, shown = memo("bindings", bound, _all("shown", pieces, memo))
    common, answering, missing = memo("acme", challenges, settings, tls.listeners, _named(every, settings, memo))
    passed, more, refused = memo("streams", _streams, asked, tls, _beside(pieces, asked, memo), known.streams)
    upstreams, unequal = _pools(pieces, (*more, *answering), memo)
    upstreams, nameless = by_name(upstreams, state, settings, memo) if names else (upstreams, ())
    dead = memo("shadowed", shadowed, routes := _routes(pieces, common, memo))
    owns = (state.problems, _all("problems", found, memo), _all("problems", pieces, memo))
    return Model(
        settings=settings,
        listeners=tls.listeners,
        routes=routes,
        streams=passed,
        upstreams=upstreams,
        certificates=_used(certificates, bindings, passed),
        bindings=bindings,
        problems=memo("in order", _in_order, *owns, shown, disputes, missing, refused, unequal, nameless, dead),
    )


_WHOSE = attrgetter("workload.id")


def _used(
    certificates: tuple[Certificate, ...], bindings: tuple[Binding, ...], passed: tuple[StreamRoute, ...]
) -> tuple[Certificate, ...]:
    """The certificates that a host or a TCP route shows, and the default one, by name."""
    used = {binding.certificate for binding in bindings} | {route.certificate for route in passed}
    return tuple(sorted((c for c in certificates if c.name in used or c.is_default), key=lambda c: c.name))


def _wants_names(declarations: Sequence[Declaration], settings: Settings, memo: Memo) -> bool:
    return settings.resolve == "dns" or any(memo.each("asks for names", _asks, declarations, key=_WHOSE))


def _pools(
    pieces: tuple[Merged, ...], more: tuple[Upstream, ...], memo: Memo
) -> tuple[tuple[Upstream, ...], tuple[Problem, ...]]:
    """All upstreams; those beside the families' come last in their turn."""
    turns = (*_all("turns", pieces, memo), *[LAST] * len(more))
    return joined((*_all("upstreams", pieces, memo), *more), turns, memo)


def _asks(declaration: Declaration) -> bool:
    """Whether a workload asks for servers by name."""
    routes: tuple[Asker, ...] = (*declaration.routes, *declaration.streams)
    return any(route.options.resolve == "dns" for route in routes)


def _reach(state: State, settings: Settings, names: bool) -> Reach:
    return Reach(
        vantage=state.vantage,
        networks=state.networks,
        preferred=settings.network,
        by_name=names,
        engines=state.engines,
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


def _tls(settings: Settings, certificates: tuple[Certificate, ...], now: float) -> Tls:
    return Tls(settings=settings, listeners=listeners(settings), certificates=certificates, now=now)


def _moment(memo: Memo, certificates: tuple[Certificate, ...], now: float) -> float:
    """The last moment at which a certificate's validity became what it is now: all answers are the same since."""
    known = memo("dates", dates, certificates)
    passed = bisect_right(known, now)
    return known[passed - 1] if passed else 0.0


def _streams(
    asked: tuple[StreamClaim, ...], tls: Tls, routes: tuple[Route, ...], seats: frozenset[str]
) -> tuple[tuple[StreamRoute, ...], tuple[Upstream, ...], tuple[Problem, ...]]:
    problems: list[Problem] = []
    passed, upstreams = streams(asked, tls, routes, problems, seats=seats)
    return tuple(passed), tuple(upstreams), tuple(problems)


def _beside(pieces: tuple[Merged, ...], asked: tuple[StreamClaim, ...], memo: Memo) -> tuple[Route, ...]:
    """The HTTP routes, where TCP and UDP routes are beside them."""
    return _all("routes", pieces, memo) if asked else ()


_Known = tuple[Tls, Earlier, Callable[[], Seats]]


def _accepted(
    claims: tuple[Claim, ...], asked: tuple[StreamClaim, ...], known: _Known, memo: Memo
) -> tuple[tuple[Claim, ...], tuple[Problem, ...]]:
    """The claims that their owners may have, as old as their routes, with the problems of the others."""
    tls, earlier, seats = known
    claims, passed = with_since(claims, earlier), Refusals()
    if any(getattr(one.route.options, "host", ()) for one in asked):
        passed = passed_by(claims, asked, tls, (earlier, seats))
    found, problems = _settled(accepted(claims, passed), tls.settings, seats, memo)
    return found, (*passed.problems, *problems)


def _settled(
    claims: tuple[Claim, ...], settings: Settings, seats: Callable[[], Seats], memo: Memo
) -> tuple[tuple[Claim, ...], tuple[Problem, ...]]:
    """The claims without those above a limit and those that another owner's prevail over."""
    owners, spots = tuple(map(_OWNER, claims)), tuple(map(_SPOTS, claims))
    many = memo("too many", too_many, owners, settings.max_routes_per_owner)
    limited = Refusals()
    if many:
        theirs = tuple(claim for claim in claims if claim.owner in many)
        limited = memo("above", above, theirs, settings.max_routes_per_owner)
        claims = accepted(claims, limited)
        owners, spots = tuple(map(_OWNER, claims)), tuple(map(_SPOTS, claims))
    wide = memo("spread", suspects, owners, tuple(map(_BREADTH, claims)), spots)
    if wide:
        theirs = tuple(claim for claim in claims if claim.owner in wide)
        spread = memo("excess", excess, theirs)
        limited = Refusals(hosts=spread.hosts, problems=(*limited.problems, *spread.problems))
        claims = accepted(claims, spread)
        owners, spots = tuple(map(_OWNER, claims)), tuple(map(_SPOTS, claims))
    places = memo("contested", contested, spots, owners)
    if not places:
        return claims, limited.problems
    rivals = tuple(map(claims.__getitem__, places))
    known = seats()
    taken = frozenset(spot for claim in rivals for spot in claim.spots if spot in known)
    refusals = memo("settled", settle, rivals, taken)
    return accepted(claims, refusals), (*limited.problems, *refusals.problems)


def _named(claims: tuple[Claim, ...], settings: Settings, memo: Memo) -> tuple[Claim, ...]:
    """The claims of the workload that the setting `acme_challenge` names."""
    target = settings.acme_challenge
    if target is None or target.kind != "workload":
        return ()
    return memo("acme workload", lambda those: tuple(claim for claim in those if claim.who == target.text), claims)


_OWNER, _SPOTS, _BREADTH = attrgetter("owner"), attrgetter("spots"), attrgetter("breadth")


def _routes(pieces: tuple[Merged, ...], common: tuple[Route, ...], memo: Memo) -> tuple[Route, ...]:
    """All routes by id."""
    routes = (*_all("routes", pieces, memo), *_all("challenges", pieces, memo), *common)
    return memo.ordered("routes", routes, key=attrgetter("id"))


def _all(name: str, pieces: tuple[Claims, ...] | tuple[Merged, ...], memo: Memo) -> tuple[Any, ...]:
    """What all pieces have under a name."""
    slot = (name, type(pieces[0]) if pieces else None)
    return memo(("all", slot), _flat, memo.each(slot, attrgetter(name), pieces, key=id))


def _flat(parts: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(parts))


def _in_order(*troubles: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return in_order(chain.from_iterable(troubles))
