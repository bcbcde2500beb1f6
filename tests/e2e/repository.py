"""A repository with an origin, and a runner that does what a workflow says in a checkout of it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.e2e.composed import BINARY
from tests.e2e.fairway import Fairway
from tests.support.cli import environment
from tests.support.documents import ROOT

EXAMPLE = ROOT / "examples" / "gitops"
_GIT = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")


class Repository:
    """The example on the branch `main` of an origin, and a checkout beside it. `fairway` says where the proxy is."""

    def __init__(self, path: Path, fairway: Fairway) -> None:
        self.path, self.origin, self.fairway = path / "checkout", path / "origin", fairway
        self.summary = path / "summary.md"
        self.variables = self._variables(path)
        self._git(path, "init", "--quiet", "--initial-branch", "main", str(self.origin))
        for name in ("compose.yml", "fairway.yml"):
            (self.origin / name).write_text((EXAMPLE / name).read_text(), encoding="utf-8")
        _wheel(self.origin / "tools")
        self.commit(self.origin)
        self._git(path, "clone", "--quiet", str(self.origin), str(self.path))

    def _variables(self, path: Path) -> dict[str, str]:
        """Where the example's host differs from this one."""
        stand_in = path / "bin" / "docker"
        stand_in.parent.mkdir()
        stand_in.write_text(f'#!/bin/sh\nshift\nexec {BINARY} --progress quiet "$@"\n', encoding="utf-8")
        stand_in.chmod(0o755)
        one = self.fairway
        return environment(
            PATH=f"{stand_in.parent}:{os.environ['PATH']}:/usr/sbin",
            HOME=str(path),
            DOCKER_HOST=one.engine.url,
            COMPOSE_PROJECT_NAME="fw",
            FAIRWAY_PROXY=one.proxy,
            FAIRWAY_DIRECTORY=str(one.directory),
            FAIRWAY_PROXY_PID=str(one.directory / "run" / f"{one.proxy}.pid"),
            FAIRWAY_LISTENERS=f"web={one.port}",
            GITHUB_STEP_SUMMARY=str(self.summary),
            CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
            PIP_NO_DEPS="1",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            PYTHONPATH=str(_what_it_needs(path / "needs")),
        )

    def base(self) -> None:
        """The target branch beside the change, as a second checkout does it."""
        self._git(self.path, "clone", "--quiet", str(self.origin), "base")

    def writes(self, old: str, new: str, *, on: Path | None = None) -> None:
        """Another text in the compose file of the checkout, or of the origin."""
        file = (on or self.path) / "compose.yml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def clean(self) -> None:
        """What is not in the repository goes, as a runner does it before each job."""
        self._git(self.path, "clean", "-ffdxq")

    def commit(self, path: Path) -> None:
        self._git(path, "add", "--all")
        self._git(path, "commit", "--quiet", "--allow-empty", "--message", "change")

    def runs(self, script: str) -> tuple[int, str]:
        """As a runner does: the first command that fails ends it."""
        words = [*self.fairway.enter, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(
            words, cwd=self.path, env=self.variables, capture_output=True, text=True, timeout=110, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def _git(self, path: Path, *words: str) -> None:
        done = subprocess.run(
            ["git", *_GIT, *words], cwd=path, env=self.variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def _what_it_needs(place: Path) -> Path:
    """The packages of this Python without Fairway, so that no job has to fetch them."""
    place.mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "fairway" not in package.name:
            (place / package.name).symlink_to(package)
    return place


def _wheel(place: Path) -> None:
    """This Fairway as a wheel, without what it needs."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(place)]
    done = subprocess.run([*command, str(ROOT)], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
