"""Events are hints that cost little; the stream comes back whatever happens."""

from __future__ import annotations

import pytest

from gen.errors import SourceError
from gen.state import Instance, Workload
from tests.unit.sources.fake_engine import SECOND, STARTED, FakeClient, container
from tests.unit.sources.following import following, source


def instance(workloads: tuple[Workload, ...], name: str) -> Instance:
    return next(one.instances[0] for one in workloads if one.name == name)


def test_an_event_costs_one_inspect_and_no_list() -> None:
    client = FakeClient(container("a"), container("b"))
    client.listed_networks = [
        {"Id": "1", "Name": "shop", "Driver": "bridge", "IPAM": {"Config": [{"Gateway": "10.0.0.1"}]}}
    ]
    with following(client) as it:
        client.put(changed := container("a", health="unhealthy"))
        client.tell("health_status: unhealthy", changed)
        it.await_change("container a health_status")
        assert instance(it.source.read().workloads, "a").health == "unhealthy"
        assert it.source.calls == {"inspect": 1}


def test_an_unchanged_container_stays_the_same_object() -> None:
    client = FakeClient(container("a"), container("b"))
    with following(client) as it:
        before = it.source.read().workloads
        client.put(new := container("c"))
        client.tell("start", new)
        it.await_change("container c start")
        after = it.source.read().workloads
        assert [one.name for one in after] == ["a", "b", "c"]
        assert after[0] is before[0]
        assert after[1] is before[1]


@pytest.mark.parametrize("signal", ["15", "2", "9", "SIGTERM", "3"])
def test_a_container_that_is_told_to_end_is_stopping_at_once(signal: str) -> None:
    client = FakeClient(told := container("a", signal="SIGQUIT"))
    with following(client) as it:
        client.tell("kill", told, signal=signal)
        it.await_change("container a kill")
        assert instance(it.source.read().workloads, "a").stopping
        assert not it.source.calls


def test_a_signal_that_only_reloads_is_no_change() -> None:
    client = FakeClient(told := container("a"))
    with following(client) as it:
        client.tell("kill", told, signal="1")
        client.tell("update", told)
        assert it.reasons.get(timeout=10) == "container a update"
        assert not instance(it.source.read().workloads, "a").stopping


def test_a_restarted_container_is_not_stopping_any_more() -> None:
    client = FakeClient(told := container("a"))
    with following(client) as it:
        client.tell("kill", told, signal="15")
        it.await_change("kill")
        assert instance(it.source.read().workloads, "a").stopping
        client.put(again := container("a", started="2023-11-14T22:14:20Z"))
        client.tell("start", again, at=STARTED + 61 * SECOND)
        it.await_change("start")
        assert not instance(it.source.read().workloads, "a").stopping


def test_a_restart_that_nobody_told_is_found_at_the_next_full_look() -> None:
    client = FakeClient(told := container("a"))
    with following(client) as it:
        client.tell("kill", told, signal="15")
        it.await_change("kill")
        assert instance(it.source.read().workloads, "a").stopping
        client.put(container("a", started="2023-11-14T22:14:20Z"))
        client.streams[-1].close()
        it.await_change("connected")
        assert not instance(it.source.read().workloads, "a").stopping


def test_events_of_unrelated_containers_cost_nothing() -> None:
    client = FakeClient(other := container("db", labels={}), mine := container("a"))
    with following(client) as it:
        client.tell("start", other)
        client.tell("update", mine)
        assert it.reasons.get(timeout=10) == "container a update"


def test_a_lost_stream_is_opened_from_the_last_event_on_and_everything_is_listed() -> None:
    client = FakeClient(mine := container("a"))
    with following(client) as it:
        client.tell("update", mine, at=5 * SECOND)
        it.await_change("update")
        it.source.read()
        it.source.calls.clear()
        client.put(container("b"))
        client.streams[-1].close()
        it.await_change("the event stream ended")
        it.await_change("connected")
        assert client.sinces == [None, "5.000000001"]
        assert [one.name for one in it.source.read().workloads] == ["a", "b"]
        assert it.source.calls["list"] == 1


def test_an_unreachable_engine_is_told_once_and_retried_until_it_is_back() -> None:
    client = FakeClient(container("a"))
    with following(client) as it:
        client.refusal = ConnectionRefusedError(111, "refused")
        client.streams[-1].close()
        it.await_change("the event stream ended")
        with pytest.raises(SourceError, match="connection refused"):
            it.source.read()
        client.refusal = None
        assert "connected" in it.reasons.get(timeout=10)
        assert [one.name for one in it.source.read().workloads] == ["a"]


def test_the_resync_timer_asks_for_everything() -> None:
    client = FakeClient(container("a"))
    with following(client, resync=0.05) as it:
        it.await_change("resync")
        it.source.read()
        assert it.source.calls["list"] >= 1
        assert it.source.calls["inspect"] == 0


def test_an_engine_that_was_never_there_is_not_told_as_lost_and_close_ends_its_changes() -> None:
    client = FakeClient()
    client.refusal = OSError("away")
    closed = source(client, resync=0.05)
    changes = closed.changes()
    assert next(changes).reason == "resync"
    closed.close()
    assert list(changes) == []
