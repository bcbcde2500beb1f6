"""A few policies through real containers; what nginx cannot take stays one workload's trouble."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway
from tests.support.refusing import refusing

pytestmark = pytest.mark.docker


def test_an_answer_is_cached_between_requests_and_over_a_reload(engine: Engine, fairway: Fairway) -> None:
    engine.run("fw-cache", labels={"fairway.host": "cache.test", "fairway.cache": "60s"})
    first = fairway.serves("cache.test", "/cacheable")
    second = fairway.get("cache.test", "/cacheable")
    assert second.json()["counter"] == first.json()["counter"]
    other = fairway.get("cache.test", "/cacheable?other")
    assert other.json()["counter"] == first.json()["counter"] + 1
    engine.run("fw-reload", labels={"fairway.host": "reload.test"})
    fairway.serves("reload.test")
    assert fairway.get("cache.test", "/cacheable").json()["counter"] == first.json()["counter"]


def test_passwords_protect_and_a_broken_list_of_them_closes_the_route(engine: Engine, fairway: Fairway) -> None:
    alice = "alice:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"
    engine.run("fw-auth", labels={"fairway.host": "auth.test", "fairway.basic_auth": alice})
    engine.run("fw-broken", labels={"fairway.host": "broken.test", "fairway.basic_auth": "no colon"})
    fairway.answers(401, "auth.test")
    right = {"Authorization": "Basic YWxpY2U6c2VjcmV0"}
    assert fairway.get("auth.test", headers=right).json()["instance"] == "fw-auth"
    assert "fw-broken" in fairway.wait("problem", "fairway.basic_auth")["message"]
    fairway.answers(503, "broken.test")
    assert "h9FWgUz3n9" not in fairway.log()


def test_a_workload_that_nginx_refuses_is_left_out_alone(engine: Engine, new_fairway: Callable[..., Fairway]) -> None:
    fairway = new_fairway()
    fairway.settings["proxy_binary"] = refusing("nginx", "proxy_read_timeout 10s", fairway.directory)
    engine.run("fw-good", labels={"fairway.host": "good.test"})
    fairway.start()
    fairway.serves("good.test")
    engine.run("fw-bad", labels={"fairway.host": "bad.test", "fairway.timeouts": "10s"})
    problem = fairway.wait("problem", "fw-bad")
    assert "nginx refuses what these labels make" in problem["message"]
    fairway.answers(503, "bad.test")
    engine.run("fw-late", labels={"fairway.host": "late.test"})
    fairway.serves("late.test")
    assert fairway.get("good.test").status == 200
