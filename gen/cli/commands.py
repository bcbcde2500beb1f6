"""The commands: each reads the world, lets the stages do the work, and shows what came of it."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from gen import __version__, log, table
from gen.cli.show import clean, paint, show_route, tell
from gen.cli.world import World, world_options
from gen.errors import DirectoryError
from gen.pipeline import Made


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="fairway")
def fairway() -> None:
    """Container and network state in, a running nginx that follows it out.

    \b
    A container says where it is served:   docker run -l fairway.host=shop.example.com …
    The daemon makes nginx follow:         fairway watch
    What would it do?                      fairway render    fairway routes
    Is everything right?                   fairway check -f compose.yml
    What would change?                     fairway plan

    Settings come from fairway.yml < FAIRWAY_* < flags (any of them by --set KEY=VALUE).
    """


@fairway.command()
@click.option("-o", "--output", default="", metavar="DIR", help="Write the files there instead of printing.")
@world_options
def render(world: World, output: str) -> None:
    """Print the configuration that the world asks for, or write it to a directory.

    Equal worlds give equal bytes: there is no time, no order of chance and no machine in it.
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


@fairway.command()
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print problems.")
@world_options
def check(world: World, strict: bool, form: str) -> int:
    """Say what is wrong with the labels, and whether the proxy would take the configuration.

    \b
    Exit code 0: nothing. 1: errors (with --strict also warnings).
    The proxy's own check runs in a directory that vanishes; what is installed stays as it is.
    """
    from gen.deployment import rehearsal

    with rehearsal(world.settings) as trial:
        made = trial.pipeline.make(world.read(), trial.verdict if trial.can_check else None)
        checked = trial.can_check
    if form == "json":
        shown = {"checked_by_proxy": checked, "problems": [asdict(problem) for problem in made.problems]}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        tell(made.problems, err=False)
        errors = sum(problem.severity == "error" for problem in made.problems)
        note = "" if checked else f"; {world.settings.nginx} is not here, so its own check was not made"
        click.echo(
            f"{len(made.model.routes)} routes, {errors} errors, {len(made.problems) - errors} warnings{note}", err=True
        )
    return int(any(strict or problem.severity == "error" for problem in made.problems))


@fairway.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the plan.")
@world_options
def plan(world: World, form: str) -> int:
    """Say what would change in the installed directory: in words first, then as a difference of the files.

    \b
    Exit code 0: nothing would change. 2: something would.
    """
    from gen.plan import plan as planned

    made = make(world)
    found = planned(installed(Path(world.settings.directory)), made.bundle)
    if form == "json":
        changes = [{"sign": c.sign, "what": c.what, "detail": c.detail} for c in found.changes]
        shown = {"digest": found.digest, "changes": changes, "diff": found.diff}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        tell(made.problems)
        for change in found.changes:
            click.echo(paint(clean(str(change)), {"+": "green", "-": "red", "~": "yellow"}[change.sign], out=True))
        click.echo(("\n" if found.changes and found.diff else "") + found.diff, nl=False)
        if found.is_empty:
            click.echo("nothing would change", err=True)
    return 0 if found.is_empty else 2


@fairway.command()
@world_options
def watch(world: World) -> None:
    """Follow the world: render, check, switch, reload, confirm; again after each change.

    \b
    SIGHUP reads everything again. SIGTERM and SIGINT end gracefully.
    """
    from gen.apply import DirectoryLock
    from gen.deployment import deployment
    from gen.watch import Watch

    with ExitStack() as held:
        held.enter_context(DirectoryLock(Path(world.settings.directory)))
        daemon = Watch(world.source(), deployment(world.settings))
        signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
        signal.signal(signal.SIGINT, lambda *_: daemon.stop())
        signal.signal(signal.SIGHUP, lambda *_: daemon.resync())
        log.event("starting", version=__version__, directory=world.settings.directory)
        daemon.run()


@fairway.command()
@click.option("-o", "--output", default="", metavar="FILE", help="Write it there instead of printing.")
@click.option("--schema", is_flag=True, help="Print the format's JSON Schema instead.")
@world_options
def snapshot(world: World, output: str, schema: bool) -> None:
    """Print the world as JSON, without secrets: for a bug report, or to replay it with --snapshot."""
    from gen.sources.snapshot import dump, json_schema

    text = json.dumps(json_schema(), indent=2) + "\n" if schema else dump(world.read())
    if not output:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DirectoryError(f"{output} cannot be written: {error.strerror or error}") from error


@fairway.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the table.")
@world_options
def routes(world: World, form: str) -> None:
    """Print the route table: who answers where, with which servers in which state, by whose word."""
    made = make(world)
    rows = table.routes(made.model)
    if form == "json":
        click.echo(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    tell(made.problems)
    for row in rows:
        show_route(row)
    if not rows:
        click.echo("no routes: no workload has a fairway.* label", err=True)


def make(world: World) -> Made:
    """One pass without a proxy at hand; its capabilities are asked where its binary is."""
    from gen.deployment import installed_capabilities, pipeline

    return pipeline(world.settings, installed_capabilities(world.settings)).make(world.read())


def installed(directory: Path) -> dict[str, bytes]:
    """The files of the release that counts, or of a directory that `render -o` wrote."""
    place = directory / "current" if (directory / "current").exists() else directory
    found: dict[str, bytes] = {}
    try:
        candidates = [*place.glob("*.conf"), *place.glob("*.json"), *place.glob("auth/*")]
        for path in candidates:
            found[str(path.relative_to(place))] = path.read_bytes()
    except OSError as error:
        raise DirectoryError(f"{place} cannot be read: {error.strerror or error}") from error
    return found
