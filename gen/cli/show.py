"""How things look on a terminal: colours only where one is, foreign text without control characters."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from gen import table
from gen.errors import Problem
from gen.settings import environment as variables

_LONGEST = 2000


def tell(problems: tuple[Problem, ...], *, err: bool = True) -> None:
    for problem in problems:
        color = "red" if problem.severity == "error" else "yellow"
        click.echo(f"{paint(problem.severity + ':', color, out=not err)} {clean(str(problem))}", err=err)


def clean(text: str) -> str:
    """One line that cannot move a cursor, forge another line or change colours: labels are foreign text."""
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def line_of(text: str) -> str:
    """Clean, and not longer than anybody reads: a label may have ten megabytes."""
    return clean(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def as_json(value: object) -> str:
    """JSON that people may look at too."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def count(number: int, what: str) -> str:
    """`1 route`, `2 routes`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _escaped(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def has_color(stream: Any) -> bool:
    return not variables().get("NO_COLOR") and bool(stream.isatty())


def paint(text: str, color: str, *, out: bool = False) -> str:
    if not has_color(sys.stdout if out else sys.stderr):
        return text
    return click.style(text, bold=True) if color == "bold" else click.style(text, fg=color)


def show_route(row: table.RouteRow) -> None:
    """One route over a few lines."""
    where = ", ".join(f"{host}{row.path}" for host in row.hosts)
    behind = f"  [{'; '.join(row.conditions)}]" if row.conditions else ""
    click.echo(paint(clean(where), "bold", out=True) + clean(f"{behind}  on {', '.join(row.listeners) or 'nothing'}"))
    if row.withheld:
        click.echo(paint(clean(f"  withheld: {row.withheld}"), "red", out=True))
    click.echo(f"  upstream  {clean(row.upstream)}")
    for one in row.servers or ("none: answers 503",):
        click.echo(f"  server    {clean(one)}")
    for one in row.policies:
        click.echo(f"  policy    {clean(one)}")
    click.echo(f"  from      {clean(', '.join(row.origins))}")
