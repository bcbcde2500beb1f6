"""Places that the user may not look into: told in a line, and `doctor` goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import Ran, arguments, environment

REFUSED = {
    "templates": (("check", "--set", "templates=shut/x"), 73),
    "a file of settings": (("check", "--settings", "shut/x.yml"), 78),
    "certificates": (("check", "--certificates", "shut"), 78),
    "a release": (("plan", "--directory", "shut"), 73),
    "a configuration": (("diff", "shut/a", "shut/b"), 73),
    "where to write": (("render", "-o", "shut"), 73),
}
UNPRIVILEGED = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(24, 1, 0, 0, 0), ctypes.CDLL(None).prctl(24, 2, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "gen", *sys.argv[1:]])
"""
"""Root may look everywhere by CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; without them it may not."""


@pytest.fixture
def asked(tmp_path: Path, compose: Callable[..., None]) -> Callable[..., Ran]:
    """Runs a command beside a directory that is shut."""
    compose()
    (tmp_path / "shut").mkdir(mode=0o000)

    def run(*words: str) -> Ran:
        python = arguments()[0]
        world = () if words[0] == "diff" else ("-f", "compose.yml")
        command = [python, "-c", UNPRIVILEGED, *words, *world] if os.getuid() == 0 else arguments(*words, *world)
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(FAIRWAY_CONTROL="none"), capture_output=True, text=True, timeout=60
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    return run


@pytest.mark.parametrize(("words", "code"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_looked_into_is_named(asked: Callable[..., Ran], words: tuple[str, ...], code: int) -> None:
    ran = asked(*words)
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert ran.err.startswith("error: ")
    assert "shut" in ran.err.splitlines()[0]
    assert "ermission denied" in ran.err.splitlines()[0]


def test_a_doctor_says_it_and_looks_at_all_the_rest(asked: Callable[..., Ran]) -> None:
    ran = asked("doctor", "--directory", "shut")
    assert "Traceback" not in ran.err
    assert "certificates" in ran.out
    assert any(line.startswith("fail  directory") and "shut" in line for line in ran.out.splitlines())
