"""SVG of a chart: boxes of one size in columns, placed by rule alone, so that equal charts give equal bytes.

What is too long for its box is cut and stands whole in the box's title, which browsers show under the pointer.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import drawsvg

from gen.picture.chart import Box, Chart
from gen.picture.text import plain

HEIGHT, GAP, TOP, SIDE = 44, 10, 70, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """`width` of a box, `between` columns; so many `cells` of the font (monospaced, 7.3 px a cell) fit into a box."""

    width: int
    between: int
    cells: int


ROOMY: Final = Sizes(width=290, between=90, cells=36)
TIGHT: Final = Sizes(width=200, between=40, cells=24)

STYLE: Final = """
svg{background:#fff;font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:12px;fill:#1b2733}
svg .box{stroke:#8795a5;fill:#f2f5f8}svg .good{fill:#dff3e6}svg .warn{fill:#fdf1d3}svg .bad{fill:#fbe0dd}
svg .note{fill:#51606f}svg .head{font-size:14px;font-weight:bold}svg .line{fill:none;stroke:#a3afbc}
@media(prefers-color-scheme:dark){svg{background:#14191f;fill:#e4eaf0}svg .box{stroke:#5b6a79;fill:#212a33}
svg .good{fill:#1c3b29}svg .warn{fill:#463a17}svg .bad{fill:#4d2522}svg .note{fill:#aab6c2}svg .line{stroke:#566370}}
"""


def svg(chart: Chart) -> str:
    """The whole file."""
    drawing = _drawing(chart, ROOMY)
    drawing.append_css(STYLE)
    return str(drawing.as_svg()) + "\n"


def inline(chart: Chart) -> str:
    """For a page that has `STYLE` among its own."""
    return str(_drawing(chart, TIGHT).as_svg(header=""))


def _drawing(chart: Chart, sizes: Sizes) -> Any:
    places = _places(chart, sizes.width + sizes.between)
    columns = len(chart.columns)
    width = 2 * SIDE + columns * sizes.width + max(columns - 1, 0) * sizes.between
    bottom = max((y for _, y in places.values()), default=TOP) + HEIGHT
    drawing: Any = drawsvg.Drawing(width, bottom + SIDE, id_prefix="f")
    drawing.append_title(chart.title)
    for start, end in chart.lines:
        drawing.append(_line(places[start], places[end], sizes))
    for at, column in enumerate(chart.columns):
        drawing.append(
            _text(f"{column.name} ({len(column.boxes)})", SIDE + at * (sizes.width + sizes.between), 40, "head")
        )
        for box in column.boxes:
            drawing.append(_box(box, places[box.key], sizes))
    return drawing


def _places(chart: Chart, step: int) -> dict[str, tuple[int, int]]:
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
        box.key: (SIDE + at * step, heights[box.key]) for at, column in enumerate(chart.columns) for box in column.boxes
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


def _line(start: tuple[int, int], end: tuple[int, int], sizes: Sizes) -> Any:
    x, y, u, v = start[0] + sizes.width, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    middle = (x + u) // 2
    return drawsvg.Path(class_="line").M(x, y).C(middle, y, middle, v, u, v)


def _box(box: Box, place: tuple[int, int], sizes: Sizes) -> Any:
    x, y = place
    group = drawsvg.Group()
    group.append_title(plain(f"{box.title} - {box.note}" if box.note else box.title))
    group.append(drawsvg.Rectangle(x, y, sizes.width, HEIGHT, rx=6, class_=f"box {box.mood}"))
    group.append(_text(cut(box.title, sizes.cells), x + 12, y + (18 if box.note else 27), "title"))
    if box.note:
        group.append(_text(cut(box.note, sizes.cells), x + 12, y + 35, "note"))
    return group


def _text(text: str, x: int, y: int, kind: str) -> Any:
    return drawsvg.Text(text, None, x, y, class_=kind)


def cut(text: str, cells: int = ROOMY.cells) -> str:
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
