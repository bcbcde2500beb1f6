"""Passes for tests: a world of labels, made by the real stages."""

from __future__ import annotations

from pathlib import Path

from gen.apply import Applied, Outcome
from gen.build import build
from gen.bundle import Bundle, File
from gen.dialects import native
from gen.pipeline import Made
from gen.plan import Change
from gen.state import Address, Instance, Port, State
from gen.telling import Told
from gen.watcher import Pass
from tests.support.world import settings, workload

BUNDLE = Bundle(main="a.conf", files=(File(name="a.conf", content=b""),), digest="0123456789abcdef" * 4)
APPLIED = Applied(digest=BUNDLE.digest, how="live", check_seconds=0.0, confirm_seconds=0.0)


def made(place: Path, **worlds: dict[str, str]) -> Made:
    """What came of workloads with these labels."""
    instance = Instance(
        id="1", name="web-1", addresses=(Address(network="n", host="10.0.0.2"),), ports=(Port(number=80),)
    )
    state = State(source="test", workloads=tuple(workload(name, labels, instance) for name, labels in worlds.items()))
    declared = [found for one in state.workloads if (found := native.read(one, "test")) is not None]
    return Made(state=state, model=build(state, declared, settings(place), now=0.0), bundle=BUNDLE)


def a_pass(one: Made, outcome: Outcome = APPLIED, *changes: Change) -> Pass:
    """A pass that came to this."""
    return Pass(
        made=one, outcome=outcome, told=Told(changes=changes), seconds=0.25, waited=0.5, why="container web start"
    )
