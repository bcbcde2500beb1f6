"""`fairway diff`: two nginx configurations by what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby

import click

from gen.cli.show import as_json, clean, count, echo, paint
from gen.compare import Difference, Kind, compare
from gen.errors import InputError

_COLORS: dict[Kind, str] = {"added": "green", "removed": "red", "changed": "yellow", "moved": "cyan"}


@click.command(short_help="Compare two nginx configurations by meaning.")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print differences.")
def diff(before: str, after: str, form: str) -> int:
    """Compare two nginx configurations by meaning: files, directories with an nginx.conf or a release in `current`, or
    what `nginx -T` printed (-: on the standard input).

    Included files are read. Servers are known by their names and ports, locations by their match; comments, quotes,
    layout, and order where it does not count for nginx, make no difference. For who comes from another generator:
    what would Fairway's configuration do otherwise? Servers come first, then pools, then the rest.

    \b
    docker exec nginx-proxy nginx -T | fairway diff - ours

    \b
    + added  - removed  ~ changed  > moved
    Exit code 0: they mean the same.  2: they do not.
    """
    from gen.cli.configs import parsed

    if before == after == "-":
        raise click.UsageError("only one of both can be read from the standard input")
    try:
        found = compare(parsed(before), parsed(after))
    except RecursionError:
        raise InputError("blocks are nested too deeply") from None
    if form == "json":
        echo(as_json([asdict(one) for one in found]))
    else:
        for line in _told(found):
            echo(line)
        echo(_summary(found), err=True)
    return 2 if found else 0


def _told(found: tuple[Difference, ...]) -> Iterator[str]:
    """A place, and what is otherwise in it."""
    for place, group in groupby(found, key=lambda one: one.place):
        yield paint(clean(place), "bold", out=True)
        for one in group:
            yield paint(clean(f"  {one.mark} {one.what}"), _COLORS[one.kind], out=True)


def _summary(found: tuple[Difference, ...]) -> str:
    if not found:
        return "they mean the same"
    kinds = Counter(one.kind for one in found)
    told = ", ".join(f"{kinds[kind]} {kind}" for kind in _COLORS if kinds[kind])
    return f"{count(len(found), 'difference')}: {told}"
