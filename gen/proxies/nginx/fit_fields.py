"""Fit of header conditions: Model → Model, for an nginx that reads only the first of several fields of one name.

There a repeated field could lead around a guard: another route of the same place would answer than the joined value
decides. So a guarded route that shares a place with such a condition is disabled (503).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from operator import attrgetter, itemgetter

from gen.errors import Problem
from gen.memo import Memo
from gen.model import Model, Route
from gen.proxies.lacks import problem
from gen.proxies.routing import Node, sites
from gen.received import COMPUTED, PASSED

_WHY = "this nginx (before 1.23) reads only the first of several header fields of one name"
_JOINED = (COMPUTED - PASSED) | {"cookie"}
"""Fields that every nginx reads whole."""


def fit_fields(model: Model, capabilities: frozenset[str], memo: Memo) -> tuple[Model, tuple[Problem, ...]]:
    """The model with the guarded routes disabled that a repeated field could lead around."""
    if "joined_fields" in capabilities:
        return model, ()
    facts = memo.each("fit fields", _facts, model.routes, key=_ID)
    if not (any(map(_NAME, facts)) and any(map(_GUARD, facts))):
        return model, ()
    routes, problems = memo.nested("fit repeated", partial(_disabled, model, facts), model.routes, model.listeners)
    return (replace(model, routes=routes) if problems else model), problems


_ID, _NAME, _GUARD = attrgetter("id"), itemgetter(0), itemgetter(1)
_Facts = tuple[str, bool]
"""The name of a header that a route asks for and of which there may be several fields, and whether it has a guard."""


def _facts(route: Route) -> _Facts:
    name = next((name for name, _ in route.match.headers if name.lower() not in _JOINED), "")
    return name, not route.withheld and any(policy.guards for policy in route.policies)


def _disabled(
    model: Model, facts: tuple[_Facts, ...], memo: Memo, *_inputs: object
) -> tuple[tuple[Route, ...], tuple[Problem, ...]]:
    """All routes, and what is said of those that are disabled now."""
    found = dict(zip(map(_ID, model.routes), facts, strict=True))
    lost: dict[str, str] = {}
    for listener in model.http_listeners:
        for site in sites(model, listener.name, memo):
            lost.update(_lost(site.nodes, found))
    routes: list[Route] = []
    problems: list[Problem] = []
    for route in model.routes:
        if route.id in lost:
            why = f"{_WHY}, and {lost[route.id]} decides whether this route answers"
            problems.append(problem(route, "headers", f"{why}; the route is disabled (503)"))
            route = replace(route, withheld=why)
        routes.append(route)
    return tuple(routes), tuple(problems)


def _lost(nodes: Iterable[Node], facts: Mapping[str, _Facts]) -> dict[str, str]:
    """The guarded routes of nodes at which a header condition decides, with its name."""
    lost: dict[str, str] = {}
    for node in nodes:
        routes = [choice.route for choice in node.choices]
        name = next((facts[route][0] for route in routes if facts[route][0]), "")
        lost.update({route: name for route in routes if name and facts[route][1]})
    return lost
