"""The whole of build on one screen: declarations → claims → families → routes and upstreams → Model."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from gen.build.by_name import by_name
from gen.build.certificates import Tls
from gen.build.claims import Claims, StreamClaim, claims
from gen.build.families import LAST, Merged, bound, joined, merge_all
from gen.build.merge import answered_by, answering
from gen.build.reach import Asker, Reach
from gen.build.shadowed import shadowed
from gen.build.streams import streams
from gen.certificate import Certificate, dates
from gen.dialects import Declaration
from gen.errors import Problem, in_order
from gen.memo import Memo
from gen.model import Listener, Model, Route, StreamRoute, Upstream
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
) -> Model:
    """The model of a world. `now`: UTC seconds since 1970, for the certificates' validity."""
    memo = memo or Memo()
    names = settings.resolve == "dns" or any(memo.each("asks for names", _asks, declarations, key=_WHOSE))
    reach = _reach(state, settings, names)
    found = memo.each("claims", claims, declarations, key=_WHOSE, shared=(reach,))
    tls = memo("tls", _tls, settings, certificates, _moment(memo, certificates, now))
    pieces = merge_all(_all("claims", found, memo), tls, memo)
    bindings, contested = memo("bindings", bound, _all("shown", pieces, memo))
    asked = _all("streams", found, memo)
    passed, more, refused = memo("streams", _streams, asked, tls, _all("routes", pieces, memo) if asked else ())
    turns = (*_all("turns", pieces, memo), *[LAST] * len(more))
    upstreams, unequal = joined((*_all("upstreams", pieces, memo), *more), turns, memo)
    upstreams, nameless = by_name(upstreams, state, settings, memo) if names else (upstreams, ())
    routes = _routes(pieces, memo)
    dead = memo("shadowed", shadowed, routes)
    owns = (_all("problems", found, memo), _all("problems", pieces, memo))
    used = {binding.certificate for binding in bindings} | {route.certificate for route in passed}
    return Model(
        settings=settings,
        listeners=tls.listeners,
        routes=routes,
        streams=passed,
        upstreams=upstreams,
        certificates=tuple(sorted((c for c in certificates if c.name in used or c.is_default), key=lambda c: c.name)),
        bindings=bindings,
        problems=memo("in order", _in_order, state.problems, *owns, contested, refused, unequal, nameless, dead),
    )


_WHOSE = attrgetter("workload.id")


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
    asked: tuple[StreamClaim, ...], tls: Tls, routes: tuple[Route, ...]
) -> tuple[tuple[StreamRoute, ...], tuple[Upstream, ...], tuple[Problem, ...]]:
    problems: list[Problem] = []
    passed, upstreams = streams(asked, tls, routes, problems)
    return tuple(passed), tuple(upstreams), tuple(problems)


def _routes(pieces: tuple[Merged, ...], memo: Memo) -> tuple[Route, ...]:
    """All routes by id."""
    routes, challenges = _all("routes", pieces, memo), _all("challenges", pieces, memo)
    if challenges:
        common = memo("answering", answering, routes)
        routes += memo.each("challenges", answered_by, challenges, key=attrgetter("id"), shared=(common,))
    return memo.ordered("routes", routes, key=attrgetter("id"))


def _all(name: str, pieces: tuple[Claims, ...] | tuple[Merged, ...], memo: Memo) -> tuple[Any, ...]:
    """What all pieces have under a name."""
    slot = (name, type(pieces[0]) if pieces else None)
    return memo(("all", slot), _flat, memo.each(slot, attrgetter(name), pieces, key=id))


def _flat(parts: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(parts))


def _in_order(*troubles: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return in_order(chain.from_iterable(troubles))
