"""Board → HTML pages: how it stands, problems with their blame, who answers where, the picture, the last releases.

They ask nobody else for anything. The script puts a newer page in place without closing what is open; without it the
page loads itself anew. All text is escaped, and cut where it is long. Of a large world the first routes are shown,
those in trouble before the others, or those in which a word occurs.
"""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from gen.bundle import Bundle
from gen.errors import Problem
from gen.picture.svg import STYLE, inline
from gen.picture.text import plain
from gen.pipeline import Made
from gen.status.board import Board, Entry, Standing
from gen.status.releases import difference, release
from gen.status.rows import MOST, MOST_ALONE, MOST_DRAWN, Found, find

REFRESH: Final = 10
"""Seconds, without a script."""
_LONGEST: Final = 600
_PAGES: Final = Path(__file__).with_name("pages")
_CSS: Final = STYLE + (_PAGES / "page.css").read_text(encoding="utf-8")
_SCRIPT: Final = (_PAGES / "page.js").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY: Final = (
    f"default-src 'none'; style-src {_hash(_CSS)}; script-src {_hash(_SCRIPT)}; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def _inert(value: Any) -> Any:
    """What stands in a page: text on one line without signs that steer, not longer than a reader reads."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return plain(value[:_LONGEST]) + "…" * (len(value) > _LONGEST)


_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_PAGES),
    autoescape=True,
    finalize=_inert,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)
_TEMPLATES.filters |= {
    "moment": lambda at: time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at)),
    "iso": lambda at: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
}


def page(board: Board, *, query: str = "", mark: str = "", hold: bool = False) -> str:
    """How it stands. `query`: a word that shown routes have; `mark` is another one when the page is; `hold`: it does
    not load itself anew where no script runs."""
    standing = board.standing
    made = standing.made
    return _page(
        "status.html",
        **_stands(standing, board.is_alive),
        **_problems(made.problems if made else ()),
        **_routes(made, query),
        standing=standing,
        made=made is not None,
        query=query,
        mark=mark,
        hold=hold,
        refresh=REFRESH,
        releases=tuple(map(release, board.releases)),
        script=Markup(_SCRIPT),
        root="",
    )


def release_page(entry: Entry, files: tuple[Bundle, Bundle] | None) -> str:
    """One release, with the difference of its files, see `Board.files`."""
    told = release(entry)
    return _page("release.html", release=told, diff=difference(entry, files), mood=told.mood, mark="", root="../")


def _page(name: str, **facts: Any) -> str:
    return _TEMPLATES.get_template(name).render(style=Markup(_CSS), **facts)


def _stands(standing: Standing, is_alive: bool) -> dict[str, Any]:
    made = standing.made
    errors = sum(one.severity == "error" for one in made.problems) if made else 0
    behind = f", {errors:,} in error" if errors else ""
    if not is_alive:
        mood, said = "bad", "The daemon hangs: it has not looked for changes for minutes"
    elif standing.in_sync:
        mood, said = "good", "In sync: the proxy serves what the containers ask for"
        if errors:
            mood, said = (
                "warn",
                f"In sync, but with {errors:,} {'error' if errors == 1 else 'errors'}",
            )
    elif standing.confirmed:
        mood, said = "bad", "Out of sync: the proxy serves an older release"
    else:
        mood, said = "bad" if standing.trouble else "warn", "Nothing is served yet"
    title = f"Fairway: {said.replace(',', ':').partition(':')[0].lower()}{behind}"
    return {
        "mood": mood,
        "said": said,
        "title": title,
        "since": standing.since if is_alive else 0.0,
        "trouble": standing.trouble,
        "counts": _counts(made) if made else (),
    }


def _counts(made: Made) -> tuple[tuple[str, str], ...]:
    model = made.model
    servers = [server for upstream in model.upstreams for server in upstream.servers]
    ready = sum(server.state == "ready" for server in servers)
    of = f" of {len(servers):,}" if ready < len(servers) else ""
    routes, problems = len(model.routes) + len(model.streams), len(model.problems)
    return (
        (f"{routes:,}", "route" if routes == 1 else "routes"),
        (f"{ready:,}{of}", "server ready" if len(servers) == 1 else "servers ready"),
        (f"{problems:,}", "problem" if problems == 1 else "problems"),
    )


def _problems(problems: tuple[Problem, ...]) -> dict[str, Any]:
    ordered = sorted(problems, key=lambda one: one.severity != "error")
    shown = tuple(
        {
            "mood": "bad" if one.severity == "error" else "warn",
            "severity": one.severity,
            "workload": plain(one.origin.workload[:_LONGEST]),
            "place": str(one.origin),
            "key": one.origin.key,
            "file": f"{one.origin.file}:{one.origin.line}" if one.origin.line else one.origin.file,
            "message": one.message,
            "hint": one.hint,
        }
        for one in ordered[:MOST]
    )
    return {"problems": shown, "problem_count": len(problems)}


def _routes(made: Made | None, query: str) -> dict[str, Any]:
    if made is None:
        return {"routes": (), "names_owner": False, "found_text": "Nothing was read yet.", "picture": ""}
    found = find(made, query)
    drawn = f"The first {MOST_DRAWN} of {found.count:,}; a word narrows it." if found.count > found.drawn else ""
    larger = f"The first {MOST_ALONE} of them" if found.count > MOST_ALONE else "The picture alone"
    return {
        "routes": found.rows,
        "names_owner": found.names_owner,
        "found_text": _found(found, query),
        "picture": Markup(inline(found.chart)) if found.drawn else "",
        "picture_text": drawn,
        "larger": larger,
    }


def _found(found: Found, query: str) -> str:
    if not found.every:
        return "None yet: a container becomes one by a label, for example fairway.host=shop.example.com"
    if query and not found.count:
        return f"None of {found.every:,} has that word."
    shown = f", the first {MOST} here" if found.count > MOST else ""
    return f"{found.count:,} of {found.every:,}{shown}; those in trouble come first."
