"""A path → what is answered. Nothing here changes anything, and no answer holds a secret."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gen import table
from gen.picture.chart import Chart, of_networks
from gen.picture.links import networks
from gen.picture.part import part
from gen.picture.svg import svg
from gen.pipeline import Made
from gen.proxies.counts import Counts
from gen.status.board import Board, Entry
from gen.status.metrics import CONTENT_TYPE
from gen.status.page import POLICY, page, release_page
from gen.status.problems import problems
from gen.status.rows import MOST_ALONE, picture

_LONGEST_WORD = 200
_KEPT = 8
"""Pages that are remembered as they were made."""
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer: `kind` is its Content-Type, `policy` its Content-Security-Policy, `mark` its ETag."""

    status: int = 200
    kind: str = "application/json"
    body: bytes
    policy: str = "default-src 'none'; frame-ancestors 'none'"
    mark: str = ""


class Answers:
    """`counts` asks the proxy; `clock`: UTC seconds since 1970."""

    def __init__(
        self, board: Board, counts: Callable[[], Counts | None], clock: Callable[[], float] = time.time
    ) -> None:
        self._board = board
        self._counts = counts
        self._clock = clock
        self._lock = threading.Lock()
        self._drawn_pages: dict[str, str] = {}
        self._run = f"{self._clock():.6f}"
        self._paths: dict[str, Callable[[str], Answer]] = {
            "/icon.svg": _icon,
            "/healthz": self._health,
            "/metrics": self._metrics,
            "/routes": self._routes,
            "/problems": self._problems,
            "/releases": self._releases,
            "/routes.svg": lambda query: self._drawn("routes", _word(query), picture),
            "/networks.svg": lambda query: self._drawn("networks", _word(query), _networks),
        }

    def answer(self, target: str, known: str = "") -> Answer:
        """For the target of a GET request. `known`: the mark of what the asker has; 304 where it is still that."""
        parts = urlsplit(target)
        if parts.path == "/":
            return self._page(parts.query, known)
        if parts.path.startswith("/releases/"):
            return self._release(parts.path.removeprefix("/releases/"))
        found = self._paths.get(parts.path)
        if found is None:
            told = " ".join(("/", *self._paths))
            return Answer(status=404, kind="text/plain; charset=utf-8", body=f"there are: {told}\n".encode())
        return found(parts.query)

    def _page(self, query: str, known: str) -> Answer:
        word, hold = _word(query), "hold" in parse_qs(query)
        told = f"{self._run} {self._board.revision} {self._board.is_alive} {hold} {word}"
        mark = f'"{hashlib.sha256(told.encode(errors="replace")).hexdigest()[:20]}"'
        if mark == known:
            return Answer(status=304, kind=_HTML, body=b"", policy=POLICY, mark=mark)
        text = self._once(mark, lambda: page(self._board, query=word, mark=mark, hold=hold))
        return Answer(kind=_HTML, body=text.encode(errors="replace"), policy=POLICY, mark=mark)

    def _release(self, key: str) -> Answer:
        entry = next((one for one in self._board.releases if one.key == key), None)
        if entry is None:
            return Answer(status=404, kind="text/plain; charset=utf-8", body=b"that release is not kept any more\n")
        text = self._once(f"{key} {self._board.revision}", lambda: release_page(entry, self._board.files(entry)))
        return Answer(kind=_HTML, body=text.encode(errors="replace"), policy=POLICY)

    def _once(self, name: str, make: Callable[[], str]) -> str:
        """A page that many ask for is made once, and one at a time, so that readers leave the daemon its time."""
        with self._lock:
            if name not in self._drawn_pages:
                self._drawn_pages = dict(list(self._drawn_pages.items())[1 - _KEPT :])
                self._drawn_pages[name] = make()
            return self._drawn_pages[name]

    def _health(self, _: str) -> Answer:
        standing = self._board.standing
        told = {
            "alive": self._board.is_alive,
            "in_sync": standing.in_sync,
            "release": standing.confirmed,
            "confirmed_seconds_ago": round(self._age(), 3) if standing.confirmed else None,
            "trouble": standing.trouble,
        }
        return _json(told, 200 if standing.in_sync and self._board.is_alive else 503)

    def _metrics(self, _: str) -> Answer:
        standing = self._board.standing
        text = self._board.metrics.text(standing.made, in_sync=standing.in_sync, age=self._age(), counts=self._counts())
        return Answer(kind=CONTENT_TYPE, body=text)

    def _age(self) -> float:
        standing = self._board.standing
        return max(0.0, self._clock() - standing.confirmed_at) if standing.confirmed else 0.0

    def _routes(self, _: str) -> Answer:
        made = self._board.standing.made
        return _json([asdict(row) for row in table.routes(made.model)] if made else [])

    def _problems(self, _: str) -> Answer:
        made = self._board.standing.made
        return _json(problems(made) if made else [])

    def _releases(self, _: str) -> Answer:
        return _json([_entry(one) for one in self._board.releases])

    def _drawn(self, name: str, word: str, draw: Callable[[Made, str], Chart]) -> Answer:
        made = self._board.standing.made
        if made is None:
            return Answer(status=503, kind="text/plain; charset=utf-8", body=b"nothing was made yet\n")
        policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        text = self._once(f"{name} {self._board.revision} {word}", lambda: svg(draw(made, word)))
        return Answer(kind="image/svg+xml", body=text.encode(errors="replace"), policy=policy)


def _word(query: str) -> str:
    return parse_qs(query).get("q", [""])[0][:_LONGEST_WORD]


def _networks(made: Made, word: str) -> Chart:
    found, more = part(networks(made.state, made.model, made.joins), word, MOST_ALONE)
    return of_networks(found, more=more)


def _entry(entry: Entry) -> dict[str, Any]:
    """As data, without its files."""
    return {**asdict(replace(entry, files=None)), "kind": type(entry.outcome).__name__}


def _icon(mood: str) -> Answer:
    """The page's sign in a browser's row of tabs: green where all is well."""
    color = {"good": "#2a9d5c", "warn": "#c98a00"}.get(mood, "#d0453b")
    circle = f'<circle cx="8" cy="8" r="7" fill="{color}"/>'
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{circle}</svg>'
    return Answer(kind="image/svg+xml", body=text.encode())


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(value, indent=1).encode() + b"\n")
