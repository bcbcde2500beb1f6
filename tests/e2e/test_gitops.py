"""The example's workflows, step by step as their machines run them, against a real engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.engine import Engine
from tests.support.cli import environment
from tests.support.documents import ROOT

pytestmark = pytest.mark.docker
EXAMPLE = ROOT / "examples" / "gitops"


class Checkout:
    """A change of the example's compose file, the target branch in `base`, and a runner on the engine's host."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path, self.summary = path, path / "summary.md"
        for folder in (path, path / "base"):
            folder.mkdir(exist_ok=True)
            for name in ("compose.yml", "fairway.yml"):
                (folder / name).write_text((EXAMPLE / name).read_text(), encoding="utf-8")
        (path / ".fairway" / "bin").mkdir(parents=True)
        ours = path / ".fairway" / "bin" / "fairway"
        ours.write_text(f'#!/bin/sh\nexec {sys.executable} -m gen "$@"\n', encoding="utf-8")
        ours.chmod(0o755)
        stand_in = path / "bin" / "docker"
        stand_in.parent.mkdir()
        # What starts containers is no matter here: the test does.
        stand_in.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        stand_in.chmod(0o755)
        self.variables = environment(
            PATH=f"{stand_in.parent}:{os.environ['PATH']}",
            FAIRWAY_CONTROL="none",
            FAIRWAY_DIRECTORY=str(path / "d"),
            FAIRWAY_DOCKER=engine.url,
            GITHUB_STEP_SUMMARY=str(self.summary),
        )

    def runs(self, script: str) -> tuple[int, str]:
        """As a runner does: the first command that fails ends it."""
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=self.path, env=self.variables, capture_output=True, text=True, timeout=100, check=False
        )
        return done.returncode, done.stdout + done.stderr


def github() -> dict[str, dict[str, str]]:
    """The scripts of each job by step."""
    jobs = yaml.safe_load((EXAMPLE / "github.yml").read_text(encoding="utf-8"))["jobs"]
    return {
        name: {step["name"]: step["run"] for step in job["steps"] if "run" in step and "name" in step}
        for name, job in jobs.items()
    }


def gitlab() -> dict[str, str]:
    """The script of each job, with what fetches left out."""
    jobs: dict[str, Any] = yaml.safe_load((EXAMPLE / "gitlab-ci.yml").read_text(encoding="utf-8"))
    scripts = {name: job["script"] for name, job in jobs.items() if isinstance(job, dict) and "script" in job}
    return {name: "\n".join(line for line in script if not line.startswith("git ")) for name, script in scripts.items()}


@pytest.fixture
def checkout(tmp_path: Path, engine: Engine) -> Checkout:
    return Checkout(tmp_path, engine)


def test_on_github_a_change_is_checked_and_planned_a_merge_applied_and_drift_seen(
    checkout: Checkout, engine: Engine
) -> None:
    jobs = github()
    assert checkout.runs(jobs["change"]["Check"])[0] == 0
    compose = checkout.path / "compose.yml"
    compose.write_text(compose.read_text().replace("blog.example.com", "news.example.com"), encoding="utf-8")
    code, told = checkout.runs(jobs["change"]["Plan"])
    assert code == 0, told
    assert "| + | `route news.example.com/ on web`" in checkout.summary.read_text()
    assert "| - | `route blog.example.com/ on web`" in checkout.summary.read_text()
    compose.write_text(compose.read_text().replace("20/s", "often"), encoding="utf-8")
    code, told = checkout.runs(jobs["change"]["Check"])
    assert (code, "::error file=compose.yml,line=" in told) == (1, True), told
    engine.run("fw-shop", labels={"fairway.host": "shop.example.com"})
    code, told = checkout.runs(jobs["merge"]["Apply"])
    assert (code, "installed: release" in told) == (0, True), told
    assert checkout.runs(jobs["merge"]["Apply"])[0] == 0, "nothing to do is no failure"
    assert checkout.runs(jobs["drift"]["Compare"])[0] == 0
    engine.run("fw-drift", labels={"fairway.host": "drift.example.com"})
    code, told = checkout.runs(jobs["drift"]["Compare"])
    assert (code, "drift.example.com" in told) == (2, True), told


def test_on_gitlab_likewise(checkout: Checkout, engine: Engine) -> None:
    jobs = gitlab()
    assert set(jobs) == {"check", "plan", "apply", "drift"}
    assert [checkout.runs(jobs[name])[0] for name in ("check", "plan")] == [0, 0]
    assert "Nothing would change" in (checkout.path / "plan.md").read_text()
    engine.run("fw-shop", labels={"fairway.host": "shop.example.com"})
    assert [checkout.runs(jobs[name])[0] for name in ("apply", "drift")] == [0, 0]


def test_the_hook_checks_what_its_pattern_says(checkout: Checkout) -> None:
    (repo,) = yaml.safe_load((EXAMPLE / "pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (hook,) = repo["hooks"]
    entry = hook["entry"].replace("fairway ", ".fairway/bin/fairway ", 1)
    assert checkout.runs(entry)[0] == 0
    compose = checkout.path / "compose.yml"
    compose.write_text(compose.read_text().replace("fairway.host:", "fairway.hots:"), encoding="utf-8")
    assert checkout.runs(entry)[0] == 1
