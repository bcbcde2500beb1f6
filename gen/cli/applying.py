"""`fairway apply`: a plan is done exactly, or not at all."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from gen.apply import Applied, DirectoryLock, Refused, RolledBack, Unchanged
from gen.cli.planning import Proposal, propose, show
from gen.cli.show import clean, count, paint, tell
from gen.cli.world import World, world_options
from gen.deployment import Deployment, deployment, pipeline
from gen.errors import FairwayError, InputError, MovedError, RemovalsError, SettingsError
from gen.joining import Joining
from gen.pipeline import Made, Pipeline
from gen.plan import changes_between
from gen.plan import plan as planned
from gen.plan.removals import Removal, too_many
from gen.plan.saved import SavedPlan, load
from gen.settings import Settings

STDIN = "-"
_SHOWN = 10


@click.command(short_help="Do what a plan says, or refuse.")
@click.argument("plan_file", required=False, default="", metavar="[PLAN]")
@click.option("--auto", is_flag=True, help="Plan now, and apply that.")
@click.option("--allow-removals", is_flag=True, help="Even where more would go than the setting max_removals lets.")
@world_options
def apply(world: World, plan_file: str, auto: bool, allow_removals: bool) -> int:
    """Do exactly what a plan says that `fairway plan --out PLAN` wrote ('-': standard input), or refuse because the
    world or what is installed is another one since. With --auto instead: plan, and apply that.

    The proxy runs where the settings proxy_pid or proxy_container say, and confirms what it serves, or is brought
    back; with control=none files are installed, and nobody confirms. One at a time, and not beside a `watch`.

    \b
    Exit code 0: it counts, or nothing had to change.
    1: the proxy refused it, or did not confirm it.
    76: the plan is out of date.  77: it removes too much.
    """
    if bool(plan_file) == auto:
        raise click.UsageError("either a plan that `fairway plan --out PLAN` wrote, or --auto")
    _demand_a_proxy(world.settings)
    wanted = _read(plan_file) if plan_file else None
    with ExitStack() as held:
        held.enter_context(DirectoryLock(Path(world.settings.directory)))
        if wanted is not None:
            return _finish(world, *_as_planned(world, wanted, allow_removals))
        found = propose(world)
        show(found)
        _demand_leave(found.exceeding, allow_removals)
        return _finish(world, *_as_proposed(world, found))


def _demand_a_proxy(settings: Settings) -> None:
    """A child of ours would end with us."""
    if settings.control == "none" or settings.runs_apart or settings.runs_in_container:
        return
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


def _as_planned(world: World, wanted: SavedPlan, allow_removals: bool) -> tuple[Deployment, Pipeline, Made]:
    """The pass that came to the very release of the plan. Raises MovedError and RemovalsError."""
    settings = world.settings
    if wanted.proxy != settings.proxy:
        raise MovedError(f"the plan is for {wanted.proxy}, and the settings say {settings.proxy}")
    _demand_leave(too_many(wanted.removals, settings.max_removals), allow_removals)
    deployed = deployment(settings)
    counts = deployed.directory.current() or ""
    if counts not in (wanted.installed, wanted.digest):
        raise MovedError(
            f"{_named(counts)} is installed, and the plan starts from {_named(wanted.installed)}", hint=_HINT
        )
    stages = pipeline(settings, frozenset(wanted.capabilities))
    state = world.read()
    made = stages.make(state)
    if made.bundle.digest != wanted.digest and deployed.can_check:
        made = stages.make(state, deployed.verdict)
    if made.bundle.digest != wanted.digest:
        raise MovedError(f"the world is another one since: {_moved(wanted, made, deployed)}", hint=_HINT)
    return deployed, stages, made


_HINT = "make a new plan by `fairway plan --out`"


def _as_proposed(world: World, found: Proposal) -> tuple[Deployment, Pipeline, Made]:
    deployed = deployment(world.settings)
    return deployed, pipeline(world.settings, found.capabilities), found.made


def _demand_leave(exceeding: tuple[Removal, ...], is_given: bool) -> None:
    if exceeding and not is_given:
        raise RemovalsError(
            "; ".join(map(str, exceeding)), hint="if that is right, --allow-removals; see the setting max_removals"
        )


def _named(digest: str) -> str:
    return f"release {digest[:12]}" if digest else "nothing"


def _moved(wanted: SavedPlan, made: Made, deployed: Deployment) -> str:
    """What would be done now and was not planned, and the other way round."""
    counts = deployed.directory.current()
    known = deployed.directory.bundle(counts, made.bundle.main) if counts else None
    now = planned({file.name: file.content for file in known.files} if known else {}, made.bundle, (), made.joins)
    before, after = ({c.what: {"detail": f"{c.sign}{c.detail}"} for c in one.changes} for one in (wanted, now))
    found = changes_between(before, after)
    told = [
        f"{one.what} ({'new' if one.sign == '+' else 'no more' if one.sign == '-' else 'differs'})" for one in found
    ]
    return clean("; ".join(told[:_SHOWN]) or "files differ, routes do not")


def _finish(world: World, deployed: Deployment, stages: Pipeline, made: Made) -> int:
    """Applies it, and prints what came of it."""
    if world.settings.control == "none":
        deployed.applier.place(made.bundle)
        click.echo(f"installed: release {made.bundle.digest[:12]}; no proxy is configured, so nobody confirmed it")
        return 0
    joining = Joining(stages, world.attachments())
    if not joining.enter(made):
        tell(tuple(stages.refused.values()))
        raise FairwayError("a network that the plan counts on could not be joined; nothing was changed")
    outcome = deployed.applier.apply(made.bundle)
    if isinstance(outcome, (Refused, RolledBack)):
        hint = outcome.hint if isinstance(outcome, RolledBack) else "`fairway check` says whose fault it is"
        what = "refused" if isinstance(outcome, Refused) else "rolled back"
        click.echo(f"{paint(f'{what}:', 'red')} {clean(outcome.reason)}{f' ({clean(hint)})' if hint else ''}", err=True)
        return 1
    deployed.applier.settle()
    joining.leave()
    click.echo(_told(outcome))
    return 0


def _told(outcome: Applied | Unchanged) -> str:
    release = f"release {outcome.digest[:12]}"
    if isinstance(outcome, Unchanged):
        return f"unchanged: the proxy serves {release}"
    way = {"live": "live", "reload": "by a reload", "start": "by a start"}[outcome.how]
    told = f"applied: {release} {way}, confirmed after {outcome.confirm_seconds:.3f}s"
    return told + (f"; {count(len(outcome.warnings), 'warning')} of the proxy" if outcome.warnings else "")
