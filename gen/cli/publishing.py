"""`fairway publish`: a release for all proxies of a swarm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gen.cli.show import clean, count, echo, paint, show_exposures, tell
from gen.cli.world import World, world_options
from gen.errors import ProxyError, PublishError
from gen.settings import environment

if TYPE_CHECKING:
    from gen.publish.cluster import Cluster
    from gen.publish.publication import Publication
    from gen.publish.release import Release
    from gen.publish.rollout import Rollout
    from gen.settings import Settings
    from gen.sources.docker_engine import Json

_SHOWN = 20


@click.command(short_help="Roll the proxies of a swarm over to a release.")
@click.option("--service", default="", metavar="NAME", help="The proxies' service (the setting proxy_service).")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit code 2 if anything would.")
@click.option("--strict", is_flag=True, help="Publish nothing while `check` would find an error.")
@click.option("--timeout", default=600.0, metavar="SECONDS", help="How long to follow the update; 600 by default.")
@world_options
def publish(world: World, *, service: str, dry_run: bool, strict: bool, timeout: float) -> int:
    """Put a checked release into configs and secrets of a swarm, and roll the proxies' service over to it.

    The release is made once from the swarm's services, and checked by the proxy's own binary here. Each file is a
    config, each private one a secret, named by its content: what did not change is used again. Swarm then replaces
    task by task; one counts when its proxy confirmed the release, and when a new one fails, Swarm goes back by itself.

    The service is made by you, once: of an image with the proxy, on the networks of the workloads, with the label
    fairway.proxy=nginx or fairway.proxy=haproxy. Publishing the same again changes nothing.

    \b
    Exit code 0: all tasks serve it.
              1: they do not: Swarm went back, or --strict and errors.
              2: --dry-run found changes.
             75: somebody else changes the service.
    """
    from gen.proxies.kinds import KINDS
    from gen.publish.publication import place_of, publication, service_to_publish_to
    from gen.publish.release import release

    world, cluster = _aimed(world, service)
    settings = world.settings
    try:
        commands = KINDS[settings.proxy].commands(settings.proxy)
        found = service_to_publish_to(cluster, settings.proxy_service, settings.proxy)
        at = place_of(found, settings.proxy_directory, commands)
        made = release(settings, world.read(), at)
        tell(made.made.problems)
        if strict and any(problem.severity == "error" for problem in made.made.problems):
            raise PublishError("there are errors, so nothing is published")
        _demand_checked(made, world)
        for note in (*_of_addresses(made), *_of_ports(found, settings)):
            echo(f"{paint('note:', 'cyan')} {clean(note)}", err=True)
        planned = publication(cluster, found, made, at, commands=commands)
        return _show(planned) if dry_run else _carry_out(cluster, planned, timeout)
    finally:
        cluster.drop()


def _aimed(world: World, service: str) -> tuple[World, Cluster]:
    """The swarm is read and published to, whatever else could be read."""
    from gen.publish.cluster import Cluster
    from gen.sources.docker_endpoint import find_endpoint

    if world.reads_compose or world.snapshot or not world.settings.swarm:
        raise click.UsageError("publish reads a swarm and no other source: --swarm, or --swarm URL")
    name = service or world.settings.proxy_service
    if not name:
        raise click.UsageError("which service is the proxies'? Say --service NAME, or set proxy_service")
    settings = replace(world.settings, proxy_service=name, proxy_container="", join=())
    return replace(world, settings=settings), Cluster(find_endpoint(settings.manager or None, environment()))


def _demand_checked(made: Release, world: World) -> None:
    if made.was_checked:
        return
    if world.settings.control != "none":
        hint = "publish where it is, as in an image of Fairway's; --set control=none publishes what nobody checked"
        raise ProxyError(f"{world.settings.binary} is not here, so its own check cannot be made", hint=hint)
    echo(f"{paint('note:', 'cyan')} no {world.settings.proxy} checked this", err=True)


def _of_addresses(made: Release) -> Iterator[str]:
    """Nothing follows the tasks of a published release but the proxies' own questions for names."""
    servers = [server for upstream in made.made.model.upstreams for server in upstream.servers]
    if found := sum(not server.is_name for server in servers):
        which = "1 server is known by its address" if found == 1 else f"{found} servers are known by their addresses"
        yield f"{which}: publish again whenever tasks come or go, or let them be known by name (resolve=dns)"


def _of_ports(found: Json, settings: Settings) -> Iterator[str]:
    from gen.publish.described import unpublished

    names = {listen.port: listen.name for listen in settings.listeners}
    for port in unpublished(found["Spec"], names):
        yield f"listener {names[port]}: the service {settings.proxy_service} does not publish the port {port}"


def _show(planned: Publication) -> int:
    if planned.is_empty:
        echo("nothing would change", err=True)
        return 0
    show_exposures(planned.exposures)
    for change in planned.changes:
        echo(paint(clean(str(change)), {"+": "green", "-": "red", "~": "yellow"}[change.sign], out=True))
    for piece in planned.missing:
        kind = "secret" if piece.is_secret else "config"
        echo(f"  {kind} {piece.name}: {clean(piece.path)}, {count(len(piece.content), 'byte')}")
    order = planned.spec["UpdateConfig"]["Order"]
    echo(f"  service {planned.service}: release {planned.wanted.digest[:12]}, {order}")
    return 2


def _carry_out(cluster: Cluster, planned: Publication, timeout: float) -> int:
    from gen.publish.publication import carry_out
    from gen.publish.rollout import Watched

    for one in planned.exposures[:_SHOWN]:
        echo(f"exposure: {clean(str(one))}", err=True)
    if len(planned.exposures) > _SHOWN:
        echo(f"and {count(len(planned.exposures) - _SHOWN, 'exposure')} more", err=True)
    for change in planned.changes[:_SHOWN]:
        echo(clean(str(change)), err=True)
    if len(planned.changes) > _SHOWN:
        echo(f"and {len(planned.changes) - _SHOWN} more", err=True)
    watched = Watched(say=lambda line: echo(clean(line), err=True), patience=timeout)
    rollout = carry_out(cluster, planned, watched)
    if rollout.state != "completed":
        raise _explained(planned, rollout)
    verb = "serves" if rollout.running == 1 else "serve"
    as_before = ", as before:" if planned.is_empty else ""
    echo(f"{planned.service}: {count(rollout.running, 'task')} {verb} release{as_before} {planned.wanted.digest}")
    return 0


def _explained(planned: Publication, rollout: Rollout) -> PublishError:
    name, digest = planned.service, planned.wanted.digest[:12]
    failed = rollout.failures[-1] if rollout.failures else None
    because = f"; task {failed.task} on {failed.node}: {failed.message}" if failed else ""
    logs = f"docker service logs --tail 20 {failed.task}" if failed else f"docker service ps --no-trunc {name}"
    what = {
        "rolled back": f"release {digest} was rolled back: {rollout.message}",
        "paused": f"the update to release {digest} is paused: {rollout.message}",
        "replaced": f"release {digest} was replaced by something else meanwhile",
        "unfinished": f"{rollout.running} of {rollout.wanted} tasks serve release {digest}, and the update goes on",
    }
    return PublishError(f"{name}: {what[rollout.state]}{because}", hint=logs)
