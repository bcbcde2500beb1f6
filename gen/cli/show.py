"""The only way to the terminal: foreign text in which each character can be seen, colours only where a terminal is.

`echo` escapes whatever a command prints: a label is foreign text, which must not move a cursor, forge another line or
reorder one. Line feeds, tabs and colours of a command's own pass.
"""

from __future__ import annotations

import json
import secrets
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import click

from gen import table
from gen.errors import Problem, without_passwords
from gen.settings import environment as variables
from gen.sources.mask import Mask
from gen.values.visible import visible, visible_json

if TYPE_CHECKING:
    from gen.plan.exposure import Exposure

_LONGEST = 2000
_MARK: Final = f"<{secrets.token_hex(16)}:"
"""Begins the name of a colour while a text is on its way; no label can know it."""
_SEQUENCES: Final = {
    "bold": "\x1b[1m",
    "red": "\x1b[31m",
    "green": "\x1b[32m",
    "yellow": "\x1b[33m",
    "cyan": "\x1b[36m",
    "reset": "\x1b[0m",
}
"""SGR sequences of ECMA-48 §8.3.117."""

_mask = Mask()


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a text, each character of it visible."""
    shown = visible(without_passwords(_mask(text)), keep="\n\t")
    for name, sequence in _SEQUENCES.items() if _MARK in shown else ():
        shown = shown.replace(f"{_MARK}{name}>", sequence)
    click.echo(shown, err=err, nl=nl, color=True)


def hide(found: Mask) -> None:
    """Hide, in all that is printed from now on, what a mask hides."""
    global _mask
    _mask = found


def masked(text: str) -> str:
    """A text as it may be written to a file for other readers."""
    return _mask(text)


def echo_bytes(content: bytes) -> None:
    """Print a configuration as it is; no label can bring an invisible character into one."""
    click.echo(content, nl=False)


def echo_usage(error: click.ClickException) -> None:
    """Print an error of usage, which may quote arguments."""
    text = StringIO()
    error.show(file=text)
    echo(text.getvalue(), err=True, nl=False)


def tell(problems: tuple[Problem, ...], *, err: bool = True) -> None:
    for problem in problems:
        color = "red" if problem.severity == "error" else "yellow"
        echo(f"{paint(problem.severity + ':', color, out=not err)} {clean(str(problem))}", err=err)


def clean(text: str) -> str:
    """One line: line feeds are escaped too."""
    return visible(text)


def line_of(text: str) -> str:
    """Clean, and not longer than anybody reads: a label may have ten megabytes."""
    return clean(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def as_json(value: object) -> str:
    """JSON that people may look at too."""
    return visible_json(json.dumps(value, indent=2, ensure_ascii=False))


def count(number: int, what: str) -> str:
    """`1 route`, `2 routes`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def has_color(stream: Any) -> bool:
    return not variables().get("NO_COLOR") and bool(stream.isatty())


def paint(text: str, color: str, *, out: bool = False) -> str:
    """A text in a colour or in bold, for `echo`; the text alone where the stream is no terminal."""
    if not has_color(sys.stdout if out else sys.stderr):
        return text
    return f"{_MARK}{color}>{text}{_MARK}reset>"


def show_route(row: table.RouteRow, *, names_owner: bool = False) -> None:
    """One route over a few lines."""
    where = ", ".join(f"{host}{row.path}" for host in row.hosts)
    behind = f"  [{'; '.join(row.conditions)}]" if row.conditions else ""
    echo(paint(clean(where), "bold", out=True) + clean(f"{behind}  on {', '.join(row.listeners) or 'nothing'}"))
    if row.withheld:
        echo(paint(clean(f"  withheld: {row.withheld}"), "red", out=True))
    echo(f"  upstream  {clean(row.upstream)}")
    for one in row.servers or ("none: answers 503",):
        echo(f"  server    {clean(one)}")
    for one in row.policies:
        echo(f"  policy    {clean(one)}")
    if names_owner:
        echo(f"  owner     {clean(row.owner)}")
    echo(f"  from      {clean(', '.join(row.origins))}")


def show_exposures(found: tuple[Exposure, ...]) -> None:
    """Prints where more clients would reach a server, and what would change its owner."""
    if found:
        echo(paint("Exposure:", "red", out=True))
    for one in found:
        echo(paint(f"! {clean(str(one))}", "red", out=True))
    if found:
        echo()
