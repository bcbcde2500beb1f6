"""The command group: commands in the order in which one meets them; what a command cannot use is explained.

A command's module is imported when it is asked for, so that none pays for what another one needs.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from difflib import get_close_matches
from typing import Any

import click

from gen import __version__
from gen.cli.show import echo
from gen.options import options_of
from gen.settings import Settings

COMMANDS = {
    "watch": "watching",
    "routes": "pictures",
    "networks": "pictures",
    "explain": "explaining",
    "doctor": "doctoring",
    "check": "checking",
    "render": "rendering",
    "plan": "planning",
    "apply": "applying",
    "publish": "publishing",
    "health": "watching",
    "snapshot": "rendering",
    "schema": "schemas",
    "diff": "diffing",
}
"""Each command with its module in this package; there it is a function of the same name."""

_NOBODY_READS = 141
_PATIENCE = 2.0


class Commands(click.Group):
    """A group whose commands may be cut off by a closed pipe (`fairway routes | head -1`)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(importlib.import_module(f"gen.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message} {_meant(args[0])}", ctx=error.ctx) from error

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            hint = f"Options stand behind the command: fairway check {error.option_name} ..."
            raise click.UsageError(f"{error.message} {hint}", ctx=error.ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            give_up_printing()
            raise click.exceptions.Exit(_NOBODY_READS) from None
        except click.NoSuchOption as error:
            raise click.UsageError(_as_setting(error), ctx=error.ctx) from error
        except click.UsageError as error:
            if not error.message.startswith("Got unexpected extra argument"):
                raise
            hint = "a compose file is named by -f, a snapshot by --snapshot"
            raise click.UsageError(f"{error.message}; {hint}", ctx=error.ctx) from error
        return code


def give_up_printing() -> None:
    """What is still in the buffer would fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _meant(word: str) -> str:
    """What somebody may have meant by a word that is no command."""
    if word in ("help", "version"):
        return f"Write fairway --{word}."
    near = get_close_matches(word, COMMANDS, n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(COMMANDS)}."


def _as_setting(error: click.NoSuchOption) -> str:
    """Most settings have no flag of their own."""
    name = error.option_name.lstrip("-").replace("-", "_")
    near = get_close_matches(name, [option.name for option in options_of(Settings)], n=1, cutoff=0.85)
    return f"{error.message} It is a setting: --set {near[0]}=..." if near else error.format_message()


def _versions(ctx: click.Context, option: click.Parameter, is_asked: bool) -> None:
    """Ours on the first line, and the proxies of this machine; one that does not answer is no trouble here."""
    if not is_asked or ctx.resilient_parsing:
        return
    echo(f"fairway, version {__version__}")
    from gen.control.version import version_of
    from gen.errors import FairwayError
    from gen.proxies.kinds import KINDS

    for name in KINDS:
        path = shutil.which(name)
        try:
            told = f"{version_of(path, seconds=_PATIENCE) or 'of an unknown version'} at {path}" if path else "not here"
        except FairwayError as error:
            told = str(error)
        echo(f"{name}: {told}")
    ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_versions, help="Say the version, and exit."
)
def fairway() -> None:
    """Makes nginx or HAProxy follow your containers: it reads their labels and keeps a running proxy in step.

    \b
    A container says where:    docker run -l fairway.host=shop.example.com ...
    The proxy follows:         fairway watch
    Who answers where?         fairway routes
    Who answers this, and why? fairway explain https://shop.example.com/
    Why does it not work?      fairway doctor
    Is everything right?       fairway check -f compose.yml
    What is it told?           fairway render -f compose.yml
    What would change?         fairway plan, and fairway apply does it
    For all of a swarm:        fairway publish --swarm

    Every command reads one source: the Docker Engine of your Docker CLI, or -f COMPOSE, or --snapshot FILE. Settings
    come from fairway.yml, then FAIRWAY_... variables, then flags; --set KEY=VALUE sets any of them.

    \b
    Exit codes:
     0 fine                 65 a file is malformed     75 another one is at work
     1 something is wrong,  69 no engine or no proxy   76 a plan is out of date
       or was not taken     70 anything else           77 a plan removes too much
     2 plan found changes   73 a directory is not ours 78 wrong settings
    64 wrong usage
    """
