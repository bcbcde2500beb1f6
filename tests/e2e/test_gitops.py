"""The example's workflows, step by step as their machines run them: a repository, an engine, and a running proxy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.beside import running
from tests.e2e.composed import BINARY
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway
from tests.e2e.image import server_image
from tests.e2e.repository import EXAMPLE, Repository
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


def github() -> dict[str, dict[str, str]]:
    """The scripts of each job by step."""
    jobs = yaml.safe_load((EXAMPLE / "github.yml").read_text(encoding="utf-8"))["jobs"]
    return {name: {step["name"]: step["run"] for step in job["steps"] if "run" in step} for name, job in jobs.items()}


def gitlab() -> dict[str, str]:
    """The whole script of each job, with what it extends; a checkout that was not cleaned has a Fairway already."""
    jobs: dict[str, Any] = yaml.safe_load((EXAMPLE / "gitlab-ci.yml").read_text(encoding="utf-8"))
    return {
        name: "\n".join(
            ["if ! [ -x .fairway/bin/fairway ]; then", *jobs[job["extends"]]["before_script"], "fi", *job["script"]]
        )
        for name, job in jobs.items()
        if isinstance(job, dict) and "script" in job
    }


@pytest.fixture
def repository(engine: Engine, tmp_path: Path, new_fairway: Callable[..., Fairway]) -> Iterator[Repository]:
    if not BINARY.is_file():
        pytest.skip("Docker Compose is not here: scripts/newer-proxies brings it")
    images = {"shop": "3", "blog": "7"}
    server = engine.client.images.get(server_image(engine.client))
    for name, version in images.items():
        server.tag(name, version)
    made = Repository(tmp_path, new_fairway(control="local"))
    try:
        yield made
    finally:
        made.runs("docker compose down --timeout 1")
        for name, version in images.items():
            engine.client.images.remove(f"{name}:{version}", noprune=True)


def says(repository: Repository, script: str, code: int, text: str) -> None:
    ran, told = repository.runs(script)
    assert (ran, text in told) == (code, True), told


def test_on_github_a_change_is_checked_and_planned_by_the_target_branchs_fairway(repository: Repository) -> None:
    change = github()["change"]
    repository.base()
    # What a change brings along for tools is not what runs.
    (repository.path / "tools").rename(repository.path / "theirs")
    says(repository, change["Install"], 0, "Successfully installed fairway")
    says(repository, change["Check"], 0, "2 routes, 0 errors, 0 warnings")
    repository.writes("blog.example.com", "news.example.com")
    says(repository, change["Plan"], 0, "")
    summary = repository.summary.read_text()
    assert "| + | `route news.example.com/ on web`" in summary
    assert "| - | `route blog.example.com/ on web`" in summary
    repository.writes("20/s", "often")
    says(repository, change["Check"], 1, "::error file=compose.yml,line=")


def follows_merges(repository: Repository, engine: Engine, apply: str, compare: str) -> None:
    """The first apply says how to start the proxy; each one after it is confirmed, and drift is seen."""
    code, told = repository.runs(apply)
    assert (code, "is not running" in told) == (69, True), told
    (command,) = re.findall("start it with `(.+?)`", told)
    with running(repository.fairway, command):
        repository.fairway.serves("shop.example.com")
        code, told = repository.runs(apply)
        assert (code, "unchanged: the proxy serves release" in told) == (0, True), told
        repository.writes("rate: 20/s", "rate: 30/s")
        repository.writes("blog.example.com", "news.example.com")
        code, told = repository.runs(apply)
        assert (code, "+ route news.example.com/ on web" in told, "applied: release" in told) == (0, True, True), told
        repository.fairway.serves("news.example.com")
        assert repository.runs(compare)[0] == 0
        engine.run("fw-drift", labels={"fairway.host": "drift.example.com"})
        code, told = repository.runs(compare)
        assert (code, "drift.example.com" in told) == (2, True), told
        assert eventually(lambda: repository.fairway.get("drift.example.com").status) == 404


@pytest.mark.parametrize("proxy", ["nginx"], indirect=True)
def test_on_github_a_merge_is_applied_and_drift_is_seen(repository: Repository, engine: Engine) -> None:
    jobs = github()
    says(repository, jobs["merge"]["Install"], 0, "Successfully installed fairway")
    follows_merges(repository, engine, jobs["merge"]["Apply"], jobs["drift"]["Compare"])
    assert "| + | `route drift.example.com/ on web`" in repository.summary.read_text()


@pytest.mark.parametrize("proxy", ["haproxy"], indirect=True)
def test_on_gitlab_likewise(repository: Repository, engine: Engine) -> None:
    jobs = gitlab()
    assert set(jobs) == {"check", "plan", "apply", "drift"}
    repository.writes("blog.example.com", "news.example.com")
    says(repository, jobs["check"], 0, "2 routes, 0 errors, 0 warnings")
    repository.clean()
    says(repository, jobs["plan"], 0, "")
    assert "2 added, 2 removed." in (repository.path / "plan.md").read_text()
    repository.writes("news.example.com", "blog.example.com")
    repository.clean()
    follows_merges(repository, engine, jobs["apply"], jobs["drift"])
