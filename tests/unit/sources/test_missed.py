"""What only a list shows to be gone is held back, and what an event reported is believed."""

from __future__ import annotations

from gen.sources.missed import Missed
from tests.unit.sources.fake_engine import FakeClient, container
from tests.unit.sources.following import following


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_loss_is_held_back_until_lists_have_shown_it_long_enough() -> None:
    clock = Clock()
    missed = Missed(5, clock=clock)
    assert missed.gone(["a", "b"], {"a"}, ()) == []
    assert (missed.wait, len(missed)) == (5, 1)
    clock.now = 4.9
    assert missed.gone(["a", "b"], set(), ()) == []
    clock.now = 5.0
    assert missed.gone(["a", "b"], set(), ()) == ["b"]
    clock.now = 10.0
    assert missed.gone(["a"], set(), ()) == ["a"]
    assert (missed.wait, len(missed)) == (0, 0)


def test_what_is_listed_again_is_held_back_anew() -> None:
    clock = Clock()
    missed = Missed(5, clock=clock)
    missed.gone(["a"], set(), ())
    clock.now = 4.0
    assert missed.gone(["a"], {"a"}, ()) == [] and not len(missed)
    clock.now = 8.0
    assert missed.gone(["a"], set(), ()) == []
    assert missed.wait == 5


def test_what_an_event_reported_is_gone_at_once_and_without_doubt_all_is() -> None:
    missed = Missed(5, clock=Clock())
    assert missed.gone(["a", "b"], set(), {"b"}) == ["b"]
    assert Missed(0, clock=Clock()).gone(["a", "b"], {"b"}, ()) == ["a"]


def test_it_says_how_many_are_missing_and_until_when() -> None:
    missed = Missed(5, clock=Clock())
    assert missed.problems("docker") == ()
    missed.gone(["a", "b"], set(), ())
    (problem,) = missed.problems("docker")
    assert (problem.severity, problem.origin.source) == ("warning", "docker")
    assert "2 containers are missing" in problem.message and "5 s (the setting doubt)" in problem.hint


def test_an_engine_that_lists_nothing_takes_nothing_away_until_it_said_so_again() -> None:
    client = FakeClient(container("a"), container("b"))
    with following(client, doubt=0.2) as it:
        known = dict(client.known)
        client.known.clear()
        it.source.resync()
        held = it.source.read()
        assert [one.name for one in held.workloads] == ["a", "b"]
        assert [problem.severity for problem in held.problems] == ["warning"]
        client.known.update(known)
        it.await_change("what the list did not show")
        assert it.source.read().problems == ()
        client.known.clear()
        it.source.resync()
        it.source.read()
        it.await_change("what the list did not show")
        assert it.source.read().workloads == ()


def test_a_container_whose_end_an_event_reported_is_gone_though_a_list_is_read() -> None:
    client = FakeClient(container("a"), ended := container("b"))
    with following(client, doubt=60) as it:
        client.known.pop(ended["Id"])
        client.tell("die", ended)
        it.await_change("container b die")
        it.source.resync()
        assert [one.name for one in it.source.read().workloads] == ["a"]
