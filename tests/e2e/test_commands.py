"""The one-shot commands against an engine, and beside a running watch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both

MAIN = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}
pytestmark = pytest.mark.docker


@pytest.fixture
def served(engine: Engine, new_fairway: Callable[..., Fairway]) -> Fairway:
    """A watch that serves one container."""
    fairway = new_fairway()
    engine.run("fw-one", labels={"fairway.host": "one.test", "fairway.rate_limit": "100/s"})
    fairway.start()
    fairway.serves("one.test")
    return fairway


@on_both
def test_plan_says_that_nothing_would_change_and_names_what_came(served: Fairway) -> None:
    code, out, errors = served.run("plan")
    assert (code, out) == (0, ""), out
    assert "nothing would change" in errors
    frozen = served.directory / "frozen"
    shutil.copytree(served.directory / "current", frozen)
    served.engine.run("fw-two", labels={"fairway.host": "two.test"})
    code, out, _ = served.run("plan", "--directory", str(frozen))
    assert code == 2
    assert "+ route two.test/ on web" in out
    assert "one.test" not in out.partition("---")[0]


def test_plan_as_json_tells_the_same(served: Fairway) -> None:
    served.stop()
    served.engine.run("fw-two", labels={"fairway.host": "two.test"})
    code, out, _ = served.run("plan", "--format", "json")
    assert code == 2
    assert {"sign": "+", "what": "route two.test/ on web"}.items() <= json.loads(out)["changes"][0].items()


@on_both
def test_render_prints_the_bytes_that_are_installed(served: Fairway) -> None:
    code, out, _ = served.run("render")
    assert code == 0
    assert out == (served.directory / "current" / MAIN[served.proxy]).read_text()


@on_both
def test_check_fails_for_errors_and_for_warnings_only_when_strict(served: Fairway) -> None:
    assert served.run("check")[0] == 0
    served.engine.run("fw-typo", labels={"fairway.host": "typo.test", "fairway.rate_limit": "often"})
    code, out, _ = served.run("check")
    assert code == 1
    assert "'often' is not a rate" in out
    served.engine.client.containers.get("fw-typo").remove(force=True)
    assert served.run("check", "--strict")[0] == 0


def test_routes_lists_hosts_servers_and_origins(served: Fairway) -> None:
    code, out, _ = served.run("routes")
    assert code == 0
    assert "one.test/" in out
    assert "fw-one" in out
    rows = json.loads(served.run("routes", "--format", "json")[1])
    assert ["one.test"] in [row["hosts"] for row in rows]


def test_a_snapshot_replays_to_the_same_routes(served: Fairway, tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    assert served.run("snapshot", "-o", str(file))[0] == 0
    now = served.run("routes", "--format", "json")[1]
    served.engine.client.containers.get("fw-one").remove(force=True)
    code, then, _ = served.run("routes", "--format", "json", "--snapshot", str(file))
    assert (code, then) == (0, now)


def test_an_engine_that_does_not_answer_is_told_with_its_name(new_fairway: Callable[..., Fairway]) -> None:
    fairway = new_fairway(docker="unix:///nobody/docker.sock")
    for command in ("routes", "check", "plan", "snapshot", "render"):
        code, out, errors = fairway.run(command)
        assert (code, out) == (69, "")
        assert "unix:///nobody/docker.sock: no such file" in errors.replace(" (the given URL)", "")
