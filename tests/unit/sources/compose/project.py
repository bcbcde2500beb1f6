"""A compose project in a temporary directory, for the tests of this source."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from gen.sources.compose import ComposeSource
from gen.state import State, Workload


class Project:
    """Writes files into a directory called `shop` and reads them as a project."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "shop"
        self.directory.mkdir()

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def source(self, *files: str, environment: dict[str, str] | None = None, profiles: str = "") -> ComposeSource:
        return ComposeSource(
            files,
            environment or {},
            profiles=tuple(part for part in profiles.split(",") if part),
            directory=str(self.directory),
            poll_seconds=0.01,
        )

    def read(self, text: str = "", *files: str, environment: dict[str, str] | None = None, profiles: str = "") -> State:
        """Writes `text` as compose.yaml first, if there is any. That a service has no image is no news here."""
        if text:
            self.write("compose.yaml", text)
        state = self.source(*files, environment=environment, profiles=profiles).read()
        shown = tuple(problem for problem in state.problems if "neither image nor build" not in problem.message)
        return replace(state, problems=shown)


def workload(state: State, name: str) -> Workload:
    return next(found for found in state.workloads if found.name == name)


def names(state: State) -> list[str]:
    return [found.name for found in state.workloads]


def labels(state: State, name: str = "web") -> dict[str, str]:
    return {label.key: label.value for label in workload(state, name).labels}


def said(state: State) -> list[str]:
    """All problems, without the directory of the test."""
    return [f"{problem.severity} {re.sub('^/[^:]*/', '', str(problem))}" for problem in state.problems]
