"""HAProxy is changed while it runs: what the log says, what HAProxy itself counts, and what clients notice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from docker.models.containers import Container

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_haproxy
from tests.e2e.traffic import steady
from tests.support.http import Reply
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, on_haproxy]
LABELS = {"fairway.host": "live.test"}


@pytest.fixture
def served(engine: Engine, new_fairway: Callable[..., Fairway]) -> Fairway:
    """A Fairway that serves one container of two seconds' grace."""
    fairway = new_fairway()
    engine.run("fw-live-1", labels=LABELS, environment={"GRACE": "2"})
    fairway.start()
    fairway.serves("live.test")
    return fairway


def servers(fairway: Fairway) -> dict[str, int]:
    """Address with port → weight of the servers that HAProxy would ask: not in maintenance, with a weight."""
    rows = (row.split() for row in fairway.ask("show servers state")[0].splitlines()[2:])
    asked = (row for row in rows if row[6] == "0" and int(row[7]) > 0)
    return {f"{row[4]}:{row[18]}": int(row[7]) for row in asked}


def place(engine: Engine, container: Container) -> str:
    host, port = engine.address(container)
    return f"{host}:{port}"


def test_instances_that_come_and_go_need_no_reload_and_haproxy_knows_the_same(engine: Engine, served: Fairway) -> None:
    first = place(engine, engine.client.containers.get("fw-live-1"))
    before, seen = served.reloads, served.mark
    with steady(lambda: served.get("live.test")) as traffic:
        second = engine.run("fw-live-2", labels={**LABELS, "fairway.weight": "3"}, environment={"GRACE": "2"})
        at = place(engine, second)
        assert served.wait("applied", "fw-live-2 start", after=seen)["how"] == "live"
        now = servers(served)
        assert set(now) == {first, at}
        assert now[at] == 3 * now[first]
        served.serves("live.test", by="fw-live-2")
        seen = served.mark
        second.stop(timeout=10)
        assert served.wait("applied", "fw-live-2 kill", after=seen)["how"] == "live"
        eventually(lambda: set(servers(served)) == {first})
    assert traffic.failed == []
    assert served.reloads == before


def test_a_change_that_needs_a_reload_says_why(engine: Engine, served: Fairway) -> None:
    before, seen = served.reloads, served.mark
    engine.run("fw-limited", labels={"fairway.host": "limited.test", "fairway.rate_limit": "5/s"})
    applied = served.wait("applied", "limited.test", after=seen)
    assert applied["how"] == "reload"
    assert "limited_test" in applied["reload_for"]
    assert served.reloads == before + 1


def test_another_path_to_known_servers_needs_no_reload(engine: Engine, served: Fairway) -> None:
    shared = {"fairway.upstream": "pool"}
    engine.run("fw-pool", labels={"fairway.host": "pool.test", **shared})
    served.serves("pool.test", by="fw-pool")
    before, seen = served.reloads, served.mark
    engine.run("fw-pool-2", labels={"fairway.host": "other.test", **shared})
    assert served.wait("applied", "route other.test", after=seen)["how"] == "live"
    served.serves("other.test", by="fw-pool")
    assert served.reloads == before


def test_a_request_outlives_its_server_that_is_taken_away_live(engine: Engine, served: Fairway) -> None:
    engine.run("fw-live-3", labels=LABELS)
    served.serves("live.test", by="fw-live-3")
    replies: list[Reply] = []
    slow = [threading.Thread(target=lambda: replies.append(served.get("live.test", "/slow?ms=1500"))) for _ in range(2)]
    for one in slow:
        one.start()
    eventually(lambda: connections(served, "s_fw_live_1") == 1)
    seen = served.mark
    engine.client.containers.get("fw-live-1").kill("SIGTERM")
    assert served.wait("applied", "fw-live-1 kill", after=seen)["how"] == "live"
    for one in slow:
        one.join()
    assert {(reply.status, reply.json()["instance"]) for reply in replies} == {(200, "fw-live-1"), (200, "fw-live-3")}


def test_what_somebody_else_changed_is_set_right_again(engine: Engine, served: Fairway) -> None:
    """A hand in the runtime API: the next live change finds that HAProxy is not as it was told, and reloads."""
    backend, server = named(served)
    assert served.ask(f"set server {backend}/{server} weight 0")[0].strip() == ""
    served.answers(503, "live.test")
    seen = served.mark
    engine.run("fw-live-4", labels=LABELS)
    served.wait("repaired", after=seen)
    assert served.wait("applied", "fw-live-4 start", after=seen)["how"] == "reload"
    eventually(lambda: {served.get("live.test").json()["instance"] for _ in range(8)} == {"fw-live-1", "fw-live-4"})


def named(fairway: Fairway) -> tuple[str, str]:
    """The names of the first server and its backend."""
    (row, *_) = (row.split() for row in fairway.ask("show servers state")[0].splitlines()[2:] if row)
    return row[1], row[3]


def connections(fairway: Fairway, server: str) -> int:
    """How many requests wait for an answer of the server whose name begins like this."""
    header, *rows = (row.split(",") for row in fairway.ask("show stat")[0].splitlines() if row)
    current, name = header.index("scur"), header.index("svname")
    return sum(int(row[current] or 0) for row in rows if row[name].startswith(server))
