"""What people give a command that it cannot work with: a code of its own, and a message that says what to do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run
from tests.support.cli import arguments, environment

USAGE = {
    "an unknown flag": (("check", "--bogus"), "No such option '--bogus'"),
    "an unknown command": (("chekc",), "No such command 'chekc'. Did you mean 'check'?"),
    "a command of others": (("start",), "No such command 'start'. There are watch, routes, networks, "),
    "a flag as a command": (("help",), "No such command 'help'. Write fairway --help."),
    "an option before its command": (("-f", "compose.yml", "check"), "stand behind the command: fairway check -f ..."),
    "a setting as a flag": (("check", "--listeners", "web=80"), "It is a setting: --set listeners=..."),
    "two sources": (("check", "-f", "compose.yml", "--snapshot", "x"), "one source at a time: -f, --snapshot"),
    "two other sources": (("routes", "--snapshot", "x", "--docker"), "one source at a time: --snapshot, --docker"),
    "an engine and a swarm": (("routes", "--docker", "--swarm", "x"), "one source at a time: --docker, --swarm"),
    "a file without its flag": (("check", "compose.yml"), "a compose file is named by -f"),
    "a setting without value": (("render", "--set", "listeners"), "--set 'listeners': write KEY=VALUE"),
}
SETTINGS = {
    "a typo": (
        ("--set", "lisners=web=1"),
        {},
        "--set lisners: there is no such option (did you mean",
    ),
    "a value": (("--set", "workers=many"), {}, "--set workers: 'many' is not a whole number"),
    "a variable": ((), {"FAIRWAY_WORKERS": "many"}, "FAIRWAY_WORKERS: 'many' is not a whole number"),
    "a typo of a variable": ((), {"FAIRWAY_WORKRES": "2"}, "FAIRWAY_WORKRES: there is no such setting"),
    "a missing file": (("--settings", "none.yml"), {}, "none.yml: No such file or directory"),
    "two of one name": (("--set", "listeners=web=80,web=81"), {}, "listeners: two are named 'web'"),
    "two of one port": (
        ("--set", "listeners=a=80,b=80"),
        {},
        "two of them have the same address and port 80",
    ),
    "no time to rest": (("--set", "swarm_poll=10ms"), {}, "swarm_poll: 10ms would never let a manager rest"),
    "another proxy": (("--proxy", "apache"), {}, "'apache' is not one of nginx"),
    "templates": (("--set", "templates=none"), {}, "templates: "),
    "certificates": (("--certificates", "none"), {}, "none cannot be listed"),
}


@pytest.mark.parametrize(("words", "message"), USAGE.values(), ids=USAGE)
def test_wrong_usage_is_64(run: Run, words: tuple[str, ...], message: str) -> None:
    ran = run(*words)
    assert (ran.code, ran.out) == (64, "")
    assert message in ran.err
    assert "fairway" in ran.err.splitlines()[0]


@pytest.mark.parametrize(("words", "variables", "message"), SETTINGS.values(), ids=SETTINGS)
def test_wrong_settings_are_78(
    run: Run, compose: Callable[..., None], words: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    compose()
    ran = run("render", "-f", "compose.yml", *words, **variables)
    assert (ran.code, ran.out) == (78, "")
    assert message in ran.err


def test_a_wrong_line_of_the_settings_file_is_named(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    (tmp_path / "fairway.yml").write_text("workers: 2\nlisteners: [web=99999]\n")
    ran = run("check", "-f", "compose.yml")
    assert ran.code == 78
    assert (
        ran.err == "error: fairway.yml:2:12: listeners: '99999' is not a number from 1 to 65535; write for example 1\n"
    )
    (tmp_path / "fairway.yml").write_text("workers: [\n")
    assert run("check", "-f", "compose.yml").err.startswith("error: fairway.yml:2:1: this is not YAML: ")


@pytest.mark.parametrize("text", ["a: [", "services: {a: [", "\t- x", "just words"])
def test_a_compose_file_that_is_none_is_65(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "compose.yml").write_text(text)
    ran = run("render", "-f", "compose.yml")
    assert (ran.code, ran.out) == (65, "")
    assert ran.err.startswith("error: compose.yml")


def test_a_missing_compose_file_is_65(run: Run) -> None:
    ran = run("check", "-f", "none.yml")
    assert (ran.code, ran.err) == (65, "error: none.yml: cannot be read: No such file or directory\n")


def test_a_snapshot_of_another_version_is_65_and_says_so(run: Run) -> None:
    ran = run("routes", "--snapshot", "-", stdin=json.dumps({"version": 99, "state": {}}))
    assert ran.code == 65
    assert "version 99 is not known; this Fairway reads version 1" in ran.err


def test_what_is_no_snapshot_is_65(run: Run) -> None:
    ran = run("routes", "--snapshot", "-", stdin="hello")
    assert ran.code == 65
    assert "not JSON" in ran.err


def test_an_unreachable_engine_is_69_and_other_sources_are_named(run: Run, tmp_path: Path) -> None:
    nobody = f"unix://{tmp_path}/none.sock"
    asked = run("routes", "--docker", nobody)
    assert asked.code == 69
    assert f"{nobody} (the given URL): no such file" in asked.err
    assert "-f COMPOSE" not in asked.err
    default = run("routes", DOCKER_HOST=nobody)
    assert default.code == 69
    assert "or read something else: -f COMPOSE, --compose, --snapshot FILE" in default.err


@pytest.mark.parametrize("words", [("render", "-o"), ("watch", "--directory")], ids=" ".join)
def test_a_directory_that_cannot_be_written_is_73(
    run: Run, compose: Callable[..., None], tmp_path: Path, words: tuple[str, ...]
) -> None:
    compose()
    (tmp_path / "file").write_text("in the way")
    ran = run(words[0], "-f", "compose.yml", *words[1:], "file/below")
    assert ran.code == 73
    assert "file/below" in ran.err
    assert "cannot be written" in ran.err


def test_a_pipe_that_nobody_reads_is_no_noise(compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    command = arguments("render", "-f", "compose.yml")
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


def test_a_pipe_gets_no_colours(run: Run, compose: Callable[..., None]) -> None:
    compose(shop={"fairway.hots": "x"})
    for words in (("check",), ("routes",), ("plan", "--directory", "none"), ("render",)):
        ran = run(*words, "-f", "compose.yml")
        assert "\x1b" not in ran.out + ran.err
