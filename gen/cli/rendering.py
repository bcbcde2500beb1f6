"""`fairway render` and `fairway snapshot`: what the proxy is told, and what was read, as they are."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gen.cli.passes import make, write, write_private
from gen.cli.show import echo, echo_bytes, tell
from gen.cli.world import World, world_options
from gen.errors import DirectoryError


@click.command(short_help="Print the proxy's configuration.")
@click.option("-o", "--output", default="", metavar="DIR", help="Write the files there instead of printing.")
@world_options
def render(world: World, output: str) -> None:
    """Print the configuration of nginx or HAProxy that the labels ask for, or write all files to a directory.

    Nothing is installed, and nothing that runs is touched. The same labels give the same bytes; what the proxy on
    this machine can do is asked of it, unless proxy_features=baseline is set. Problems go to stderr. The files hold
    secrets: only this user can read them (mode 0600), whatever the umask is.
    """
    made = make(world)
    tell(made.problems)
    if not output:
        echo_bytes(next(file.content for file in made.bundle.files if file.name == made.bundle.main))
        return
    place = Path(output)
    try:
        for file in made.bundle.files:
            target = place / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            write_private(target, file.content)
    except OSError as error:
        raise DirectoryError(f"{place} cannot be written: {error.strerror or error}") from error
    echo(f"{len(made.bundle.files)} files in {place}, release {made.bundle.digest[:12]}", err=True)


@click.command(short_help="Print what was read as JSON, without secrets.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write it there instead of printing.")
@click.option("--schema", is_flag=True, help="Print the format's JSON Schema instead.")
@world_options
def snapshot(world: World, output: str, schema: bool) -> None:
    """Print what was read (workloads, labels, addresses) as JSON, without secrets.

    For a bug report, or to be read again by --snapshot FILE. Of other labels it keeps those from which owners are
    derived: the project, the stack, and KEY where the setting owner is label:KEY.
    """
    from gen.sources.snapshot import dump, json_schema

    if schema:
        write(json.dumps(json_schema(), indent=2) + "\n", output)
        return
    write(dump(world.read(), owner_label=world.settings.owner.key), output, is_private=True)
