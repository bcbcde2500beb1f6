"""Made → its problems as JSON takes them, each with the owner of the workload that it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gen.build.ownership import known_owner
from gen.model import Route, StreamRoute
from gen.pipeline import Made


def problems(made: Made) -> list[dict[str, Any]]:
    """All problems. `owner` is empty where it is not known: a workload without a route under `owner=network`, or a
    problem of no workload."""
    found = made.problems
    owners = _owners(made) if found else {}
    return [asdict(one) | {"owner": owners.get(one.origin.workload, "")} for one in found]


def _owners(made: Made) -> Mapping[str, str]:
    """The owner of each workload that has a single one."""
    model = made.model
    served: defaultdict[str, set[str]] = defaultdict(set)
    every: tuple[Route | StreamRoute, ...] = (*model.routes, *model.streams)
    for route in every:
        for origin in route.origins:
            served[origin.workload].add(route.owner)
    known = {workload.name: known_owner(workload, model.settings.owner) for workload in made.state.workloads}
    return {name: next(iter(owners)) for name, owners in served.items() if len(owners) == 1} | {
        name: owner for name, owner in known.items() if owner
    }
