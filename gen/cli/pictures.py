"""The commands that show who answers where and over which network, and draw it."""

from __future__ import annotations

from dataclasses import asdict

import click

from gen import table
from gen.cli.passes import make, write
from gen.cli.show import as_json, clean, echo, paint, show_route, tell
from gen.cli.world import World, world_options
from gen.picture.chart import of_networks
from gen.picture.links import Link, Networks, Segment
from gen.picture.links import networks as networks_of
from gen.picture.text import dot, mermaid
from gen.pipeline import Made

_ROUTES = click.Choice(["text", "json", "svg", "html"])
_NETWORKS = click.Choice(["table", "json", "mermaid", "svg", "dot"])


@click.command(short_help="Print who answers where.")
@click.option("--format", "form", type=_ROUTES, default="text", help="A table, data, or a picture.")
@click.option(
    "-o", "--output", default="", metavar="FILE", help="With svg and html: write it there instead of printing."
)
@world_options
def routes(world: World, form: str, output: str) -> None:
    """Print who answers where: each route with its conditions, servers, policies, owner, and the workloads whose labels
    declare it. Text names owners only where there are two or more.

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
        echo(as_json([asdict(row) for row in rows]))
        return
    tell(made.problems)
    names_owner = table.has_several_owners(made.model)
    for row in rows:
        show_route(row, names_owner=names_owner)
    if not rows:
        echo("no routes: label a container, for example fairway.host=shop.example.com", err=True)


def _drawn(made: Made, form: str) -> str:
    from gen.picture.chart import of_routes
    from gen.picture.page import page
    from gen.picture.svg import svg

    return {"svg": svg, "html": page}[form](of_routes(made.state, made.model))


@click.command(short_help="Print who is on which network, and what is reached over it.")
@click.option("--format", "form", type=_NETWORKS, default="table", help="A table, data, or a graph.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write it there instead of printing.")
@world_options
def networks(world: World, form: str, output: str) -> None:
    """Print the networks: who is on them, what the proxy reaches, which route goes over which, what is not reached.

    What is not reached stands there with the reason and what to do about it. It needs no engine:
    -f and --snapshot will do.
    """
    made = make(world)
    found = networks_of(made.state, made.model, made.joins)
    if form != "table":
        tell(made.problems)
    write(_spelled(found, form, names_owner=table.has_several_owners(made.model)), output)


def _spelled(found: Networks, form: str, *, names_owner: bool) -> str:
    if form == "json":
        return as_json({"version": 1, **asdict(found)}) + "\n"
    if form == "table":
        return "\n".join(_table(found, names_owner=names_owner)) + "\n"
    if form == "svg":
        from gen.picture.svg import svg

        return svg(of_networks(found))
    return {"mermaid": mermaid, "dot": dot}[form](of_networks(found))


def _table(found: Networks, *, names_owner: bool) -> list[str]:
    """The networks with those on them, then what is not reached."""
    rows = [("NETWORK", "DRIVER", "REACHED", "INSTANCE", "ADDRESS", "ROUTES")]
    for segment in found.segments:
        rows += _rows(segment, found, names_owner=names_owner)
    widths = [max(len(clean(row[at])) for row in rows) for at in range(len(rows[0]))]
    lines = ["  ".join(clean(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines = [line.rstrip() for line in lines]
    for name, since in found.away:
        told = f"engine {name} since {since}; what it said last is shown"
        lines += ["", f"{paint('away:', 'yellow', out=True)} {clean(told)}"]
    for one in found.unreached:
        lines += ["", f"{paint('not reached:', 'red', out=True)} {clean(one.instance)}", f"  {clean(one.reason)}"]
        lines += [f"  hint: {clean(one.hint)}"] * bool(one.hint)
    return lines


def _rows(segment: Segment, found: Networks, *, names_owner: bool) -> list[tuple[str, str, str, str, str, str]]:
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
            "yes" if segment.reachable else "once joined" if segment.joins else "no",
            name,
            at or "-",
            "; ".join(sorted({_route(link, names_owner) for link in here if link.instance == name})) or "-",
        )
        for name, at in members
    ]


def _route(link: Link, names_owner: bool) -> str:
    return f"{link.route} (owner {link.owner})" if names_owner else link.route
