"""The commands: each reads the world, lets the stages do the work, and shows what came of it."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path, PurePosixPath

import click

from gen import __version__, log, table
from gen.cli.help import Commands
from gen.cli.show import as_json, clean, count, paint, show_route, tell
from gen.cli.world import World, world_options
from gen.errors import DirectoryError, ProxyError
from gen.pipeline import Made

_FORMATS = click.Choice(["text", "json", "svg", "html"])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="fairway")
def fairway() -> None:
    """Makes nginx or HAProxy follow your containers: it reads their labels and keeps a running proxy in step.

    \b
    A container says where:    docker run -l fairway.host=shop.example.com ...
    The proxy follows:         fairway watch
    Who answers where?         fairway routes
    Is everything right?       fairway check -f compose.yml
    What is it told?           fairway render -f compose.yml
    What would change?         fairway plan

    Every command reads one source: the Docker Engine of your Docker CLI, or -f COMPOSE, or --snapshot FILE. Settings
    come from fairway.yml, then FAIRWAY_... variables, then flags; --set KEY=VALUE sets any of them.

    \b
    Exit codes:
     0 fine                 65 a file is malformed     75 another watch is at work
     1 check found errors   69 no engine or no proxy   78 wrong settings
     2 plan found changes   70 anything else
    64 wrong usage          73 a directory cannot be read or written
    """


@fairway.command(short_help="Print the proxy's configuration.")
@click.option("-o", "--output", default="", metavar="DIR", help="Write the files there instead of printing.")
@world_options
def render(world: World, output: str) -> None:
    """Print the configuration of nginx or HAProxy that the labels ask for, or write all files to a directory.

    Nothing is installed, and nothing that runs is touched. The same labels give the same bytes; what the proxy on
    this machine can do is asked of it, unless proxy_features=baseline is set. Problems go to stderr.
    """
    made = make(world)
    tell(made.problems)
    if not output:
        click.echo(next(file.content for file in made.bundle.files if file.name == made.bundle.main), nl=False)
        return
    place = Path(output)
    try:
        for file in made.bundle.files:
            target = place / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
            target.chmod(0o600 if file.private else 0o644)
    except OSError as error:
        raise DirectoryError(f"{place} cannot be written: {error.strerror or error}") from error
    click.echo(f"{len(made.bundle.files)} files in {place}, release {made.bundle.digest[:12]}", err=True)


@fairway.command(short_help="Say what is wrong; exit code 1 if anything is.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print problems.")
@world_options
def check(world: World, strict: bool, form: str) -> int:
    """Say what is wrong with labels and certificates, and whether the proxy would take the configuration.

    Its own check runs in a directory that vanishes; what is installed and what runs stay as they are. Without a
    proxy here only the labels are checked, and the last line says so.

    \b
    Exit code 0: nothing is wrong.  1: errors, or with --strict warnings.
    """
    from gen.deployment import rehearsal

    with rehearsal(world.settings) as trial:
        made = trial.pipeline.make(world.read(), trial.verdict if trial.can_check else None)
        checked = trial.can_check
    if form == "json":
        shown = {"checked_by_proxy": checked, "problems": [asdict(problem) for problem in made.problems]}
        click.echo(as_json(shown))
    else:
        tell(made.problems, err=False)
        errors = sum(problem.severity == "error" for problem in made.problems)
        note = "" if checked else f"; {world.settings.binary} is not here, so its own check was not made"
        click.echo(
            f"{count(len(made.model.routes) + len(made.model.streams), 'route')}, {count(errors, 'error')}, "
            f"{count(len(made.problems) - errors, 'warning')}{note}",
            err=True,
        )
    return int(any(strict or problem.severity == "error" for problem in made.problems))


@fairway.command(short_help="Say what would change; exit code 2 if anything would.")
@click.option("--against", default="", metavar="DIR", help="Compare with what `render -o DIR` wrote there instead.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the plan.")
@world_options
def plan(world: World, against: str, form: str) -> int:
    """Say what would change against what is installed: in words first, then which way a running proxy would get it
    (live, or by a reload), then as a difference of the files.

    Installed is what `watch` made count in --directory. Secrets are not shown.

    \b
    Exit code 0: nothing would change.  2: something would.
    """
    from gen.deployment import ways_to
    from gen.plan import plan as planned

    made = make(world)
    before = installed(Path(against or world.settings.directory))
    found = planned(before, made.bundle, ways_to(before, made.bundle, world.settings), made.joins)
    if form == "json":
        changes = [{"sign": c.sign, "what": c.what, "detail": c.detail} for c in found.changes]
        ways = [{"what": way.what, "how": way.how} for way in found.ways]
        click.echo(as_json({"digest": found.digest, "changes": changes, "ways": ways, "diff": found.diff}))
    else:
        tell(made.problems)
        for change in found.changes:
            click.echo(paint(clean(str(change)), {"+": "green", "-": "red", "~": "yellow"}[change.sign], out=True))
        for way in found.ways:
            click.echo(f"  {way.how}: {clean(way.what)}")
        click.echo(("\n" if found.changes and found.diff else "") + found.diff, nl=False)
        if found.is_empty:
            click.echo("nothing would change", err=True)
    return 0 if found.is_empty else 2


@fairway.command(short_help="Follow the containers until told to stop.")
@world_options
def watch(world: World) -> None:
    """Follow the containers: render, check, switch, reload, confirm; and again after each change.

    The proxy runs as a child, or where the settings proxy_container or proxy_pid say. What HAProxy can be told while it
    runs needs no reload. A configuration that the proxy refuses is never switched to, and one that it does not confirm
    is rolled back. One watch at a time works on a directory.

    \b
    SIGHUP            reads everything again
    SIGTERM, Ctrl-C   end; a proxy that is our child finishes its requests first
    """
    from gen.apply import DirectoryLock
    from gen.deployment import deployment
    from gen.watch import Watch

    with ExitStack() as held:
        held.enter_context(DirectoryLock(Path(world.settings.directory)))
        daemon = Watch(world.source(), deployment(world.settings), world.attachments())
        signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
        signal.signal(signal.SIGINT, lambda *_: daemon.stop())
        signal.signal(signal.SIGHUP, lambda *_: daemon.resync())
        log.event("starting", version=__version__, directory=world.settings.directory)
        daemon.run()


@fairway.command(short_help="Ask the running proxy what it serves.")
@world_options
def health(world: World) -> None:
    """Ask the running proxy which release it serves, and print its digest; exit code 69 if it does not answer.

    For a container's health check: it reads no labels, and a proxy that serves an older release than it should is well.
    """
    from gen.apply.confirm import serving
    from gen.proxies.commands import Layout
    from gen.proxies.kinds import KINDS

    commands = KINDS[world.settings.proxy].commands(world.settings.binary)
    layout = Layout(root=PurePosixPath(world.settings.directory))
    found = serving(commands, layout)
    if found is None:
        raise ProxyError(
            f"no {commands.name} answers on {layout.socket}",
            hint="`fairway watch` starts it; is this the directory that it was given?",
        )
    click.echo(found)


@fairway.command(short_help="Print what was read as JSON, without secrets.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write it there instead of printing.")
@click.option("--schema", is_flag=True, help="Print the format's JSON Schema instead.")
@world_options
def snapshot(world: World, output: str, schema: bool) -> None:
    """Print what was read (workloads, labels, addresses) as JSON, without secrets.

    For a bug report, or to be read again by --snapshot FILE.
    """
    from gen.sources.snapshot import dump, json_schema

    write(json.dumps(json_schema(), indent=2) + "\n" if schema else dump(world.read()), output)


@fairway.command(short_help="Print who answers where.")
@click.option("--format", "form", type=_FORMATS, default="text", help="A table, data, or a picture.")
@click.option(
    "-o", "--output", default="", metavar="FILE", help="With svg and html: write it there instead of printing."
)
@world_options
def routes(world: World, form: str, output: str) -> None:
    """Print who answers where: each route with its conditions, servers, policies, and the labels' owners.

    A server in brackets (down, drain) gets no new requests; a route that is withheld answers 503.
    """
    if output and form not in ("svg", "html"):
        raise click.UsageError("--output is for --format svg and --format html")
    made = make(world)
    rows = table.routes(made.model)
    if form in ("svg", "html"):
        tell(made.problems)
        write(_drawn(made, form), output)
        return
    if form == "json":
        click.echo(as_json([asdict(row) for row in rows]))
        return
    tell(made.problems)
    for row in rows:
        show_route(row)
    if not rows:
        click.echo("no routes: label a container, for example fairway.host=shop.example.com", err=True)


def _drawn(made: Made, form: str) -> str:
    from gen.picture.chart import of_routes
    from gen.picture.page import page
    from gen.picture.svg import svg

    return {"svg": svg, "html": page}[form](of_routes(made.state, made.model))


def write(text: str, output: str) -> None:
    """To a file where one is named, else to stdout."""
    if not output:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DirectoryError(f"{output} cannot be written: {error.strerror or error}") from error


_OURS = ("*.conf", "*.cfg", "*.json", "auth/*", "maps/*.map", "certs/*")
"""What a release is made of; a directory of somebody else's may hold more."""


def make(world: World) -> Made:
    """One pass without a proxy at hand; its capabilities are asked where its binary is."""
    from gen.deployment import installed_capabilities, pipeline

    return pipeline(world.settings, installed_capabilities(world.settings)).make(world.read())


def installed(directory: Path) -> dict[str, bytes]:
    """The files of the release that counts, or of a directory that `render -o` wrote."""
    found: dict[str, bytes] = {}
    place = directory / "current"
    try:
        place = place if place.exists() else directory
        for path in (path for pattern in _OURS for path in place.glob(pattern)):
            found[str(path.relative_to(place))] = path.read_bytes()
    except OSError as error:
        raise DirectoryError(f"{place} cannot be read: {error.strerror or error}") from error
    return found
