"""What a plan exposes, as people and pipelines read it; owners in what commands print."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import Ran
from tests.support.exposed import USERS

pytestmark = pytest.mark.usefixtures("without_proxy")
FLAGS = ("-f", "compose.yml", "--directory", "d", "--set", "owner=label:team", "--set", "listeners=web=8080")
GUARDED = {"fairway.host": "a.test", "fairway.ip_allow": "10.0.0.0/8", "fairway.basic_auth": USERS["alice"]}
OPENED = {"fairway.host": "a.test", "fairway.ip_allow": "0.0.0.0/0", "team": "blue"}
Run = Callable[..., Ran]
Compose = Callable[..., None]


@pytest.fixture
def installed(run: Run, compose: Compose, without_proxy: None) -> None:
    compose(web={key: value.replace("$", "$$") for key, value in {**GUARDED, "team": "red"}.items()})
    done = run("apply", "--auto", *FLAGS)
    assert (done.code, "Exposure" in done.out) == (0, False), done


@pytest.mark.usefixtures("installed")
def test_a_plan_says_first_what_it_exposes(run: Run, compose: Compose) -> None:
    compose(web=OPENED)
    said = run("plan", *FLAGS).out.splitlines()
    assert said[:5] == [
        "Exposure:",
        "! route a.test/ on web: owner red -> blue",
        "! route a.test/ on web (owner blue): basic_auth removed: users alice -> none",
        "! route a.test/ on web (owner blue): ip_allow loosened: 10.0.0.0/8 -> 0.0.0.0/0",
        "",
    ]


@pytest.mark.usefixtures("installed")
def test_programs_and_comments_get_it_too(run: Run, compose: Compose, tmp_path: Path) -> None:
    compose(web=OPENED)
    marks = json.loads(run("plan", "--format", "json", "--out", "saved.json", *FLAGS).out)["exposure"]
    assert marks[1] == {
        "kind": "guard",
        "route": "route a.test/ on web",
        "owner": "blue",
        "guard": "basic_auth",
        "before": "users alice",
        "after": "none",
        "guarded": "",
    }
    assert json.loads((tmp_path / "saved.json").read_text())["exposure"] == marks
    comment = run("plan", "--format", "markdown", *FLAGS).out
    head = "**Exposure: more clients would reach a server, or an owner would change**\n\n- `route a.test/ on web: owner"
    assert comment.index(head) < comment.index("| | What | Detail |")
    done = run("apply", "saved.json", "--format", "json", *FLAGS)
    assert json.loads(done.out)["exposure"] == marks
    assert json.loads(run("plan", "--format", "json", *FLAGS).out)["exposure"] == []


@pytest.mark.usefixtures("installed")
def test_an_owner_alone_that_changes_is_a_change(run: Run, compose: Compose) -> None:
    compose(web={key: value.replace("$", "$$") for key, value in {**GUARDED, "team": "blue"}.items()})
    planned = run("plan", *FLAGS)
    assert (planned.code, planned.out.splitlines()[1]) == (2, "! route a.test/ on web: owner red -> blue")
    assert run("apply", "--auto", *FLAGS).code == 0
    assert (run("plan", *FLAGS).code, run("plan", *FLAGS).out) == (0, "")


@pytest.mark.usefixtures("installed")
def test_a_release_of_an_earlier_version_is_not_known(run: Run, compose: Compose, tmp_path: Path) -> None:
    release = tmp_path / "d" / "current" / "release.json"
    rows = json.loads(release.read_text())["rows"]
    bare = {key: {name: value for name, value in row.items() if name != "owner"} for key, row in rows.items()}
    release.write_text(json.dumps({"version": 1, "rows": bare}), encoding="utf-8")
    compose(web={key: value.replace("$", "$$") for key, value in {**GUARDED, "team": "red"}.items()})
    planned = run("plan", *FLAGS)
    assert planned.code == 0
    assert "! the installed release does not record owners and guards" in planned.out


def test_text_names_owners_where_there_are_several(run: Run, compose: Compose) -> None:
    compose(web={"fairway.host": "a.test", "team": "red"})
    assert "  owner     red\n" in run("routes", *FLAGS).out
    assert "owner" not in run("routes", *FLAGS[:4]).out
    assert [row["owner"] for row in json.loads(run("routes", "--format", "json", *FLAGS).out)] == ["standalone", "red"]
    assert "a.test/ (owner red)" in run("networks", *FLAGS).out
    said = run("explain", "http://a.test/", *FLAGS).out
    assert "answers  a.test/  (web (compose.yml:" in said and "; owner red)" in said and "\n  owner red\n" in said


def test_a_snapshot_keeps_what_owners_follow_from(run: Run, compose: Compose) -> None:
    compose(web={"fairway.host": "a.test", "team": "red", "other": "x"})
    text = run("snapshot", *FLAGS).out
    assert '"other"' not in text
    rows = json.loads(run("routes", "--format", "json", "--snapshot", "-", *FLAGS[2:], stdin=text).out)
    assert [row["owner"] for row in rows] == ["standalone", "red"]
    by_project = ("-f", "compose.yml", "--directory", "d")
    text = run("snapshot", *by_project).out
    before = json.loads(run("routes", "--format", "json", *by_project).out)
    after = json.loads(run("routes", "--format", "json", "--snapshot", "-", "--directory", "d", stdin=text).out)
    assert [row["owner"] for row in before] == [row["owner"] for row in after] != ["standalone", "standalone"]
