"""A source that may be away, hang or break: what it said last counts, and nobody waits."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.errors import SourceError
from gen.sources import Change, kept
from gen.sources.kept import KeptSource
from gen.sources.remembered import Remembered
from gen.state import Label, State, Workload


class Scripted:
    """A source that a test plays: `say` is its next event; it answers while `may_answer`."""

    name = "docker"

    def __init__(self) -> None:
        self.state = State(source="docker", workloads=(Workload(id="1", name="web"),))
        self.error: Exception | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.events: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.begun = 0

    def read(self) -> State:
        self.may_answer.wait(20)
        if self.error:
            raise self.error
        return self.state

    def changes(self) -> Iterator[Change]:
        self.begun += 1
        while (event := self.events.get()) != "close":
            if event == "break":
                raise ValueError("what is this")
            yield Change(reason=event)

    def resync(self) -> None:
        pass

    def close(self) -> None:
        self.events.put("close")


@pytest.fixture
def source() -> Iterator[Scripted]:
    made = Scripted()
    yield made
    made.may_answer.set()


@pytest.fixture
def lab(source: Scripted) -> Iterator[KeptSource]:
    made = KeptSource(source, "engine lab", follows=True, clock=lambda: 0.0)
    yield made
    made.close()


def told(source: KeptSource) -> list[str]:
    return [str(problem) for problem in source.read().state.problems]


def test_who_is_away_keeps_what_it_said_last_and_since_when(source: Scripted, lab: KeptSource) -> None:
    hints = lab.changes()
    assert next(hints).reason == "engine lab"
    assert lab.read().state is source.state
    source.error = SourceError("connection refused", hint="is it up?")
    source.events.put("lost")
    assert next(hints).reason == "lost"
    found = lab.read()
    assert (found.away, found.state.workloads) == ("1970-01-01 00:00 UTC", source.state.workloads)
    assert told(lab) == [
        "engine lab: away since 1970-01-01 00:00 UTC; what it said last counts: connection refused (is it up?)"
    ]
    source.error = SourceError("something else")
    source.events.put("lost again")
    next(hints)
    assert lab.read() is found, "the same trouble is told once"
    source.error = None
    source.events.put("connected")
    next(hints)
    assert (lab.read().away, told(lab)) == ("", [])


def test_one_who_hangs_keeps_nobody_waiting(source: Scripted, lab: KeptSource) -> None:
    hints = lab.changes()
    next(hints)
    before = lab.read()
    source.may_answer.clear()
    source.events.put("something")
    assert lab.read() is before


def test_one_who_hangs_at_the_start_is_waited_for_a_while(
    source: Scripted, lab: KeptSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.05)
    source.may_answer.clear()
    threading.Thread(target=lambda: list(lab.changes()), daemon=True).start()
    assert told(lab)[0].startswith("engine lab: away since 1970-01-01 00:00 UTC, and nothing is known of it: no answer")
    assert lab.read().state.workloads == ()
    monkeypatch.setattr(kept, "PATIENCE", 1000.0)
    assert lab.read().state.workloads == (), "nobody waits twice"


def test_hints_that_break_off_are_listened_to_again(
    source: Scripted, lab: KeptSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_PAUSE", 0.01)
    hints = lab.changes()
    next(hints)
    source.events.put("break")
    assert "unexpected: ValueError" in next(hints).reason
    assert "what it said last counts" in told(lab)[0]
    source.events.put("start")
    assert next(hints).reason == "start"
    assert (source.begun, told(lab)) == (2, [])


def test_the_main_source_has_to_be_read_once(source: Scripted) -> None:
    source.error = SourceError("away")
    main = KeptSource(source, "docker", follows=True, required=True)
    next(main.changes())
    with pytest.raises(SourceError, match="away"):
        main.read()
    main.close()


def test_a_start_while_it_is_away_loses_nothing(source: Scripted, tmp_path: Path) -> None:
    label = Label(key="fairway.basic_auth.users", value="ann:$2y$05$abcdefghijklmnopqrstuv")
    source.state = State(source="docker", workloads=(Workload(id="1", name="web", labels=(label,)),))

    def memory(url: str = "ssh://lab") -> Remembered:
        return Remembered(tmp_path / "engines", "lab", of=url)

    before = KeptSource(source, "engine lab", memory=memory(), follows=True)
    next(before.changes())
    before.close()
    (place,) = (tmp_path / "engines").iterdir()
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    source.error = SourceError("connection refused")
    for follows in (True, False):
        after = KeptSource(source, "engine lab", memory=memory(), follows=follows)
        if follows:
            next(after.changes())
        assert after.read().state.workloads == source.state.workloads
        assert "what it said last counts" in told(after)[0]
        after.close()
    elsewhere = KeptSource(source, "engine lab", memory=memory("ssh://other"), follows=True)
    next(elsewhere.changes())
    assert elsewhere.read().state.workloads == (), "at another place somebody else answers"
    elsewhere.close()


def test_a_one_shot_command_that_knows_nothing_of_it_fails(source: Scripted, tmp_path: Path) -> None:
    source.error = SourceError("connection refused")
    memory = Remembered(tmp_path, "lab", of="ssh://lab")
    memory.keep(source.state, now=True)
    (place,) = tmp_path.iterdir()
    place.write_text("{", encoding="utf-8")
    with pytest.raises(SourceError, match="connection refused"):
        KeptSource(source, "engine lab", memory=memory).read()


def test_who_cannot_write_goes_on(source: Scripted, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lab = KeptSource(source, "engine lab", memory=Remembered(tmp_path / "file", "lab", of=""), follows=True)
    next(lab.changes())
    assert lab.read().state is source.state
    lab.close()


def test_that_nothing_changed_counts_as_heard(
    source: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gen.sources.remembered._EVERY", 0.0)
    memory = Remembered(tmp_path, "lab", of="ssh://lab")
    memory.keep(source.state)
    (place,) = tmp_path.iterdir()
    os.utime(place, (0, 0))
    memory.keep(source.state, now=True)
    assert place.stat().st_mtime == 0, "somebody who is away was not heard"
    memory.keep(source.state)
    assert place.stat().st_mtime > 0
