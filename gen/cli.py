"""The commands; the only place that prints.

Exit codes: 0 fine; 1 `check` found errors; 2 `plan` found changes; 64 wrong usage; the others stand in gen/errors.py.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from gen import __version__, log, table
from gen.errors import DirectoryError, FairwayError, Problem
from gen.settings import Settings, load
from gen.sources import Source

F = TypeVar("F", bound=Callable[..., Any])
USAGE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What every command is given: settings, and where to read the world from."""

    settings: Settings
    files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    project: str = ""
    snapshot: str = ""
    docker: str = ""

    def source(self) -> Source:
        """The source that was asked for; Docker when none was."""
        if self.files:
            from gen.sources.compose import ComposeSource

            return ComposeSource(self.files, os.environ, profiles=self.profiles, project=self.project)
        if self.snapshot:
            from gen.sources.snapshot import SnapshotSource

            return SnapshotSource(self.snapshot)
        from gen.sources.docker import DockerSource

        return DockerSource(
            self.docker or None,
            os.environ,
            proxy_container=self.settings.nginx_container.removeprefix("label="),
            resync=self.settings.resync.seconds,
        )


def main() -> NoReturn:
    """The entry point: errors become one clear line and their exit code."""
    try:
        code = fairway.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = USAGE
    except FairwayError as error:
        click.echo(f"{_paint('error:', 'red')} {_clean(str(error))}", err=True)
        if error.hint:
            click.echo(f"  {_paint('hint:', 'cyan')} {_clean(error.hint)}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    sys.exit(code if isinstance(code, int) else 0)


def world_options(command: F) -> F:
    """The options of every command: sources, proxy and settings."""

    @wraps(command)
    def wrapped(**options: Any) -> Any:
        return command(world=_world(options), **options)

    for decorate in reversed(_OPTIONS):
        wrapped = decorate(wrapped)
    return wrapped  # type: ignore[return-value]


_OPTIONS = (
    click.option("-f", "--file", "files", multiple=True, metavar="COMPOSE", help="Read these compose files."),
    click.option("--profile", "profiles", multiple=True, metavar="NAME", help="Compose profiles to switch on."),
    click.option("--project", default="", metavar="NAME", help="The compose project's name."),
    click.option("--snapshot", default="", metavar="FILE", help="Read a snapshot ('-' for standard input)."),
    click.option(
        "--docker",
        is_flag=False,
        flag_value="default",
        default="",
        metavar="[URL]",
        help="Read a Docker Engine: unix://, tcp:// or ssh://. Without URL, or without any source: as the Docker CLI.",
    ),
    click.option("--proxy", default="", metavar="NAME", help="nginx"),
    click.option("--settings", "file", default=None, metavar="FILE", help="Settings; ./fairway.yml when it is there."),
    click.option("--directory", default="", metavar="DIR", help="Where releases are installed (a setting)."),
    click.option("--certificates", default="", metavar="DIR", help="Certificates with their keys (a setting)."),
    click.option("--set", "flags", multiple=True, metavar="KEY=VALUE", help="Any setting, such as listeners=web=8080."),
    click.option("--log-format", default="", metavar="text|json", help="How the log on stderr looks (a setting)."),
    click.option("-v", "--verbose", is_flag=True, help="Log what is otherwise left out."),
)


def _world(options: dict[str, Any]) -> World:
    """Takes the common options out of a command's own."""
    docker = options.pop("docker")
    sources = [name for name, given in (("-f", options["files"]), ("--snapshot", options["snapshot"])) if given]
    if len(sources) + bool(docker) > 1:
        raise click.UsageError(f"one source at a time: {', '.join(sources + ['--docker'] * bool(docker))}")
    flags: list[tuple[str, str]] = []
    for text in options.pop("flags"):
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"--set {text!r}: write KEY=VALUE, for example --set listeners=web=8080")
        flags.append((name, value))
    named = {name: options.pop(name) for name in ("proxy", "directory", "certificates", "log_format")}
    flags += [(name, value) for name, value in named.items() if value]
    flags += [("log_level", "debug")] * bool(options.pop("verbose"))
    settings = load(file=options.pop("file"), flags=flags)
    settings = replace(
        settings,
        **{
            name: str(Path(getattr(settings, name)).absolute())
            for name in ("certificates", "templates", "user_files", "acme_webroot")
            if getattr(settings, name)
        },
    )
    log.configure(settings.log_format, settings.log_level, color=_has_color(sys.stderr))
    taken = {name: options.pop(name) for name in ("files", "profiles", "project", "snapshot")}
    return World(settings=settings, docker="" if docker == "default" else docker, **taken)


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
    made = _made(world)
    _tell(made.problems)
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
        made = trial.pipeline.make(_read(world), trial.verdict if trial.can_check else None)
        checked = trial.can_check
    if form == "json":
        shown = {"checked_by_proxy": checked, "problems": [asdict(problem) for problem in made.problems]}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        _tell(made.problems, err=False)
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

    made = _made(world)
    found = planned(_installed(Path(world.settings.directory)), made.bundle)
    if form == "json":
        changes = [{"sign": c.sign, "what": c.what, "detail": c.detail} for c in found.changes]
        shown = {"digest": found.digest, "changes": changes, "diff": found.diff}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        _tell(made.problems)
        for change in found.changes:
            click.echo(_paint(_clean(str(change)), {"+": "green", "-": "red", "~": "yellow"}[change.sign], out=True))
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

    text = json.dumps(json_schema(), indent=2) + "\n" if schema else dump(_read(world))
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
    made = _made(world)
    rows = table.routes(made.model)
    if form == "json":
        click.echo(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    _tell(made.problems)
    for row in rows:
        _show(row)
    if not rows:
        click.echo("no routes: no workload has a fairway.* label", err=True)


def _show(row: table.RouteRow) -> None:
    """One route over a few lines."""
    where = ", ".join(f"{host}{row.path}" for host in row.hosts)
    behind = f"  [{'; '.join(row.conditions)}]" if row.conditions else ""
    click.echo(
        _paint(_clean(where), "bold", out=True) + _clean(f"{behind}  on {', '.join(row.listeners) or 'nothing'}")
    )
    if row.withheld:
        click.echo(_paint(_clean(f"  withheld: {row.withheld}"), "red", out=True))
    click.echo(f"  upstream  {_clean(row.upstream)}")
    for one in row.servers or ("none: answers 503",):
        click.echo(f"  server    {_clean(one)}")
    for one in row.policies:
        click.echo(f"  policy    {_clean(one)}")
    click.echo(f"  from      {_clean(', '.join(row.origins))}")


def _read(world: World) -> Any:
    source = world.source()
    try:
        return source.read()
    finally:
        source.close()


def _made(world: World) -> Any:
    """One pass without a proxy at hand; its capabilities are asked where its binary is."""
    from gen.deployment import installed_capabilities, pipeline

    return pipeline(world.settings, installed_capabilities(world.settings)).make(_read(world))


def _installed(directory: Path) -> dict[str, bytes]:
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


def _tell(problems: tuple[Problem, ...], *, err: bool = True) -> None:
    for problem in problems:
        color = "red" if problem.severity == "error" else "yellow"
        click.echo(f"{_paint(problem.severity + ':', color, out=not err)} {_clean(str(problem))}", err=err)


def _clean(text: str) -> str:
    """What people see must not move their cursor: labels are foreign text."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def _has_color(stream: Any) -> bool:
    return not os.environ.get("NO_COLOR") and bool(stream.isatty())


def _paint(text: str, color: str, *, out: bool = False) -> str:
    if not _has_color(sys.stdout if out else sys.stderr):
        return text
    return click.style(text, bold=True) if color == "bold" else click.style(text, fg=color)
