"""Publish, the whole: a release and a service → what would change in the swarm; carried out, and followed to its end.

In this order: what is missing is made, the service described anew in one call, the update followed, and last of all
what nobody names any more removed. Whoever stops in between leaves a service that serves, and files that the next
publish uses or removes.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Final

from gen.apply.directory import demand_short_socket_path
from gen.errors import ProxyError
from gen.plan import Change, plan
from gen.plan.exposure import Exposure
from gen.proxies.commands import Commands, Layout
from gen.publish.cluster import Cluster, Kept, OutOfSequence
from gen.publish.described import Wanted, described, has_root, is_equal, named_pieces, release_of, unfit
from gen.publish.pieces import PACKED, SECONDS_LEFT, Piece, Place, pieces
from gen.publish.release import Release
from gen.publish.rollout import Rollout, Watched, follow
from gen.render import RELEASE
from gen.sources.docker_read import Json, table, text

_TRIES: Final = 5
_UNDER_WAY: Final = ("updating", "rollback_started")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What would change. `missing`: the pieces to make; `kept`: those that the swarm has; `spec`: how the service is
    described then; `changes`: in words."""

    found: Json
    wanted: Wanted
    kept: tuple[Kept, ...]
    missing: tuple[Piece, ...]
    spec: dict[str, Any]
    changes: tuple[Change, ...]
    exposures: tuple[Exposure, ...] = ()

    @property
    def service(self) -> str:
        return text(table(self.found, "Spec"), "Name")

    @property
    def is_empty(self) -> bool:
        """Whether the service is described so already."""
        return is_equal(table(self.found, "Spec"), self.spec)


def service_to_publish_to(cluster: Cluster, name: str, proxy: str) -> Json:
    """Raises ProxyError where it is not there, or is none to publish to."""
    found = cluster.service(name)
    if found is None:
        hint = "you make the service once, the README shows how; `docker service ls` shows those that are there"
        raise ProxyError(f"the swarm has no service {name!r}", hint=hint)
    why, hint = unfit(found, proxy)
    if why:
        raise ProxyError(f"service {name}: {why}", hint=hint)
    return found


def place_of(found: Json, root: str, commands: Commands) -> Place:
    """Where the tasks of a service will find a release. Raises DirectoryError where they could open no socket there."""
    spec = table(found, "Spec")
    demand_short_socket_path(Layout(root=PurePosixPath(root)), longest=commands.longest_socket_path)
    return Place(
        service=text(spec, "Name"),
        root=PurePosixPath(root),
        has_root=has_root(spec),
        workers_read=bool(commands.ask_workers),
    )


def publication(cluster: Cluster, found: Json, released: Release, at: Place, *, commands: Commands) -> Publication:
    """What a release would change. `released.now` decides whether a generated certificate is of use for long enough."""
    kept = cluster.kept(at.service)
    spec = table(found, "Spec")
    bundle = released.made.bundle
    made = pieces(bundle, released.certificates, at)
    planned = plan(_installed(kept, spec, at), bundle)
    wanted = Wanted(
        digest=bundle.digest,
        pieces=tuple(_lasting(piece, kept, released.now) for piece in made),
        commands=commands,
        layout=Layout(root=at.root),
        ids={one.name: one.id for one in kept},
    )
    there = {one.name for one in kept}
    return Publication(
        found=found,
        wanted=wanted,
        kept=kept,
        missing=tuple(piece for piece in wanted.pieces if piece.name not in there),
        spec=described(spec, wanted, there),
        changes=planned.changes,
        exposures=planned.exposures,
    )


def carry_out(cluster: Cluster, first: Publication, watched: Watched) -> Rollout:
    """Makes what is missing, describes the service anew, and follows. Raises OutOfSequence where somebody else
    published meanwhile, SourceError and Refused."""
    past = frozenset(text(one, "ID") for one in cluster.tasks_of(text(first.found, "ID")))
    if not first.is_empty:
        _demand_calm(first)
        _describe(cluster, first)
    stale = text(table(first.found, "UpdateStatus"), "StartedAt")
    rollout = follow(cluster, first.service, first.wanted.digest, replace(watched, past=past, stale=stale))
    if rollout.state in ("completed", "rolled back"):
        _tidy(cluster, first.service)
    return rollout


def _demand_calm(first: Publication) -> None:
    """An update that is under way would be cut off, and Swarm could go back to half of it alone."""
    if text(table(first.found, "UpdateStatus"), "State") in _UNDER_WAY:
        hint = f"wait until `docker service inspect --pretty {first.service}` says that it is completed"
        raise OutOfSequence(f"service {first.service}: another update is under way", hint=hint)


def _describe(cluster: Cluster, first: Publication) -> None:
    """One call with the index that was read. A manager counts that on whenever anything of the service changes; where
    nobody described it in another way, the same is said again, and where somebody did, with what they said in it."""
    ids = dict(first.wanted.ids)
    ids |= {piece.name: cluster.add(piece, first.service) for piece in first.missing}
    wanted = replace(first.wanted, ids=ids)
    ours = {*ids, *(one.name for one in first.kept)}
    found = first.found
    for left in reversed(range(_TRIES)):
        try:
            cluster.update(found, described(table(found, "Spec"), wanted, ours))
            return
        except OutOfSequence as error:
            again = cluster.service(first.service)
            if again is None or release_of(table(again, "Spec")) != release_of(table(first.found, "Spec")) or not left:
                hint = "somebody else publishes to it, or changes it all the time; look, and publish again"
                raise OutOfSequence(f"service {first.service} was changed meanwhile: {error}", hint=hint) from error
            found = again


def _tidy(cluster: Cluster, service: str) -> None:
    """Removes what neither the service's description names nor the one that Swarm would go back to."""
    found = cluster.service(service) or {}
    named = named_pieces(table(found, "Spec")) | named_pieces(table(found, "PreviousSpec"))
    for one in cluster.kept(service):
        if one.name not in named:
            cluster.remove(one)


def _lasting(piece: Piece, kept: Iterable[Kept], now: float) -> Piece:
    """A generated certificate is another one each time; the one that is there stays while it is of use."""
    if not piece.until:
        return piece
    known = [one for one in kept if one.path == piece.path and one.until > now + SECONDS_LEFT]
    best = max(known, key=lambda one: (one.until, one.name), default=None)
    return piece if best is None else replace(piece, name=best.name, until=best.until)


def _installed(kept: Iterable[Kept], spec: Json, at: Place) -> dict[str, bytes]:
    """The release in words that was published last; nothing where it cannot be read."""
    named = named_pieces(spec)
    packed = next((one for one in kept if one.name in named and one.path == f"{at.current}/{PACKED}"), None)
    try:
        return {RELEASE: gzip.decompress(packed.content)} if packed else {}
    except (OSError, EOFError, zlib.error):
        return {}
