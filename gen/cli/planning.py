"""`fairway plan`: what would change, to be read, to be commented with, or to be applied."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

import click

from gen import __version__
from gen.cli.passes import installed, write
from gen.cli.show import as_json, clean, echo, masked, paint, show_exposures, tell
from gen.cli.world import World, world_options
from gen.deployment import Deployment, installed_capabilities, pipeline, rehearsal, ways_to
from gen.errors import InputError
from gen.pipeline import Made
from gen.plan import PROXY, Change, Plan
from gen.plan import plan as planned
from gen.plan.exposure import Exposure
from gen.plan.markdown import markdown
from gen.plan.removals import Removal, removals, too_many
from gen.plan.saved import dump, saved
from gen.proxies.commands import Layout
from gen.proxies.kinds import KINDS
from gen.settings import Settings
from gen.state import State

_FORMATS = click.Choice(["text", "json", "markdown"])
_COLORS = {"+": "green", "-": "red", "~": "yellow"}


@click.command(short_help="Say what would change; exit code 2 if anything would.")
@click.option("--against", default="", metavar="DIR", help="Compare with what `render -o DIR` wrote there instead.")
@click.option("--out", default="", metavar="FILE", help="Write the plan there too, for `fairway apply FILE`.")
@click.option("--format", "form", type=_FORMATS, default="text", help="How to print the plan.")
@world_options
def plan(world: World, against: str, out: str, form: str) -> int:
    """Say what would change against what is installed: in words first, then which way a running proxy would get it
    (live, or by a reload), then as a difference of the files.

    Installed is what `watch` or `apply` made count in --directory; a proxy of that directory that serves another
    release is a change too. Secrets are not shown. Before all that, the section Exposure lists guards that would be
    removed or loosened, routes that more clients would reach, and hosts and routes that would change their owner.

    Workloads that the proxy at hand would refuse are left out, as they
    would be. The format markdown fits into a comment of a pull request.

    \b
    Exit code 0: nothing would change.  2: something would.
    """
    if out and against:
        raise click.UsageError("--out is for a plan against what is installed, not for one --against DIR")
    found = propose(world, against=against)
    if out:
        text = saved(
            found.plan,
            fairway=__version__,
            proxy=world.settings.proxy,
            installed=found.installed,
            capabilities=found.capabilities,
            problems=tuple(masked(str(one)) for one in found.made.problems),
        )
        write(dump(text), out, is_private=True)
    show(found, form)
    return 0 if found.plan.is_empty else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan, and what it was made of. `installed`: the digest of the release that counts, empty where none does."""

    plan: Plan
    made: Made
    installed: str
    capabilities: frozenset[str]
    percent: int

    @property
    def exceeding(self) -> tuple[Removal, ...]:
        """What needs --allow-removals."""
        return too_many(removals(self.plan.before, self.plan.after), self.percent)


def propose(world: World, *, against: str = "", deployed: Deployment | None = None) -> Proposal:
    """The plan for the world now, as it would be applied. `deployed`: the proxy, where it may be asked in its place."""
    from gen.apply import Directory

    settings = world.settings
    if against and not Path(against).is_dir():
        raise InputError(f"--against {against}: there is no such directory", hint="`fairway render -o DIR` writes one")
    known = installed_capabilities(settings)
    made = _made(world.read(), settings, known, deployed)
    before = installed(Path(against or settings.directory))
    counts = "" if against else Directory(Path(settings.directory)).current() or ""
    found = planned(before, made.bundle, ways_to(before, made.bundle, settings), made.joins)
    return Proposal(
        plan=_masked(replace(found, changes=(*_adrift(settings, counts), *found.changes))),
        made=made,
        installed=counts,
        capabilities=known,
        percent=settings.max_removals.percent,
    )


def _masked(found: Plan) -> Plan:
    """A plan without what came out of variables; it is the same one for `apply`, which hides the same."""
    changes = (replace(one, what=masked(one.what), detail=masked(one.detail)) for one in found.changes)
    ways = tuple(replace(one, what=masked(one.what)) for one in found.ways)
    exposures = map(_without_variables, found.exposures)
    return replace(found, changes=tuple(changes), ways=ways, diff=masked(found.diff), exposures=tuple(exposures))


def _without_variables(one: Exposure) -> Exposure:
    shown = replace(one, route=masked(one.route), guarded=masked(one.guarded))
    return replace(shown, before=masked(one.before), after=masked(one.after))


def _made(state: State, settings: Settings, known: frozenset[str], deployed: Deployment | None) -> Made:
    """A pass without those whom the proxy's own check refuses, where that can be asked."""
    stages = pipeline(settings, known)
    if settings.runs_in_container:
        return stages.make(state, deployed.verdict if deployed and deployed.can_check else None)
    with rehearsal(settings) as trial:
        if trial.can_check:
            trial.pipeline.make(state, trial.verdict)
            stages.blamed = dict(trial.pipeline.blamed)
    return stages.make(state)


def _adrift(settings: Settings, counts: str) -> tuple[Change, ...]:
    """That the running proxy serves something else than what counts, which an apply would mend. No proxy that answers
    is no change: nothing is known of it."""
    from gen.apply.confirm import settle

    commands = KINDS[settings.proxy].commands(settings.binary)
    found = settle(counts, commands, Layout(root=PurePosixPath(settings.directory))) if counts else None
    if found is None or found == counts:
        return ()
    return (Change(sign="~", what=PROXY, detail=f"serves release {found[:12]} -> {counts[:12]}, which counts"),)


def show(found: Proposal, form: str = "text") -> None:
    """Prints a plan."""
    shown, problems = found.plan, found.made.problems
    if form == "json":
        echo(as_json(_document(found)))
        return
    if form == "markdown":
        echo(markdown(shown, problems=tuple(map(str, problems)), exceeding=found.exceeding), nl=False)
        return
    tell(problems)
    show_exposures(shown.exposures)
    show_changes(shown.changes)
    for way in shown.ways:
        echo(f"  {way.how}: {clean(way.what)}")
    echo(("\n" if shown.changes and shown.diff else "") + shown.diff, nl=False)
    for one in found.exceeding:
        echo(f"{paint('warning:', 'yellow')} {one}; `fairway apply` asks for --allow-removals", err=True)
    if shown.is_empty:
        echo("nothing would change", err=True)


def show_changes(changes: tuple[Change, ...]) -> None:
    """Prints each in words, on a line of its own."""
    for change in changes:
        echo(paint(clean(str(change)), _COLORS[change.sign], out=True))


def _document(found: Proposal) -> dict[str, object]:
    shown, percent = found.plan, found.percent
    gone = removals(shown.before, shown.after)
    return {
        "digest": shown.digest,
        "installed": found.installed,
        "changes": [asdict(change) for change in shown.changes],
        "ways": [{"what": way.what, "how": way.how} for way in shown.ways],
        "exposure": [asdict(one) for one in shown.exposures],
        "removals": [{**asdict(one), "needs_allowing": one.exceeds(percent)} for one in gone],
        "problems": [asdict(one) for one in found.made.problems],
        "diff": shown.diff,
    }
