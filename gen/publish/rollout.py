"""Publish, the last step: an update that a swarm carries out → what became of it, told as it goes.

Swarm replaces task by task, and one counts when it runs, which with a health check means that it passed. Of an update
that replaces nothing a manager says nothing, and what it says may be of the one before; then the tasks decide.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from gen.errors import SourceError
from gen.publish.cluster import Cluster
from gen.publish.described import RELEASE_LABEL, release_of
from gen.sources.docker_read import Json, table, text

_PAUSE: Final = 0.5
_FAILED: Final = ("failed", "rejected")
_BACK: Final = ("rollback_started", "rollback_paused", "rollback_completed")
State = Literal["completed", "rolled back", "paused", "replaced", "unfinished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A task that did not run, with what its node said of it."""

    task: str
    node: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What became of an update. `running` of `wanted` tasks serve the release."""

    state: State
    running: int = 0
    wanted: int = 0
    message: str = ""
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How an update is followed: `say` is told what is new, after `patience` seconds it is left alone. `past`: ids of
    tasks that were there before, `stale`: when the update before began, of which a manager may still speak."""

    say: Callable[[str], None]
    patience: float
    past: frozenset[str] = frozenset()
    stale: str = ""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def follow(cluster: Cluster, service: str, digest: str, watched: Watched) -> Rollout:
    """Until the release is served by all tasks or by none. A manager that is away for a while is asked again; raises
    SourceError where it stays away."""
    following = _Following(service, digest, watched)
    deadline = watched.clock() + watched.patience
    while True:
        is_last = watched.clock() >= deadline
        try:
            now = following.look(cluster)
        except SourceError as error:
            if is_last:
                raise
            following.tell(f"{service}: {error}; asked again")
        else:
            if now.state != "unfinished" or is_last:
                return now
            following.tell(f"{service}: {now.running} of {now.wanted} tasks serve release {digest[:12]}")
        watched.sleep(_PAUSE)


class _Following:
    """What was told so far, and which tasks failed."""

    def __init__(self, service: str, digest: str, watched: Watched) -> None:
        self._service = service
        self._digest = digest
        self._watched = watched
        self._failures: dict[str, Failure] = {}
        self._told = ""

    def tell(self, line: str) -> None:
        """Once, until something else is told."""
        if line != self._told:
            self._watched.say(line)
            self._told = line

    def look(self, cluster: Cluster) -> Rollout:
        found = cluster.service(self._service)
        its = cluster.tasks_of(text(found, "ID")) if found is not None else ()
        new = [one for one in _failed(its, self._digest) if text(one, "ID") not in self._failures]
        new = [one for one in new if text(one, "ID") not in self._watched.past]
        names = {text(one, "ID"): text(table(one, "Description"), "Hostname") for one in cluster.nodes()} if new else {}
        for failure in (_failure(one, names) for one in new):
            self.tell(f"{self._service}: task {failure.task} on {failure.node} failed: {failure.message}")
            self._failures[failure.task] = failure
        status = _of_this_update(found, self._watched.stale)
        return replace(_judged(found, status, its, self._digest), failures=tuple(self._failures.values()))


def _of_this_update(found: Json | None, stale: str) -> Json:
    status = table(found or {}, "UpdateStatus")
    return {} if stale and text(status, "StartedAt") == stale else status


def _judged(found: Json | None, status: Json, its: tuple[Json, ...], digest: str) -> Rollout:
    wanted = [one for one in its if text(one, "DesiredState") in ("running", "ready", "accepted")]
    ours = [one for one in wanted if _is_of(one, digest)]
    running = sum(text(table(one, "Status"), "State") == "running" for one in ours)
    return Rollout(
        state=_state(found, status, digest, all_run=len(ours) == running == len(wanted)),
        running=running,
        wanted=len(wanted),
        message=text(status, "Message"),
    )


def _state(found: Json | None, status: Json, digest: str, *, all_run: bool) -> State:
    said = text(status, "State")
    if found is None:
        return "replaced"
    if said == "rollback_completed" or said == "rollback_paused":
        return "rolled back"
    if said in _BACK:
        return "unfinished"
    if release_of(table(found, "Spec")) != digest:
        return "replaced"
    if said == "paused":
        return "paused"
    # A task that failed before is not the update's, which may be completed before it runs. One on a node that is away
    # is not wanted any more.
    return "completed" if all_run and said in ("completed", "") else "unfinished"


def _is_of(task: Json, digest: str) -> bool:
    container = table(table(task, "Spec"), "ContainerSpec")
    return text(table(container, "Labels"), RELEASE_LABEL) == digest


def _failed(its: tuple[Json, ...], digest: str) -> Iterator[Json]:
    return (one for one in its if _is_of(one, digest) and text(table(one, "Status"), "State") in _FAILED)


def _failure(task: Json, names: dict[str, str]) -> Failure:
    status, node = table(task, "Status"), text(task, "NodeID")
    message = text(status, "Err") or text(status, "Message")
    return Failure(task=text(task, "ID"), node=names.get(node) or node[:12] or "no node", message=message)
