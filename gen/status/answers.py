"""A path → what is answered. Nothing here changes anything, and no answer holds a secret."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gen import table
from gen.picture.chart import Chart, of_networks, of_routes
from gen.picture.links import networks
from gen.picture.svg import svg
from gen.pipeline import Made
from gen.proxies.counts import Counts
from gen.status.board import Board
from gen.status.metrics import CONTENT_TYPE
from gen.status.page import POLICY, page

_LONGEST_WORD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer: `kind` is its Content-Type, `policy` its Content-Security-Policy."""

    status: int = 200
    kind: str = "application/json"
    body: bytes
    policy: str = "default-src 'none'; frame-ancestors 'none'"


class Answers:
    """`counts` asks the proxy; `clock`: UTC seconds since 1970."""

    def __init__(
        self, board: Board, counts: Callable[[], Counts | None], clock: Callable[[], float] = time.time
    ) -> None:
        self._board = board
        self._counts = counts
        self._clock = clock
        self._paths: dict[str, Callable[[str], Answer]] = {
            "/": self._page,
            "/healthz": self._health,
            "/metrics": self._metrics,
            "/routes": self._routes,
            "/problems": self._problems,
            "/releases": self._releases,
            "/routes.svg": lambda _: self._drawn(lambda made: of_routes(made.state, made.model)),
            "/networks.svg": lambda _: self._drawn(
                lambda made: of_networks(networks(made.state, made.model, made.joins))
            ),
        }

    def answer(self, target: str) -> Answer:
        """For the target of a GET request."""
        parts = urlsplit(target)
        found = self._paths.get(parts.path)
        if found is None:
            known = " ".join(self._paths)
            return Answer(status=404, kind="text/plain; charset=utf-8", body=f"there are: {known}\n".encode())
        return found(parts.query)

    def _page(self, query: str) -> Answer:
        word = parse_qs(query).get("q", [""])[0][:_LONGEST_WORD]
        text = page(self._board, query=word, now=self._clock())
        return Answer(kind="text/html; charset=utf-8", body=text.encode(errors="replace"), policy=POLICY)

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
        return _json([asdict(problem) for problem in made.problems] if made else [])

    def _releases(self, _: str) -> Answer:
        return _json([{**asdict(entry), "kind": type(entry.outcome).__name__} for entry in self._board.releases])

    def _drawn(self, draw: Callable[[Made], Chart]) -> Answer:
        made = self._board.standing.made
        if made is None:
            return Answer(status=503, kind="text/plain; charset=utf-8", body=b"nothing was made yet\n")
        policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        return Answer(kind="image/svg+xml", body=svg(draw(made)).encode(errors="replace"), policy=policy)


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(value, indent=1).encode() + b"\n")
