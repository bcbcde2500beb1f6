"""`fairway check`: what is wrong with the labels, and whether the proxy would take them."""

from __future__ import annotations

from dataclasses import asdict

import click

from gen.cli.show import as_json, count, tell
from gen.cli.world import World, world_options


@click.command(short_help="Say what is wrong; exit code 1 if anything is.")
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
