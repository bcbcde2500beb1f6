"""A directory with what users write into it, and commands that run there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.applied import Site
from tests.support.cli import Ran, fairway

Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("routes", "-f", "compose.yml", NO_COLOR="1")` in a directory of the test's own."""
    return lambda *words, **more: fairway(*words, cwd=tmp_path, **more)


@pytest.fixture
def compose(tmp_path: Path) -> Callable[..., None]:
    """Writes compose.yml: a good neighbour at good.example, and services of given labels."""

    def write(*, exposed: bool = True, **services: dict[str, str]) -> None:
        everyone = {"good": {"fairway.host": "good.example"}, **services}
        document = {
            name: {"image": "x", "labels": labels, **({"expose": ["80"]} if name == "good" or exposed else {})}
            for name, labels in everyone.items()
        }
        # JSON is YAML, and it quotes.
        (tmp_path / "compose.yml").write_text(json.dumps({"services": document}, indent=1), encoding="utf-8")

    return write


@pytest.fixture
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands ask no nginx, which is much faster, and do not need one."""
    monkeypatch.setenv("FAIRWAY_CONTROL", "none")


@pytest.fixture
def site(tmp_path: Path, run: Run, proxy: str) -> Site:
    """A world of one route, and a directory in which nothing is installed."""
    made = Site(tmp_path, run, proxy)
    made.has("one")
    return made


@pytest.fixture
def proxy() -> str:
    return "nginx"
