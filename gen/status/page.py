"""Board → one HTML page: how it stands, problems with their blame, who answers where, the last releases.

It looks like the pictures, asks nobody for anything and has no script; it loads itself anew. All text is escaped. Of a
large world the first routes are shown, or those in which a word occurs.
"""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import replace
from html import escape
from typing import Final
from urllib.parse import quote

from gen.apply import Applied, Unchanged
from gen.errors import Problem
from gen.model import Model, Route, StreamRoute
from gen.picture.chart import of_routes
from gen.picture.links import route_name
from gen.picture.page import STYLE, table
from gen.picture.text import plain
from gen.pipeline import Made
from gen.status.board import Board, Entry, Standing

REFRESH: Final = 5
"""Seconds."""
MOST: Final = 200
_MORE_STYLE = """
main{max-width:90rem;margin:auto}ul{padding-left:1.2rem}li{overflow-wrap:anywhere}
input{font:inherit;padding:.2rem .4rem}
@media(max-width:40rem){body{margin:.6rem}table,tbody,tr,td{display:block}th{display:none}td{border-top:0}
tr{border-top:2px solid;margin-bottom:.6rem}}
"""
_BOTH = STYLE + _MORE_STYLE
_HASH = base64.b64encode(hashlib.sha256(_BOTH.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def page(board: Board, *, query: str = "", now: float) -> str:
    """All of it. `query`: a word that the names of shown routes have; `now`: UTC seconds since 1970."""
    standing = board.standing
    parts = [_standing(standing, now)]
    if standing.made is not None:
        parts += [_problems(standing.made.problems), _routes(standing.made, query)]
    parts.append(_releases(board.releases))
    again = f"{REFRESH};url=?q={quote(query)}" if query else str(REFRESH)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{escape(again)}">'
        '<meta name="viewport" content="width=device-width"><title>Fairway</title>'
        f"<style>{_BOTH}</style></head><body><main><h1>Fairway</h1>{''.join(parts)}</main></body></html>\n"
    )


def _text(text: str) -> str:
    return escape(plain(text))


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _standing(standing: Standing, now: float) -> str:
    if standing.in_sync:
        mood, told = "good", f"In sync: the proxy serves release {standing.confirmed[:12]}"
    elif standing.confirmed:
        mood, told = "bad", f"Out of sync: {standing.trouble}; release {standing.confirmed[:12]} is served"
    else:
        mood, told = "bad", standing.trouble or "The first release is not served yet"
    since = f"<small>confirmed {now - standing.confirmed_at:.0f} seconds ago</small>" if standing.confirmed else ""
    links = (
        '<small><a href="networks.svg">networks</a> · <a href="routes.svg">routes</a> · <a href="metrics">metrics</a>'
    )
    return f'<div class="{mood}">{_text(told)}{since}{links}</small></div>'


def _problems(problems: tuple[Problem, ...]) -> str:
    if not problems:
        return ""
    moods = {"error": "bad", "warning": "warn"}
    items = [f'<li class="{moods[one.severity]}">{_text(str(one))}</li>' for one in problems[:MOST]]
    more = [f"<li>and {len(problems) - MOST} more</li>"] * (len(problems) > MOST)
    return f'<h2 id="problems">Problems</h2><ul>{"".join((*items, *more))}</ul>'


def _routes(made: Made, query: str) -> str:
    every: tuple[Route | StreamRoute, ...] = (*made.model.routes, *made.model.streams)
    found = [route for route in every if query.lower() in route_name(route).lower()]
    shown = frozenset(route.id for route in found[:MOST])
    told = f"{len(found)} of {len(every)}" + (f", the first {MOST} here" if len(found) > MOST else "")
    ask = f'<form><input name="q" value="{escape(query)}" aria-label="word" placeholder="a word"> {told}</form>'
    return f'<h2 id="routes">Routes</h2>{ask}{table(of_routes(made.state, _part(made.model, shown)))}'


def _part(model: Model, shown: frozenset[str]) -> Model:
    """Those routes alone, with what they use."""
    routes = tuple(route for route in model.routes if route.id in shown)
    streams = tuple(route for route in model.streams if route.id in shown)
    used = {route.upstream for route in routes} | {route.upstream for route in streams}
    upstreams = tuple(upstream for upstream in model.upstreams if upstream.id in used)
    return replace(model, routes=routes, streams=streams, upstreams=upstreams)


def _releases(releases: tuple[Entry, ...]) -> str:
    return f'<h2 id="releases">Releases</h2>{"".join(map(_release, releases)) or "<p>none yet</p>"}'


def _release(entry: Entry) -> str:
    outcome = entry.outcome
    how = f"by {outcome.how}" if isinstance(outcome, Applied) else ""
    went = how if isinstance(outcome, (Applied, Unchanged)) else f"not served: {outcome.reason}"
    took = f"{entry.seconds:.3f} s, {entry.waited:.3f} s after the first hint"
    lines = [f"<li>{_text(f'{one.sign} {one.what} {one.detail}'.rstrip())}</li>" for one in entry.changes]
    lines += [f"<li>and {entry.more} more</li>"] * (entry.more > 0)
    mood = "good" if isinstance(outcome, Applied) else "bad"
    head = f"{_moment(entry.at)}: release {entry.digest[:12]} {went}"
    small = f"<small>{_text(f'{took}; {entry.why}')}</small>"
    return f'<div class="{mood}">{_text(head)}{small}<ul>{"".join(lines)}</ul></div>'
