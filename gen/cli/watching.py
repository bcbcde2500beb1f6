"""`fairway watch` and `fairway health`: the daemon, and the question whether its proxy serves."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from gen import __version__, log
from gen.cli.show import echo
from gen.cli.world import World, world_options
from gen.errors import ProxyError
from gen.proxies.commands import Layout
from gen.settings import Settings, environment
from gen.values import StatusAddress

if TYPE_CHECKING:
    from gen.control.attachments import Attachments
    from gen.sources import Source
    from gen.status.board import Board
    from gen.status.server import StatusServer


@click.command(short_help="Follow the containers until told to stop.")
@world_options
def watch(world: World) -> None:
    """Follow the containers: render, check, switch, reload, confirm; and again after each change.

    The proxy runs as a child, or where the settings proxy_container or proxy_pid say. What HAProxy can be told while it
    runs needs no reload. A configuration that the proxy refuses is never switched to, and one that it does not confirm
    is rolled back. One watch at a time works on a directory.

    \b
    SIGHUP            reads everything again
    run/status.sock   answers /healthz, /metrics and more (the setting status)
    SIGTERM, Ctrl-C   end; a proxy that is our child finishes its requests first
    """
    follow(world.settings, lambda: world.source(follows=True), world.attachments)


def follow(
    settings: Settings, source: Callable[[], Source], attachments: Callable[[], Attachments | None] = lambda: None
) -> None:
    """Runs the daemon until a signal tells it to stop. The world is asked for once the directory is ours."""
    from gen.apply import DirectoryLock
    from gen.deployment import deployment
    from gen.status.board import Board
    from gen.status.notify import Notify
    from gen.status.several import Several
    from gen.watch import Watch

    with ExitStack() as held:
        held.enter_context(DirectoryLock(Path(settings.directory)))
        deployed = deployment(settings)
        board = Board(stored=lambda digest: deployed.directory.bundle(digest, deployed.pipeline.proxy.main))
        watcher = Several(board, Notify(environment()))
        deployed.pipeline.remember_routes(time.monotonic, deployed.directory.description())
        daemon = Watch(source(), deployed, attachments(), watcher=watcher)
        if (server := _status(settings, board)) is not None:
            held.callback(server.close)
        signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
        signal.signal(signal.SIGINT, lambda *_: daemon.stop())
        signal.signal(signal.SIGHUP, lambda *_: daemon.resync())
        log.event("starting", version=__version__, directory=settings.directory)
        daemon.run()


def _status(settings: Settings, board: Board) -> StatusServer | None:
    """Who answers those who ask how it stands; None where nobody does."""
    from gen.control.sockets import ask
    from gen.proxies.counts import Counts
    from gen.proxies.kinds import KINDS
    from gen.status.answers import Answers
    from gen.status.server import StatusServer

    layout = Layout(root=PurePosixPath(settings.directory))
    address = settings.status or StatusAddress(path=str(layout.run / "status.sock"))
    if address.is_off:
        return None
    commands = KINDS[settings.proxy].commands(settings.binary)

    def counts() -> Counts:
        replies = (ask(Path(one.socket), one.send) for one in commands.count(layout))
        return commands.counted(tuple(reply or b"" for reply in replies))

    return StatusServer(address, Answers(board, counts))


@click.command(short_help="Ask the running proxy what it serves.")
@world_options
def health(world: World) -> None:
    """Ask the running proxy which release it serves, and print its digest; exit code 69 if it does not answer.

    For a container's health check: it reads no labels, and a proxy that serves an older release than it should is well.
    """
    from gen.apply.confirm import serving
    from gen.proxies.kinds import KINDS

    commands = KINDS[world.settings.proxy].commands(world.settings.binary)
    layout = Layout(root=PurePosixPath(world.settings.directory))
    found = serving(commands, layout)
    if found is None:
        raise ProxyError(
            f"no {commands.name} answers on {layout.socket}",
            hint="`fairway watch` starts it; is this the directory that it was given?",
        )
    echo(found)
