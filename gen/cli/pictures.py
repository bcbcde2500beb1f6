"""The commands that draw: what `gen/picture/` makes of one pass, printed or written to a file."""

from __future__ import annotations

from dataclasses import asdict

import click

from gen.cli.commands import fairway, make, write
from gen.cli.show import as_json, clean, paint, tell
from gen.cli.world import World, world_options
from gen.picture.chart import of_networks
from gen.picture.links import Networks, Segment
from gen.picture.links import networks as networks_of
from gen.picture.text import dot, mermaid

__all__ = ["fairway"]
_FORMATS = click.Choice(["table", "json", "mermaid", "svg", "dot"])


@fairway.command(short_help="Print who is on which network, and what is reached over it.")
@click.option("--format", "form", type=_FORMATS, default="table", help="A table, data, or a graph.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write it there instead of printing.")
@world_options
def networks(world: World, form: str, output: str) -> None:
    """Print the networks: who is on them, what the proxy reaches, which route goes over which, what is not reached.

    What is not reached stands there with the reason and what to do about it. It needs no engine:
    -f and --snapshot will do.
    """
    made = make(world)
    found = networks_of(made.state, made.model)
    if form != "table":
        tell(made.problems)
    write(_spelled(found, form), output)


def _spelled(found: Networks, form: str) -> str:
    if form == "json":
        return as_json({"version": 1, **asdict(found)}) + "\n"
    if form == "table":
        return "\n".join(_table(found)) + "\n"
    if form == "svg":
        from gen.picture.svg import svg

        return svg(of_networks(found))
    return {"mermaid": mermaid, "dot": dot}[form](of_networks(found))


def _table(found: Networks) -> list[str]:
    """The networks with those on them, then what is not reached."""
    rows = [("NETWORK", "DRIVER", "REACHED", "INSTANCE", "ADDRESS", "ROUTES")]
    for segment in found.segments:
        rows += _rows(segment, found)
    widths = [max(len(clean(row[at])) for row in rows) for at in range(len(rows[0]))]
    lines = ["  ".join(clean(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines = [line.rstrip() for line in lines]
    for one in found.unreached:
        lines += ["", f"{paint('not reached:', 'red', out=True)} {clean(one.instance)}", f"  {clean(one.reason)}"]
        lines += [f"  hint: {clean(one.hint)}"] * bool(one.hint)
    return lines


def _rows(segment: Segment, found: Networks) -> list[tuple[str, str, str, str, str, str]]:
    driver = f"{segment.driver or '-'}{', internal' * segment.internal}"
    driver += f" {segment.gateway}" if segment.gateway else ""
    here = [link for link in found.links if link.network == segment.name]
    members = [(member.instance, member.host) for member in segment.members]
    if not members:
        members = sorted({(link.instance, link.server) for link in here}) or [("-", "")]
    return [
        (
            segment.name,
            driver,
            "yes" if segment.reachable else "no",
            name,
            at or "-",
            "; ".join(sorted({link.route for link in here if link.instance == name})) or "-",
        )
        for name, at in members
    ]
