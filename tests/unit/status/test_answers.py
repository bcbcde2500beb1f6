"""What is answered to whom: health, metrics, routes, problems, the page; and no label's text but as text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gen.apply import Refused, RolledBack, Unchanged
from gen.errors import SourceError
from gen.plan import Change
from gen.proxies.counts import Counts
from gen.status.answers import Answers
from gen.status.board import Board
from gen.status.problems import problems
from gen.values import OwnerRule
from tests.unit.status.passes import APPLIED, BUNDLE, a_pass, made

SHOP = {"fairway.host": "shop.test", "fairway.rate_limit.rate": "often"}


class Now:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def board(now: Now) -> Board:
    return Board(now)


@pytest.fixture
def answers(board: Board, now: Now) -> Answers:
    counts = Counts(requests=12, connections=5, open=2, cache_lookups=10, cache_hits=4)
    return Answers(board, lambda: counts, now)


def told(answers: Answers, path: str) -> Any:
    return json.loads(answers.answer(path).body)


def test_health_is_of_the_last_confirmation_and_of_what_went_wrong_since(
    board: Board, answers: Answers, now: Now, tmp_path: Path
) -> None:
    assert (answers.answer("/healthz").status, told(answers, "/healthz")["in_sync"]) == (503, False)
    one = made(tmp_path, shop=SHOP)
    board.passed(a_pass(one))
    now.at += 7
    assert answers.answer("/healthz").status == 200
    assert told(answers, "/healthz")["confirmed_seconds_ago"] == 7.0
    for outcome in (Refused(reason="no"), RolledBack(reason="port in use")):
        board.passed(a_pass(one, outcome))
        found = told(answers, "/healthz")
        assert (answers.answer("/healthz").status, found["release"]) == (503, BUNDLE.digest)
        assert outcome.reason in found["trouble"]
    board.failed(SourceError("the engine is away"))
    assert told(answers, "/healthz")["trouble"] == "the engine is away"
    board.passed(a_pass(one, Unchanged(digest=BUNDLE.digest)))
    assert (answers.answer("/healthz").status, told(answers, "/healthz")["trouble"]) == (200, "")


def test_a_loop_that_does_not_turn_is_not_alive(board: Board, answers: Answers, now: Now, tmp_path: Path) -> None:
    board.passed(a_pass(made(tmp_path)))
    now.at += 1000
    assert (answers.answer("/healthz").status, told(answers, "/healthz")["alive"]) == (503, False)
    board.turned()
    assert (answers.answer("/healthz").status, told(answers, "/healthz")["alive"]) == (200, True)


def test_metrics_count_passes_the_world_and_what_the_proxy_counts(
    board: Board, answers: Answers, tmp_path: Path
) -> None:
    one = made(tmp_path, shop=SHOP)
    board.passed(a_pass(one))
    board.passed(a_pass(one, Refused(reason="no")))
    board.failed(SourceError("away"))
    found = answers.answer("/metrics")
    assert found.kind.startswith("text/plain; version=0.0.4")
    lines = found.body.decode().splitlines()
    for line in (
        'fairway_updates_total{outcome="live"} 1.0',
        'fairway_updates_total{outcome="refused"} 1.0',
        'fairway_updates_total{outcome="failed"} 1.0',
        'fairway_event_to_confirmed_seconds_bucket{le="0.5"} 1.0',
        "fairway_event_to_confirmed_seconds_count 1.0",
        "fairway_in_sync 0.0",
        'fairway_routes{withheld="no"} 1.0',
        'fairway_servers{state="ready"} 1.0',
        'fairway_problems{severity="error"} 1.0',
        "fairway_proxy_requests_total 12.0",
        "fairway_proxy_cache_hit_ratio 0.4",
    ):
        assert line in lines
    assert not any("shop" in line for line in lines)


def test_what_a_proxy_does_not_count_is_left_out(board: Board, tmp_path: Path) -> None:
    board.passed(a_pass(made(tmp_path)))
    text = Answers(board, lambda: Counts(requests=1)).answer("/metrics").body.decode()
    assert "fairway_proxy_requests_total 1.0" in text
    assert "cache" not in text and "connections" not in text


def test_a_problem_names_the_owner_of_its_workload(board: Board, answers: Answers, tmp_path: Path) -> None:
    mine = {"com.docker.compose.project": "site"}
    refused = {"fairway.host": "*", **mine}
    board.passed(a_pass(made(tmp_path, shop=SHOP, blog={**SHOP, "fairway.host": "b.test", **mine}, lost=refused)))
    found = {one["origin"]["workload"]: one["owner"] for one in told(answers, "/problems")}
    assert found == {"shop": "standalone", "blog": "site", "lost": "site"}


def test_under_the_setting_network_the_owner_of_a_problem_is_that_of_its_workloads_route(tmp_path: Path) -> None:
    one = made(tmp_path, shop=SHOP)
    model = replace(one.model, settings=replace(one.model.settings, owner=OwnerRule("network")))
    named = replace(one, model=replace(model, routes=tuple(replace(route, owner="n") for route in model.routes)))
    assert {found["owner"] for found in problems(named)} == {"n"}
    assert {found["owner"] for found in problems(replace(one, model=replace(model, routes=())))} == {""}


def test_routes_problems_and_releases_are_data(board: Board, answers: Answers, tmp_path: Path) -> None:
    assert [told(answers, path) for path in ("/routes", "/problems", "/releases")] == [[], [], []]
    board.passed(a_pass(made(tmp_path, shop=SHOP), APPLIED, Change(sign="+", what="route shop.test/")))
    assert told(answers, "/routes")[0]["hosts"] == ["shop.test"]
    assert told(answers, "/problems")[0]["origin"]["workload"] == "shop"
    (release,) = told(answers, "/releases")
    assert (release["kind"], release["changes"][0]["what"], release["waited"]) == ("Applied", "route shop.test/", 0.5)
    assert answers.answer("/nothing").status == 404
    assert answers.answer("/routes.svg").body.startswith(b"<?xml")
    assert b"10.0.0.2" in answers.answer("/networks.svg").body
    assert b"10.0.0.2" not in answers.answer("/networks.svg?q=nobody").body


def test_the_last_releases_are_kept_and_of_their_changes_the_first(
    board: Board, answers: Answers, tmp_path: Path
) -> None:
    one = made(tmp_path, shop=SHOP)
    for number in range(30):
        board.passed(a_pass(one, APPLIED, *[Change(sign="+", what=f"route {number}.{at}/") for at in range(60)]))
    found = told(answers, "/releases")
    assert (len(found), len(found[0]["changes"]), found[0]["more"]) == (20, 50, 10)
    assert found[0]["changes"][0]["what"] == "route 29.0/"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onload='x", "&lt;"])
def test_a_labels_text_is_text_on_the_page(board: Board, answers: Answers, tmp_path: Path, text: str) -> None:
    one = made(tmp_path, **{text: {"fairway.host": "a.test", "fairway.rate_limit.rate": text}})
    board.passed(a_pass(one, APPLIED, Change(sign="+", what=text, detail=text)))
    found = answers.answer(f"/?q={text}")
    page = found.body.decode()
    for danger in ("<script>alert", "<img src", "onload='x", "' onload="):
        assert danger not in page
    assert found.policy.startswith("default-src 'none'; style-src 'sha256-")
    assert page.lower().count("<script") == 1


def test_the_page_of_a_large_world_is_bounded_and_searched(board: Board, answers: Answers, tmp_path: Path) -> None:
    many = {f"w{number}": {"fairway.host": f"h{number}.test"} for number in range(500)}
    board.passed(a_pass(made(tmp_path, **many)))
    page = answers.answer("/").body.decode()
    assert "500 of 500, the first 200 here" in page
    found = answers.answer("/?q=h499").body.decode()
    assert ("1 of 500" in found, "h499.test" in found, "h1.test" in found) == (True, True, False)
