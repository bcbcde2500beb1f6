"""Labels that were meant for us and do not begin as ours do: `Fairway.host`, `fairway_host`, `fairway/host`.

Engines tell capitals apart, and so do we. Not read in silence they would leave a route out, or a guard off it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from gen.dialects import Declaration, RouteOptions
from gen.errors import Problem
from gen.options import options_of
from gen.policies import POLICIES, UNKNOWN_GUARDS
from gen.state import Label, Workload, label_origin

PREFIX = "fairway."
_BEGIN = re.compile(r"fairway[._:/-]", re.IGNORECASE)
_APART = re.compile(r"[.:/]")
_GUARDS = frozenset([*UNKNOWN_GUARDS, *(policy.name for policy in POLICIES if policy.guards)])
_CORE = frozenset(option.name for option in options_of(RouteOptions))
_KNOWN = _CORE | _GUARDS | {policy.name for policy in POLICIES} | {"enable", "routes", "tcp", "udp"}
_DECIDING = frozenset(["host", "path", "methods", "headers", "query", "client_ip", "listeners", "tls", "enable"])


def astray(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Those that name something that we know behind a beginning that is not ours. Others' are let alone."""
    found = [label for label in labels if not label.key.startswith(PREFIX) and _BEGIN.match(label.key)]
    return tuple(sorted((one for one in found if _words(one)[0] in _KNOWN), key=lambda label: label.key))


def told(found: Declaration, labels: tuple[Label, ...], workload: Workload, source: str) -> Declaration:
    """With a problem for each. What decides who reaches the routes takes them away, a guard withholds them."""
    if not labels:
        return found
    words = {word for label in labels for word in _words(label)}
    problems = [_problem(label, workload, source) for label in labels]
    found = replace(found, problems=(*found.problems, *problems))
    if words & _DECIDING:
        return replace(found, routes=(), streams=())
    if not words & _GUARDS:
        return found
    why = f"{labels[0].key} may have been meant to protect it"
    withheld = tuple(replace(route, withheld=route.withheld or why) for route in found.routes)
    return replace(found, routes=withheld, streams=())


def _words(label: Label) -> list[str]:
    """`Fairway.routes.api.ip-allow` → routes, api, ip_allow."""
    return [word.replace("-", "_") for word in _APART.split(_BEGIN.sub("", label.key, count=1).lower())]


def _problem(label: Label, workload: Workload, source: str) -> Problem:
    origin = label_origin(source, workload, label)
    hint = f"did you mean {PREFIX}{'.'.join(_words(label))}?"
    return Problem(severity="error", origin=origin, message="labels of ours begin with fairway.", hint=hint)
