"""Help that teaches: every command says what it does, every flag has a text, every exit code is told."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gen import __version__, errors
from gen.cli import group
from gen.cli.group import fairway
from gen.errors import FairwayError

COMMANDS = [(name, fairway.get_command(click.Context(fairway), name)) for name in group.COMMANDS]


def test_the_commands_stand_in_the_order_in_which_one_meets_them() -> None:
    text = CliRunner().invoke(fairway, ["--help"]).output
    listed = [line.split()[0] for line in text.partition("Commands:\n")[2].splitlines()]
    assert listed == list(group.COMMANDS)
    assert "..." not in text.partition("Commands:\n")[2]


def test_help_fits_a_terminal() -> None:
    for words in ([], *([name] for name, _ in COMMANDS)):
        text = CliRunner().invoke(fairway, [*words, "--help"], terminal_width=80).output
        assert [line for line in text.splitlines() if len(line) > 80] == []


def test_every_exit_code_is_in_the_help() -> None:
    text = CliRunner().invoke(fairway, ["--help"]).output
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FairwayError)]
    assert [kind.exit_code for kind in kinds if f" {kind.exit_code} " not in text] == []


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_flag_has_a_text(name: str, command: click.Command | None) -> None:
    assert command, name
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not (option.help or "").endswith((".", ")"))] == []
    assert (command.short_help or "").endswith(".")
    assert command.help


def test_the_version_comes_first_and_the_proxies_of_this_machine_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nginx").write_text("#!/bin/sh\necho 'nginx version: nginx/1.99.0' >&2\n", encoding="utf-8")
    (tmp_path / "nginx").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = CliRunner().invoke(fairway, ["--version"])
    assert (found.exit_code, found.output.splitlines()) == (
        0,
        [f"fairway, version {__version__}", f"nginx: 1.99.0 at {tmp_path}/nginx", "haproxy: not here"],
    )


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 1\n", "no program"])
def test_a_proxy_that_does_not_answer_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "haproxy").write_text(text, encoding="utf-8")
    (tmp_path / "haproxy").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    found = CliRunner().invoke(fairway, ["--version"])
    assert (found.exit_code, found.output.startswith("fairway, version ")) == (0, True)
    assert "haproxy: " in found.output
