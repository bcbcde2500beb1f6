"""`fairway apply`: a plan is done exactly, or not at all."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from gen import __version__
from gen.apply import DirectoryLock, Outcome, Refused, RolledBack
from gen.cli.outcomes import Installed, tell_outcome
from gen.cli.passes import installed
from gen.cli.planning import propose, show, show_changes
from gen.cli.show import clean, line_of, show_exposures
from gen.cli.world import World, world_options
from gen.deployment import Deployment, deployment, pipeline
from gen.errors import InputError, LockedError, MovedError, RemovalsError, SettingsError
from gen.once import once
from gen.pipeline import Made
from gen.plan import Plan, changes_between, rows_of
from gen.plan import plan as planned
from gen.plan.moved import has_moved, moved, told
from gen.plan.removals import removals, too_many
from gen.plan.saved import SavedPlan, load
from gen.settings import Settings

STDIN = "-"
_HINT = "make a new plan by `fairway plan --out`"


@click.command(short_help="Do what a plan says, or refuse.")
@click.argument("plan_file", required=False, default="", metavar="[PLAN]")
@click.option("--auto", is_flag=True, help="Plan now, and apply that.")
@click.option("--allow-removals", is_flag=True, help="Even where more would go than the setting max_removals lets.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print what was done."
)
@world_options
def apply(world: World, plan_file: str, *, auto: bool, allow_removals: bool, form: str) -> int:
    """Do exactly what a plan says that `fairway plan --out PLAN` wrote ('-': standard input), or refuse because the
    world or what is installed is another one since. With --auto instead: plan, and apply that.

    The proxy runs where the settings proxy_pid or proxy_container say, and confirms what it serves, or is brought
    back; with control=none files are installed, and nobody confirms. One at a time, and not beside a `watch`.

    \b
    Exit code 0: it counts, or nothing had to change.
    1: the proxy refused it, or did not confirm it; it serves what it did.
    76: the plan is out of date.  77: it removes too much.
    """
    if bool(plan_file) == auto:
        raise click.UsageError("either a plan that `fairway plan --out PLAN` wrote, or --auto")
    wanted = _read(plan_file) if plan_file else None
    with ExitStack() as held:
        _lock(held, world.settings)
        deployed = deployment(world.settings)
        step = _as_planned(world, wanted, deployed) if wanted else _as_proposed(world, deployed, form)
        if not allow_removals:
            _demand_few_removals(step.plan, world.settings.max_removals.percent)
        if form == "text" and wanted:
            show_exposures(step.plan.exposures)
            show_changes(step.plan.changes)
        outcome = _install(world, deployed, step.made)
    tell_outcome(outcome, step.made, step.plan, form)
    return int(isinstance(outcome, (Refused, RolledBack)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to be applied, and what that changes."""

    made: Made
    plan: Plan


def _lock(held: ExitStack, settings: Settings) -> None:
    """One at a time; and a proxy that needs a parent is not for a command that ends."""
    directory = Path(settings.directory)
    needs_parent = not (settings.control == "none" or settings.runs_apart or settings.runs_in_container)
    if not needs_parent or (directory / "run" / "lock").exists():
        try:
            held.enter_context(DirectoryLock(directory))
        except LockedError as error:
            hint = "a `watch` follows by itself, and SIGHUP lets it look again; another `apply` ends soon"
            raise LockedError(str(error), hint=hint) from error
    if needs_parent and settings.proxy_service:
        hint = "`fairway publish` brings a release to it; --dry-run says what would change"
        raise SettingsError(f"the proxies are the tasks of the service {settings.proxy_service}", hint=hint)
    if needs_parent:
        raise SettingsError(
            "apply ends, and a proxy that were its child would end with it",
            hint="run `fairway watch`; or say where the proxy runs: proxy_pid, proxy_container; or control=none",
        )


def _read(plan_file: str) -> SavedPlan:
    name = "standard input" if plan_file == STDIN else plan_file
    try:
        text = sys.stdin.read() if plan_file == STDIN else Path(plan_file).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InputError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return load(text, name=name)


def _as_planned(world: World, wanted: SavedPlan, deployed: Deployment) -> Step:
    """The pass that came to the very release of the plan. What it changes is seen anew, and not believed of the file.
    Raises MovedError."""
    settings = world.settings
    if wanted.proxy != settings.proxy:
        raise MovedError(f"the plan is for {clean(wanted.proxy)}, and the settings say {settings.proxy}")
    counts = deployed.directory.current() or ""
    if counts not in (wanted.installed, wanted.digest):
        raise MovedError(_installed_since(wanted, counts, deployed), hint=_HINT)
    stages, state = pipeline(settings, frozenset(wanted.capabilities)), world.read()
    before = installed(Path(settings.directory)) if counts else {}
    made = stages.make(state)
    if made.bundle.digest != wanted.digest and deployed.can_check:
        made = stages.make(state, deployed.verdict)
    now = planned(before, made.bundle, (), made.joins)
    if has_moved(wanted, now):
        is_done = counts == wanted.digest
        what = moved(wanted, now, is_done=is_done, fairway=__version__)
        done = "the plan is done, and " if is_done else ""
        raise MovedError(f"{done}the world is another one since: {line_of(what)}", hint=_HINT)
    return Step(made=made, plan=now)


def _as_proposed(world: World, deployed: Deployment, form: str) -> Step:
    found = propose(world, deployed=deployed)
    if form == "text":
        show(found)
    return Step(made=found.made, plan=found.plan)


def _installed_since(wanted: SavedPlan, counts: str, deployed: Deployment) -> str:
    """Both releases, and what is between them where the first still lies there."""
    message = f"{_named(counts)} is installed, and the plan starts from {_named(wanted.installed)}"
    main = deployed.pipeline.proxy.main
    first, last = (deployed.directory.bundle(one, main) if one else None for one in (wanted.installed, counts))
    if first is None or last is None:
        return message
    found = [f"{change.sign} {change.what}" for change in changes_between(rows_of(first), rows_of(last))]
    return message + (f"; since then {line_of(told(found))}" if found else "")


def _named(digest: str) -> str:
    return f"release {clean(digest[:12])}" if digest else "nothing"


def _demand_few_removals(plan: Plan, percent: int) -> None:
    """Raises RemovalsError where more goes than that."""
    if found := too_many(removals(plan.before, plan.after), percent):
        raise RemovalsError(
            "; ".join(map(str, found)), hint="if that is right, --allow-removals; see the setting max_removals"
        )


def _install(world: World, deployed: Deployment, made: Made) -> Outcome | Installed:
    if world.settings.control != "none":
        return once(deployed, made, world.attachments())
    before = deployed.directory.current()
    deployed.applier.place(made.bundle)
    return Installed(digest=made.bundle.digest, is_new=before != made.bundle.digest)
