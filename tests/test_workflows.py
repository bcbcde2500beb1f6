"""The GitOps example's files: each is what its program reads, and whoever makes a change gets no more than he needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cli import fairway
from tests.support.documents import ROOT

EXAMPLE = ROOT / "examples" / "gitops"
GITHUB = (EXAMPLE / "github.yml").read_text(encoding="utf-8")
GITLAB = (EXAMPLE / "gitlab-ci.yml").read_text(encoding="utf-8")
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def jobs() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(GITHUB)["jobs"]
    return found


def uses(job: dict[str, Any]) -> list[str]:
    return [step["uses"] for step in job["steps"] if "uses" in step]


def test_actions_are_pinned_to_commits_and_say_their_versions() -> None:
    lines = [line for line in GITHUB.splitlines() if "uses:" in line]
    assert lines and all(re.search(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)


def test_what_runs_a_change_may_write_nothing_and_what_may_write_runs_nothing_of_it() -> None:
    assert yaml.safe_load(GITHUB)["permissions"] == {}
    writers = {name for name, job in jobs().items() if "write" in job["permissions"].values()}
    assert writers == {"comment"}
    assert [name.partition("@")[0] for name in uses(jobs()["comment"])] == ["actions/download-artifact"]
    assert "fairway/bin" not in str(jobs()["comment"])
    checkouts = [step for job in jobs().values() for step in job["steps"] if "checkout@" in step.get("uses", "")]
    assert len(checkouts) == 4 and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_only_the_protected_branch_and_the_timer_reach_the_host() -> None:
    own = {name: job["if"] for name, job in jobs().items() if "self-hosted" in job["runs-on"]}
    assert own == {"merge": "github.event_name == 'push'", "drift": "github.event_name == 'schedule'"}
    assert yaml.safe_load(GITHUB)[True]["push"] == {"branches": ["main"]}
    tagged: dict[str, Any] = yaml.safe_load(GITLAB)
    hosts = {name for name, job in tagged.items() if isinstance(job, dict) and job.get("extends") == ".host"}
    assert hosts == {"apply", "drift"}
    assert all("merge_request" not in str(tagged[name]["rules"]) for name in hosts)


@pytest.mark.parametrize("text", [GITHUB, GITLAB], ids=["github", "gitlab"])
def test_fairway_comes_from_files_and_nothing_of_an_event_stands_in_a_script(text: str) -> None:
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs and all("--no-index --find-links" in line for line in installs)
    for script in re.findall(r"run: \|\n((?: {10}.*\n)+)", text):
        assert "${{" not in script


def entry(hook: dict[str, Any]) -> list[str]:
    return [*hook["entry"].split(), *hook.get("args", [])]


def hooks() -> list[dict[str, Any]]:
    mine: list[dict[str, Any]] = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    (repo,) = yaml.safe_load((EXAMPLE / "pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    return [*mine, *repo["hooks"]]


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: str(hook["language"]))
def test_a_hook_checks_what_its_pattern_says(hook: dict[str, Any], tmp_path: Path) -> None:
    assert hook["pass_filenames"] is False
    assert [bool(re.search(hook["files"], name)) for name in ("compose.yml", "fairway.yml", "app.py")] == [1, 1, 0]
    program, *words = entry(hook)
    assert program == "fairway"
    compose = (EXAMPLE / "compose.yml").read_text(encoding="utf-8")
    (tmp_path / "compose.yml").write_text(compose, encoding="utf-8")
    assert fairway(*words, cwd=tmp_path).code == 0
    (tmp_path / "compose.yml").write_text(compose.replace("fairway.host:", "fairway.hots:"), encoding="utf-8")
    assert fairway(*words, cwd=tmp_path).code == 1
