"""What a command's streams may be: closed, full, or cut off by Ctrl-C; never a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.cli import arguments, environment

CLOSED = {
    "nothing to read, for a snapshot": (("routes", "--snapshot", "-"), "<&-", 65, "standard input:1:1: not JSON"),
    "nothing to read, for a plan": (
        ("apply", "-", "--set", "control=none"),
        "<&-",
        65,
        "standard input: this is no pl",
    ),
    "nowhere to print": (("routes", "-f", "compose.yml"), ">&-", 0, ""),
    "nowhere for problems": (("check", "-f", "compose.yml"), "2>&-", 0, ""),
    "nothing at all": (("rendr",), "<&- >&- 2>&-", 64, ""),
}
FULL = [("render", "-f", "compose.yml"), ("explain", "rate_limit"), ("schema", "labels"), ("--help",), ("--version",)]


def shell(words: tuple[str, ...], streams: str, place: Path) -> tuple[int, str]:
    """The exit code and what was said on stderr, with streams as a shell opens them."""
    command = ["sh", "-c", f'exec "$@" {streams}', "sh", *arguments(*words)]
    done = subprocess.run(
        command, cwd=place, env=environment(FAIRWAY_CONTROL="none"), capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(("words", "streams", "code", "said"), CLOSED.values(), ids=CLOSED)
def test_a_closed_stream_is_as_an_empty_one(
    compose: Callable[..., None], tmp_path: Path, words: tuple[str, ...], streams: str, code: int, said: str
) -> None:
    compose()
    found, errors = shell(words, streams, tmp_path)
    assert (found, "Traceback" in errors) == (code, False)
    assert said in errors


@pytest.mark.parametrize("words", FULL, ids=" ".join)
def test_a_full_disk_is_told_in_one_line(compose: Callable[..., None], tmp_path: Path, words: tuple[str, ...]) -> None:
    compose()
    said = "error: standard output cannot be written: No space left on device\n"
    assert shell(words, ">/dev/full", tmp_path) == (73, said)


def test_ctrl_c_while_commands_are_still_being_imported_is_130_and_quiet() -> None:
    program = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from gen.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_while_it_waits_for_its_input_is_130_and_quiet(tmp_path: Path) -> None:
    command = arguments("routes", "--snapshot", "-")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        # More than a pipe takes: when the rest is taken, the command reads.
        process.stdin.write(b" " * 1_000_000)
        process.stdin.flush()
        # Between two reads Python sees a signal only after the second one, so people press it again.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(3)
        assert process.returncode == 130
        assert process.stderr is not None
        assert process.stderr.read().strip() == b""
