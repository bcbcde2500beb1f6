"""A chart as one HTML file that asks nobody for anything: no script, a strict policy of its own, all text escaped."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from html import escape

from gen.picture.chart import Box, Chart
from gen.picture.text import plain

STYLE = """
:root{color-scheme:light dark}body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;color:#1b2733;background:#fff}
table{border-collapse:collapse;width:100%;table-layout:fixed}td,th{border:1px solid #b8c2cc;padding:.4rem .6rem;
text-align:left;vertical-align:top;overflow-wrap:anywhere}small{display:block;color:#51606f}
.good{border-left:4px solid #2a9d5c;padding-left:.4rem}.warn{border-left:4px solid #c98a00;padding-left:.4rem}
.bad{border-left:4px solid #d0453b;padding-left:.4rem}
@media(prefers-color-scheme:dark){body{color:#e4eaf0;background:#14191f}td,th{border-color:#46525e}small{color:#aab6c2}}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def page(chart: Chart) -> str:
    """The table as a page of its own."""
    return "\n".join([*_head(chart.title), table(chart), "</body></html>"]) + "\n"


def table(chart: Chart) -> str:
    """One row for each route: hosts, route, upstream, servers with their networks."""
    boxes = {box.key: box for column in chart.columns for box in column.boxes}
    after: dict[str, list[str]] = {}
    for start, end in chart.lines:
        after.setdefault(start, []).append(end)
    heads = "".join(f"<th>{escape(column.name)}</th>" for column in chart.columns[:4])
    ways = {key: [boxes[end].title for end in after.get(key, ())] for key in boxes}
    rows = [
        f"<tr>{_cell([first])}{_cell([boxes[second]])}{_cell([boxes[third]])}"
        f"{_cell([_over(boxes[last], ways[last]) for last in after.get(third, ())])}</tr>"
        for first in chart.columns[0].boxes
        for second in after.get(first.key, ())
        for third in after.get(second, ())
    ]
    return "\n".join([f"<table><tr>{heads}</tr>", *rows, "</table>"])


def _over(server: Box, networks: list[str]) -> Box:
    return replace(server, note=f"{server.note} over {', '.join(networks)}" if networks else server.note)


def _head(title: str) -> list[str]:
    policy = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
    return [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>",
    ]


def _cell(boxes: list[Box]) -> str:
    return f"<td>{''.join(map(_box, boxes))}</td>"


def _box(box: Box) -> str:
    note = f"<small>{escape(plain(box.note))}</small>" if box.note else ""
    return f'<div class="{box.mood}">{escape(plain(box.title))}{note}</div>'
