"""`fairway plan`: what would change."""

from __future__ import annotations

from pathlib import Path

import click

from gen.cli.passes import installed, make
from gen.cli.show import as_json, clean, paint, tell
from gen.cli.world import World, world_options


@click.command(short_help="Say what would change; exit code 2 if anything would.")
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
