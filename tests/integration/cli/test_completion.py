"""What shells are told: commands, flags, settings; and the script that asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import environment, fairway

ASKED = [
    ("fairway exp", ["explain"]),
    ("fairway render --prox", ["--proxy"]),
    ("fairway render --set listen", ["listeners="]),
    ("fairway watch --proxy h", ["haproxy"]),
    ("fairway schema com", ["compose"]),
]


@pytest.mark.parametrize(("words", "wanted"), ASKED)
def test_a_shell_is_told_what_may_come_next(words: str, wanted: list[str], tmp_path: Path) -> None:
    told = fairway(
        cwd=tmp_path,
        _FAIRWAY_COMPLETE="bash_complete",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    assert (told.code, [line.partition(",")[2] for line in told.out.splitlines()]) == (0, wanted)


def test_bash_completes_by_the_script_that_it_is_given(tmp_path: Path) -> None:
    ours = tmp_path / "fairway"
    ours.write_text(f'#!/bin/sh\nexec {sys.executable} -m gen "$@"\n', encoding="utf-8")
    ours.chmod(0o755)
    script = """
    PATH="$1:$PATH"
    eval "$(_FAIRWAY_COMPLETE=bash_source fairway)"
    COMP_WORDS=(fairway net) COMP_CWORD=1
    _fairway_completion fairway net fairway
    echo "${COMPREPLY[@]}"
    """
    command = ["bash", "--norc", "-c", script, "bash", str(tmp_path)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "networks", done.stderr
