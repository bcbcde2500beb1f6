"""Several sources as one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gen.errors import Origin, Problem, SourceError
from gen.sources import Change
from gen.sources.combined import CombinedSource
from gen.state import State, Vantage, Workload


class Fixed:
    """A source that says what it is told to."""

    def __init__(self, name: str, *workloads: str, problem: str = "") -> None:
        self.name = name
        self.error = ""
        self.resyncs = 0
        self.closed = threading.Event()
        self.say(*workloads, problem=problem)

    def say(self, *workloads: str, problem: str = "") -> None:
        found = tuple(Workload(id=f"{self.name}:{name}", name=name) for name in workloads)
        told = (Problem(severity="error", origin=Origin(source=self.name), message=problem),) if problem else ()
        self.state = State(source=self.name, workloads=found, vantage=Vantage(name=self.name), problems=told)

    def read(self) -> State:
        if self.error:
            raise SourceError(self.error, hint="try again")
        return self.state

    def changes(self) -> Iterator[Change]:
        yield Change(reason=self.name)
        self.closed.wait(5)

    def resync(self) -> None:
        self.resyncs += 1

    def close(self) -> None:
        self.closed.set()


def names(state: State) -> list[str]:
    return [workload.id for workload in state.workloads]


def test_one_that_has_nothing_changes_nothing() -> None:
    main = Fixed("docker", "a", "b", problem="no")
    assert CombinedSource(main, Fixed("file")).read() is main.state
    assert CombinedSource(main).read() is main.state


def test_workloads_stand_in_one_order_and_the_first_source_says_where_the_proxy_is() -> None:
    found = CombinedSource(Fixed("docker", "a", "c", problem="x"), Fixed("file", "b", "c", problem="y")).read()
    assert names(found) == ["docker:a", "file:b", "docker:c", "file:c"]
    assert (found.source, found.vantage.name) == ("docker", "docker")
    assert [problem.message for problem in found.problems] == ["x", "y"]


def test_a_workload_that_is_there_already_counts_once() -> None:
    main, other = Fixed("file", "a"), Fixed("file", "a", "b")
    assert names(CombinedSource(main, other).read()) == ["file:a", "file:b"]


def test_who_was_never_read_is_an_error() -> None:
    for failing in (0, 1):
        both = (Fixed("docker", "a"), Fixed("file", "b"))
        both[failing].error = "away"
        with pytest.raises(SourceError, match="away"):
            CombinedSource(*both).read()


def test_who_is_away_keeps_what_was_read_last_and_what_others_say_anew_counts() -> None:
    main, other = Fixed("docker", "a"), Fixed("file", "b")
    both = CombinedSource(main, other)
    both.read()
    main.error = "away"
    with pytest.raises(SourceError, match="away"):
        both.read()
    other.say("b", "c")
    found = both.read()
    assert names(found) == ["docker:a", "file:b", "file:c"]
    assert [str(problem) for problem in found.problems] == ["docker: away; what was read last counts (try again)"]
    main.error, other.error = "", "gone"
    main.say("d")
    assert names(both.read()) == ["file:b", "file:c", "docker:d"]


def test_hints_of_all_arrive_and_everything_is_handed_on() -> None:
    main, other = Fixed("docker"), Fixed("file")
    both = CombinedSource(main, other)
    hints = both.changes()
    assert {next(hints).reason, next(hints).reason} == {"docker", "file"}
    both.resync()
    assert (main.resyncs, other.resyncs) == (1, 1)
    both.close()
    assert list(hints) == []
    assert main.closed.is_set() and other.closed.is_set()
