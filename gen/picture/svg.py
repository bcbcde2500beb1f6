"""SVG of a chart: boxes of one size in columns, placed by rule alone, so that equal charts give equal bytes.

What is too long for its box is cut and stands whole in the box's title, which browsers show under the pointer.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import drawsvg

from gen.picture.chart import Box, Chart
from gen.picture.text import plain

WIDTH, HEIGHT, GAP, BETWEEN, TOP, SIDE = 290, 44, 10, 90, 70, 20
CELLS = 36
"""So many cells of the note's font (monospaced, 7 px a cell at 11 px) fit into a box."""

_STYLE = """
svg{background:#fff;font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:11px;fill:#1b2733}
.box{stroke:#8795a5;fill:#f2f5f8}.good{fill:#dff3e6}.warn{fill:#fdf1d3}.bad{fill:#fbe0dd}
.note{fill:#51606f}.head{font-size:14px;font-weight:bold}.line{fill:none;stroke:#a3afbc}
@media(prefers-color-scheme:dark){svg{background:#14191f;fill:#e4eaf0}.box{stroke:#5b6a79;fill:#212a33}
.good{fill:#1c3b29}.warn{fill:#463a17}.bad{fill:#4d2522}.note{fill:#aab6c2}.line{stroke:#566370}}
"""


def svg(chart: Chart) -> str:
    """The whole file."""
    places = _places(chart)
    columns = len(chart.columns)
    width = 2 * SIDE + columns * WIDTH + max(columns - 1, 0) * BETWEEN
    bottom = max((y for _, y in places.values()), default=TOP) + HEIGHT
    drawing: Any = drawsvg.Drawing(width, bottom + SIDE, id_prefix="f")
    drawing.append_css(_STYLE)
    drawing.append_title(chart.title)
    for start, end in chart.lines:
        drawing.append(_line(places[start], places[end]))
    for at, column in enumerate(chart.columns):
        drawing.append(_text(f"{column.name} ({len(column.boxes)})", SIDE + at * (WIDTH + BETWEEN), 40, "head"))
        for box in column.boxes:
            drawing.append(_box(box, *places[box.key]))
    return str(drawing.as_svg()) + "\n"


def _places(chart: Chart) -> dict[str, tuple[int, int]]:
    """The upper left corner of each box: the longest column as it is, the others beside what they lead to."""
    heights: dict[str, int] = {}
    longest = max(range(len(chart.columns)), key=lambda at: len(chart.columns[at].boxes), default=0)
    near: dict[str, list[str]] = {}
    for start, end in chart.lines:
        near.setdefault(start, []).append(end)
        near.setdefault(end, []).append(start)
    for at in (longest, *range(longest - 1, -1, -1), *range(longest + 1, len(chart.columns))):
        heights |= _stacked(chart.columns[at].boxes, near, heights)
    return {
        box.key: (SIDE + at * (WIDTH + BETWEEN), heights[box.key])
        for at, column in enumerate(chart.columns)
        for box in column.boxes
    }


def _stacked(boxes: tuple[Box, ...], near: dict[str, list[str]], heights: dict[str, int]) -> dict[str, int]:
    """One column: each box as high as the middle of those that it is tied to, or below the one before."""
    wanted: dict[str, int] = {}
    for box in boxes:
        tied = [heights[key] for key in near.get(box.key, ()) if key in heights]
        wanted[box.key] = sum(tied) // len(tied) if tied else TOP
    free, found = TOP, {}
    for key in sorted(wanted, key=wanted.__getitem__):
        found[key] = max(free, wanted[key])
        free = found[key] + HEIGHT + GAP
    return found


def _line(start: tuple[int, int], end: tuple[int, int]) -> Any:
    x, y, u, v = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    middle = (x + u) // 2
    return drawsvg.Path(class_="line").M(x, y).C(middle, y, middle, v, u, v)


def _box(box: Box, x: int, y: int) -> Any:
    group = drawsvg.Group()
    group.append_title(plain(f"{box.title} - {box.note}" if box.note else box.title))
    group.append(drawsvg.Rectangle(x, y, WIDTH, HEIGHT, rx=6, class_=f"box {box.mood}"))
    group.append(_text(cut(box.title), x + 12, y + (18 if box.note else 27), "title"))
    if box.note:
        group.append(_text(cut(box.note), x + 12, y + 35, "note"))
    return group


def _text(text: str, x: int, y: int, kind: str) -> Any:
    return drawsvg.Text(text, None, x, y, class_=kind)


def cut(text: str, cells: int = CELLS) -> str:
    """As much of a text as fits; wide characters (and whatever might be wide) take two cells."""
    text, taken, kept = plain(text), 0, ""
    if sum(map(_cells, text)) <= cells:
        return text
    for character in text:
        taken += _cells(character)
        if taken > cells - 1:
            break
        kept += character
    return kept + "…"


def _cells(character: str) -> int:
    return 1 if character.isascii() or unicodedata.east_asian_width(character) in ("Na", "H") else 2
