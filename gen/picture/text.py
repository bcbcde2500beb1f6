"""Texts of a chart: Mermaid and Graphviz's DOT. Names come from containers, so each has one function that quotes.

Mermaid has no escape inside quotes but entity codes (`#35;`); whatever is not a letter, a digit or a harmless sign
becomes one, so that no directive, comment, link or HTML comes of a name. DOT knows `\\"` and `\\\\` in quoted texts.
"""

from __future__ import annotations

from gen.picture.chart import Box, Chart

_HARMLESS = frozenset(" .-_/:,()=")
_FILL = {"plain": "#eef2f7", "good": "#d9f2e1", "warn": "#fdf0cf", "bad": "#fadcd9"}


def plain(text: str) -> str:
    """One line without control characters, surrogates and what turns the direction of writing."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def mermaid_word(text: str) -> str:
    """A text between quotes."""
    safe = (c if (c.isascii() and c.isalnum()) or c in _HARMLESS else f"#{ord(c)};" for c in plain(text))
    return f'"{"".join(safe)}"'


def dot_word(text: str) -> str:
    """A quoted text, of which no part is an escape of Graphviz's (`\\N`, `\\l`)."""
    return '"' + plain(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def mermaid(chart: Chart) -> str:
    """A flowchart, as Markdown pages show it."""
    lines = ["flowchart LR"]
    for column in chart.columns:
        lines += [f"  {box.key}[{mermaid_word(_shown(box))}]:::{box.mood}" for box in column.boxes]
    lines += [f"  {start} --- {end}" for start, end in chart.lines]
    lines += [f"  classDef {mood} fill:{fill},stroke:#667788,color:#112233" for mood, fill in _FILL.items()]
    return "\n".join(lines) + "\n"


def dot(chart: Chart) -> str:
    """A graph for Graphviz, one rank for each column."""
    lines = ["graph fairway {", "  rankdir=LR;", '  node [shape=box, style="filled,rounded"];']
    for column in chart.columns:
        named = [f'{box.key} [label={dot_word(_shown(box))}, fillcolor="{_FILL[box.mood]}"];' for box in column.boxes]
        lines += ["  { rank=same;", *(f"    {one}" for one in named), "  }"]
    lines += [f"  {start} -- {end};" for start, end in chart.lines]
    return "\n".join([*lines, "}"]) + "\n"


def _shown(box: Box) -> str:
    return f"{box.title} - {box.note}" if box.note else box.title
