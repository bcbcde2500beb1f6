"""`fairway check`: what is wrong with the labels, and whether the proxy would take them; for people and pipelines."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from gen import __version__
from gen.cli.show import as_json, count, echo, line_of, tell
from gen.cli.world import World, world_options
from gen.errors import InputError, Problem
from gen.pipeline import Made
from gen.report import HINT, Baseline, compare, fingerprint, github, rule, sarif
from gen.state import State

_OTHERS = ("traefik", "caddy", "easyhaproxy")
"""How labels begin that say the same to others."""
_FORMATS = click.Choice(["text", "json", "sarif", "github"])


@click.command(short_help="Say what is wrong; exit code 1 if anything is.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--format", "form", type=_FORMATS, default="text", help="How to print problems.")
@click.option(
    "--baseline", default="", metavar="FILE", help="Only what is new since `check --format json` wrote this file."
)
@world_options
def check(world: World, strict: bool, form: str, baseline: str) -> int:
    """Say what is wrong with labels and certificates, and whether the proxy would take the configuration.

    Its own check runs in a directory that vanishes; what is installed and what runs stay as they are. Without a
    proxy here only the labels are checked, and the last line says so. The format sarif is for code scanning, github
    for the log of a workflow, where it becomes notes at the lines of a change.

    \b
    Exit code 0: nothing is wrong, or nothing new.
    1: errors, or with --strict warnings.
    """
    from gen.deployment import rehearsal

    with rehearsal(world.settings) as trial:
        made = trial.pipeline.make(_read(world, form), trial.verdict if trial.can_check else None)
        checked = trial.can_check
    found = _since(baseline, made.problems)
    _print(found, form, checked=checked)
    if form != "json":
        note = "" if checked else f"; {world.settings.binary} is not here, so its own check was not made"
        note += "" if made.model.routes or made.model.streams or found.new else _nobody(made.state)
        echo(f"{_summary(made, found)}{_known(found, baseline)}{note}", err=True)
    return int(any(strict or problem.severity == "error" for problem in found.new))


def _read(world: World, form: str) -> State:
    """What cannot be read at all is told as a problem too where problems are listed for programs."""
    try:
        return world.read()
    except InputError as error:
        if form != "text":
            _print(Baseline(new=(error.problem,)), form, checked=False, is_whole=False)
        raise


def _print(found: Baseline, form: str, *, checked: bool, is_whole: bool = True) -> None:
    if form == "json":
        echo(as_json(_document(found, checked)))
    elif form == "sarif":
        from gen.explain.page import written

        echo(sarif(found.new, fairway=__version__, manual=written, is_whole=is_whole), nl=False)
    elif form == "github":
        echo(github(found.new), nl=False)
    else:
        tell(found.new, err=False)


def _since(baseline: str, problems: tuple[Problem, ...]) -> Baseline:
    """All of them where there is no baseline."""
    if not baseline:
        return Baseline(new=problems)
    try:
        text = Path(baseline).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{baseline} cannot be read: {why}", hint=HINT) from error
    return compare(problems, text, name=baseline)


def _document(found: Baseline, checked: bool) -> dict[str, object]:
    told = [{"rule": rule(one), "fingerprint": fingerprint(one), **asdict(one)} for one in found.new]
    return {"version": 1, "checked_by_proxy": checked, "known": found.known, "gone": found.gone, "problems": told}


def _nobody(state: State) -> str:
    """Why there may be no routes where nothing is wrong."""
    said = {label.key.partition(".")[0].lower() for workload in state.workloads for label in workload.labels}
    others = [f"{name}.*" for name in _OTHERS if name in said]
    other = f", and labels {', '.join(others)} are not read" if others else ""
    return f"; nobody asks for a route{other}: write for example the label fairway.host=shop.example.com"


def _summary(made: Made, found: Baseline) -> str:
    errors = sum(problem.severity == "error" for problem in found.new)
    routes = count(len(made.model.routes) + len(made.model.streams), "route")
    return f"{routes}, {count(errors, 'error')}, {count(len(found.new) - errors, 'warning')}"


def _known(found: Baseline, baseline: str) -> str:
    """What is not shown because a baseline has it, and what only the baseline has."""
    are, told = "is" if found.known == 1 else "are", ""
    if baseline:
        told = f" that {line_of(baseline)} does not have"
    if found.known:
        told += f"; {count(found.known, 'known problem')} {are} not shown"
    if found.gone:
        told += f"; {count(found.gone, 'problem')} of it {'is' if found.gone == 1 else 'are'} gone, so write it anew"
    return told
