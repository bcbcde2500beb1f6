"""The command line as users run it: a process of its own, with pipes for a terminal."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from gen.options import options_of
from gen.settings import Settings
from tests.support.forked import forks

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


def arguments(*words: str) -> list[str]:
    """The command line that runs `fairway` with these words."""
    return [sys.executable, "-m", "gen", *words]


def environment(**more: str) -> dict[str, str]:
    """This process's environment, without what engines and settings (but for `control`) are read from."""
    ours = tuple(f"FAIRWAY_{option.name.upper()}" for option in options_of(Settings) if option.name != "control")
    ours += ("DOCKER_", "NO_COLOR", "COMPOSE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def fairway(*words: str, cwd: Path, stdin: str = "", **variables: str) -> Ran:
    """Runs one command to its end; TimeoutError after a minute."""
    code, out, err = forks().run(words, cwd=cwd, environment=environment(**variables), stdin=stdin.encode())
    return Ran(code=code, out=out.decode(), err=err.decode())
