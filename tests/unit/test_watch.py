"""The daemon's loop, with a source, a proxy and a pipeline that only count."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gen.apply import Applied, Outcome, Refused, RolledBack, Unchanged
from gen.bundle import Bundle, File
from gen.deployment import Deployment
from gen.errors import FairwayError, SourceError
from gen.memo import Memo
from gen.model import Model
from gen.pipeline import Made
from gen.settings import Settings
from gen.sources import RESYNC, Change
from gen.state import State
from gen.watch import Watch
from tests.support.wait import eventually

BUNDLE = Bundle(main="a.conf", files=(File(name="a.conf", content=b""),), digest="0123456789abcdef")
APPLIED = Applied(digest=BUNDLE.digest, how="start", check_seconds=0.0, confirm_seconds=0.0)


class Counting:
    """A source and a deployment in one: `reads` and `applies` are counted, `gate` holds an apply up."""

    name = "counting"

    def __init__(self, *outcomes: Outcome, failures: int = 0) -> None:
        self.outcomes = list(outcomes) or [APPLIED]
        self.failures = failures
        self.reads = self.applies = self.resyncs = 0
        self.closed = threading.Event()
        self.stopped = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.certificates: tuple[object, ...] = ()
        self.refusals: list[Refused] = []
        self.is_checked = True
        self.verdicts: list[object] = []
        self.pipeline = SimpleNamespace(files=(), refused={})
        self.heard: Any = None
        self.calls: list[str] = []

    def resume(self) -> str:
        self.calls.append("resume")
        return ""

    def read(self) -> State:
        self.reads += 1
        self.calls.append("read")
        if self.reads <= self.failures:
            raise SourceError("the engine is away")
        return State(source="test")

    def changes(self) -> Iterator[Change]:
        self.closed.wait()
        yield from ()

    def resync(self) -> None:
        self.resyncs += 1

    def close(self) -> None:
        self.closed.set()

    def apply(self, bundle: Bundle) -> Outcome:
        self.applies += 1
        self.gate.wait(10)
        return self.outcomes[min(self.applies, len(self.outcomes)) - 1]

    def settle(self) -> Refused | None:
        return self.refusals.pop() if self.refusals else None

    def make(self, state: State, verdict: object) -> Made:
        self.verdicts.append(verdict)
        self.pipeline.files = self.certificates
        return Made(state=state, model=Model(settings=Settings()), bundle=BUNDLE)

    def watch(self, **named: Any) -> Watch:
        applier = SimpleNamespace(apply=self.apply, is_lost=lambda digest: False, settle=self.settle)
        applier.is_checked, applier.resume, applier.restore = self.is_checked, self.resume, lambda: False
        self.pipeline.make, self.pipeline.is_stale = self.make, lambda: self.certificates != self.pipeline.files
        self.pipeline.memo = Memo()
        control = SimpleNamespace(stop=self.stopped.set, on_end=lambda heard: setattr(self, "heard", heard))
        parts: Any = SimpleNamespace(applier=applier, pipeline=self.pipeline, control=control, verdict="ask")
        directory = SimpleNamespace(current=lambda: None, description=lambda: b"", describe=lambda bundle: None)
        directory.is_altered = lambda: False
        parts.settings, parts.directory = Settings(), directory
        return Watch(self, cast(Deployment, parts), **named)


def run(world: Counting) -> tuple[Watch, threading.Thread]:
    watch = world.watch()
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    eventually(lambda: world.applies >= 1, timeout=5, message="the first update")
    return watch, thread


def test_a_burst_of_hints_costs_one_update_more_than_the_one_under_way() -> None:
    world = Counting(Unchanged(digest=BUNDLE.digest))
    world.gate.clear()
    watch, thread = run(world)
    for number in range(50):
        watch.hint(f"container {number}")
    world.gate.set()
    eventually(lambda: world.reads == 2, timeout=5, message="the second update")
    watch.stop()
    thread.join(5)
    assert world.reads == 2


def test_stopping_lets_go_of_the_source_and_the_proxy() -> None:
    world = Counting()
    watch, thread = run(world)
    watch.stop()
    thread.join(5)
    assert (thread.is_alive(), world.closed.is_set(), world.stopped.is_set()) == (False, True, True)


def test_a_resync_reads_anew_and_asks_the_proxy_again() -> None:
    world = Counting()
    watch, thread = run(world)
    watch.resync()
    eventually(lambda: world.applies == 2, timeout=5, message="a second apply of the same release")
    watch.stop()
    thread.join(5)
    assert world.resyncs == 1


def test_a_resync_of_the_source_lets_refused_networks_be_tried_again() -> None:
    world = Counting()
    watch, thread = run(world)
    world.pipeline.refused["id"] = "refused"
    watch.hint("container one start")
    eventually(lambda: world.reads == 2, timeout=5, message="an update")
    assert world.pipeline.refused == {"id": "refused"}
    watch.hint(RESYNC)
    eventually(lambda: world.pipeline.refused == {}, timeout=5, message="another chance")
    watch.stop()
    thread.join(5)


def test_an_engine_that_is_away_at_the_start_is_waited_for() -> None:
    world = Counting(failures=1)
    watch = world.watch()
    watch.hint("connected")
    assert watch.first().outcome == APPLIED
    assert world.reads == 2


def test_a_first_release_that_is_rolled_back_ends_the_run() -> None:
    world = Counting(RolledBack(reason="port 80 is in use", hint="free it", serving=None))
    with pytest.raises(FairwayError, match="port 80 is in use"):
        world.watch().run()
    assert world.stopped.is_set()


def test_a_later_roll_back_is_tried_again_and_what_runs_keeps_running() -> None:
    watch = Counting(APPLIED, RolledBack(reason="no", hint="", serving=BUNDLE.digest)).watch()
    assert watch.update().retry_in == 0
    watch.resync()
    assert [watch.update().retry_in > 0] == [True]


def test_changed_certificates_are_noticed_without_a_hint() -> None:
    world = Counting()
    watch = world.watch()
    watch.update()
    assert not watch._has_drifted()
    world.certificates = ("renewed",)
    assert watch._has_drifted()


def test_live_changes_are_checked_after_a_while_even_if_hints_never_pause() -> None:
    world, times = Counting(), iter([0.0, 1.0, 11.0, 11.0])
    world.is_checked = False
    world.refusals.append(Refused(reason="no", faults=()))
    watch = world.watch(clock=lambda: next(times))
    assert not watch._is_overdue()
    assert world.refusals
    assert watch._is_overdue()
    assert not world.refusals
