"""`fairway diff`: two nginx configurations by what they mean."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gen.cli.show import as_json, clean, paint
from gen.compare import compare
from gen.errors import InputError

_COLORS = {"added": "green", "removed": "red", "changed": "yellow", "moved": "cyan"}
_MAIN = "nginx.conf"
_MOST_ERRORS = 5


@click.command(short_help="Compare two nginx configurations by meaning.")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print differences.")
def diff(before: str, after: str, form: str) -> int:
    """Compare two nginx configurations by meaning: files, or directories with an nginx.conf or a release in `current`.

    Included files are read. Servers are known by their names and ports, locations by their match; comments, quotes,
    layout, and order where it does not count for nginx, make no difference. For who comes from another generator:
    what would Fairway's configuration do otherwise?

    \b
    + added  - removed  ~ changed  > moved
    Exit code 0: they mean the same.  2: they do not.
    """
    found = compare(_parsed(before), _parsed(after))
    if form == "json":
        click.echo(as_json([asdict(one) for one in found]))
    else:
        for one in found:
            click.echo(paint(clean(str(one)), _COLORS[one.kind], out=True))
        if not found:
            click.echo("they mean the same", err=True)
    return 2 if found else 0


def _parsed(name: str) -> list[dict[str, Any]]:
    """The directives, with those of included files in their place."""
    import crossplane

    path = _file(Path(name))
    try:
        payload = crossplane.parse(str(path), combine=True, comments=False, catch_errors=True)
    except (OSError, UnicodeError, RecursionError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if payload["errors"]:
        wrong = [f"{one['file']}: {one['error']}" for one in payload["errors"][:_MOST_ERRORS]]
        raise InputError("; ".join(wrong), hint="is it a whole configuration, with the files that it includes?")
    return [each for config in payload["config"] for each in config["parsed"]]


def _file(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path}: there is no such file or directory")
    if not path.is_dir():
        return path
    for place in (path / "current" / _MAIN, path / _MAIN):
        if place.is_file():
            return place
    raise InputError(f"{path}: there is no {_MAIN} in it, and no release", hint="name the file")
