"""`fairway doctor`: why it does not work, or why one container is not routed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gen.cli.passes import basis_from
from gen.cli.show import as_json, count, echo, line_of, paint
from gen.cli.world import World, world_options
from gen.errors import FairwayError

if TYPE_CHECKING:
    from gen.explain.basis import Basis
    from gen.explain.finding import Finding
    from gen.state import State

_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command(short_help="Say why it does not work, or why one container is not routed.")
@click.argument("container", default="", metavar="[CONTAINER]")
@click.option(
    "--connect", is_flag=True, help="With a container: open a connection to each of its servers, and close it."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@world_options
def doctor(world: World, container: str, connect: bool, form: str) -> int:
    """Say what is wrong around the proxy: engine, networks, binary, ports, directories, certificates.

    With a container (a name, an id, a service of compose) each step from its labels to its servers; of the rest only
    what is wrong. The first thing that is wrong is told at the end. Nothing is changed.

    \b
    Exit code 0: nothing fails.  1: something does.
    """
    from gen.explain.finding import first_wrong

    state, around = _around(world)
    basis, made = _configured(world, state)
    found = [one for one in (*around, *made) if not container or one.level != "ok"]
    steps = list(_steps(world, container, basis, connect=connect)) if container else []
    found += steps
    # What is wrong with others is told after what is wrong with this one.
    worst = first_wrong([one for one in (*steps, *found) if one.level == "fail"]) or first_wrong((*steps, *found))
    if form == "json":
        shown = {"version": 1, "findings": [asdict(one) for one in found], "first": asdict(worst) if worst else None}
        echo(as_json(shown))
    else:
        _print(found)
        _conclude(worst, container, connect=connect)
    return int(any(one.level == "fail" for one in found))


def _around(world: World) -> tuple[State | None, list[Finding]]:
    """Everything but one container, in the order in which one thing needs another."""
    from gen.doctor.certificates import certificates
    from gen.doctor.engine import engine, own, standpoint
    from gen.doctor.engine import world as world_of
    from gen.doctor.places import places
    from gen.doctor.ports import ports, published
    from gen.doctor.proxy import masters, proxy

    settings = world.settings
    found = list(engine(settings)) if world.reads_engine else []
    state: State | None = None
    if all(one.level != "fail" for one in found):
        state, read = world_of(world.read)
        found += read
        found += [standpoint(state.vantage)] if state is not None and world.reads_engine else []
    found += [*proxy(settings), *ports(settings, masters(settings))]
    if state is not None and world.reads_engine and (facts := own(settings, state.vantage)):
        found += published(settings, facts)
    return state, [*found, *places(settings), *certificates(settings, time.time())]


def _configured(world: World, state: State | None) -> tuple[Basis | None, list[Finding]]:
    """One pass in a directory that vanishes, checked by the proxy itself where it is here."""
    from gen.deployment import rehearsal
    from gen.explain.finding import Finding

    if state is None:
        return None, []
    about = "configuration"
    try:
        with rehearsal(world.settings) as trial:
            made = trial.pipeline.make(state, trial.verdict if trial.can_check else None)
            basis = basis_from(trial.pipeline, made)
    except FairwayError as error:
        return None, [Finding(level="fail", about=about, found=str(error), hint=error.hint)]
    taken = f"{world.settings.proxy} takes it" if trial.can_check else "it was not checked, as no binary is here"
    found = f"{taken}: {count(len(made.model.routes) + len(made.model.streams), 'route')}"
    errors = sum(problem.severity == "error" for problem in made.problems)
    if errors:
        found += f"; {count(errors, 'error')} in labels, certificates or settings"
        return basis, [Finding(level="warn", about=about, found=found, hint="`fairway check` lists them")]
    return basis, [Finding(level="ok", about=about, found=found)]


def _steps(world: World, name: str, basis: Basis | None, *, connect: bool) -> Iterator[Finding]:
    from gen.doctor.container import container, sought

    if basis is None:
        return
    target = sought(name, basis.state, world.settings, asks=world.reads_engine and not world.settings.swarm)
    yield from target.findings
    if target.workload is not None:
        yield from container(target.workload, basis, world.settings, connect=connect)


def _print(found: Iterable[Finding]) -> None:
    for one in found:
        level = paint(f"{one.level:<5}", _COLORS[one.level], out=True)
        echo(f"{level} {line_of(one.about):<13} {line_of(one.found)}")
        if one.hint:
            echo(f"{'':<20}do: {line_of(one.hint)}")


def _conclude(worst: Finding | None, container: str, *, connect: bool) -> None:
    echo("")
    if worst is not None:
        echo(paint("first: ", _COLORS[worst.level], out=True) + line_of(f"{worst.about}: {worst.found}"))
        if worst.hint:
            echo(line_of(f"   do: {worst.hint}"))
    elif container and not connect:
        echo("nothing is wrong; --connect tries whether it takes connections, `fairway explain URL` goes on from here")
    else:
        echo("nothing is wrong")
