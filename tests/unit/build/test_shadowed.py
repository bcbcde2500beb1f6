"""A route that never answers is a problem that names the one that does, and an error where it has a guard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.errors import Problem
from gen.values import OwnerRule
from tests.support.labelled import SETTINGS, built, workload

ADMIN = {"host": "a.test", "path": "~^/admin"}
GUARD = {"ip_allow": "10.0.0.1"}


def problems(**labels: dict[str, str]) -> list[Problem]:
    made = built(
        *(workload(name, {f"fairway.{key}": value for key, value in own.items()}) for name, own in labels.items())
    )
    return [problem for problem in made.problems if "never answers" in problem.message]


def test_a_guarded_regex_path_behind_a_prefix_is_an_error() -> None:
    (found,) = problems(app={"host": "a.test"}, admin=ADMIN | GUARD)
    assert (found.severity, found.origin.workload) == ("error", "admin")
    assert "the path ~^/admin never answers on a.test: / of app comes first" in found.message
    assert found.message.endswith("its ip_allow protects nothing")
    assert "give this route the priority 1, or a prefix path that is longer than /" in found.hint


def test_without_a_guard_it_is_a_warning() -> None:
    (found,) = problems(app={"host": "a.test"}, admin=ADMIN)
    assert found.severity == "warning"


def test_the_same_guard_on_the_route_that_answers_leaves_a_warning() -> None:
    (found,) = problems(app={"host": "a.test"} | GUARD, admin=ADMIN | GUARD)
    assert found.severity == "warning"


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        ({"host": "a.test", "priority": "2"}, {"host": "a.test", "path": "/admin"}),
        ({"host": "a.test", "path": "/admin", "priority": "2"}, {"host": "a.test", "path": "=/admin/x"}),
        ({"host": "a.test", "path": "=/x", "priority": "2"}, {"host": "a.test", "path": "=/x", "methods": "GET"}),
        ({"host": "*.test", "priority": "2"}, {"host": "a.b.test"}),
        ({"host": ".a.test", "priority": "2"}, {"host": "*.a.test"}),
        ({"priority": "2"}, {"host": r"~^c[0-9]\.test$"}),
        ({"path": "/"}, {"path": "~^/x"}),
        ({"host": r"~^c[0-9]\.test$"}, {"host": r"~^c[0-9]\.test$", "path": "~^/x", "headers.X-A": "*"}),
    ],
)
def test_every_way_of_coming_first_is_seen(winner: dict[str, str], loser: dict[str, str]) -> None:
    assert [found.origin.workload for found in problems(winner=winner, loser=loser)] == ["loser"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"host": "a.test"}, ADMIN | {"priority": "1"}),
        ({"host": "a.test", "path": "/app"}, ADMIN),
        ({"host": "a.test", "methods": "GET"}, ADMIN),
        ({"host": "a.test"}, {"host": "*.test"}),
        ({"host": "a.test", "priority": "2"}, {"host": "*.test"}),
        ({"host": "a.test"}, {"host": r"~^a\.test$"}),
        ({"host": "*.a.test", "priority": "2"}, {"host": "a.test"}),
        ({"host": "*.a.test", "priority": "2"}, {"host": ".a.test"}),
        ({"host": "a.test"}, ADMIN | {"host": "b.test"}),
        ({"host": "a.test", "path": "/a", "priority": "1"}, {"host": "a.test", "path": "/ab"}),
        ({"host": "a.test", "listeners": "web"}, ADMIN | {"listeners": "websecure"}),
    ],
)
def test_a_route_that_can_answer_is_none(one: dict[str, str], other: dict[str, str]) -> None:
    assert problems(one=one, other=other) == []


def test_priority_and_order_of_other_owners_shadow_nothing() -> None:
    labels = {"fairway.host": "a.test", "fairway.priority": "5"}
    admin = {f"fairway.{key}": value for key, value in ADMIN.items()}
    settings = replace(SETTINGS, owner=OwnerRule.parse("label:team"))
    made = built(workload("one", labels | {"team": "a"}), workload("other", admin | {"team": "b"}), settings=settings)
    assert not [problem for problem in made.problems if "never answers" in problem.message]


def test_a_priority_of_the_operator_comes_before_every_owner() -> None:
    first = replace(workload("first", {"fairway.host": "a.test", "fairway.priority": "1"}), kind="file")
    made = built(first, workload("admin", {f"fairway.{key}": value for key, value in (ADMIN | GUARD).items()}))
    (found,) = [problem for problem in made.problems if "never answers" in problem.message]
    assert (found.severity, found.origin.workload) == ("error", "admin")
    assert "/ of first comes first and takes all its requests: it has priority 1 of the operator" in found.message
    assert found.hint == "use another host, or a path outside of it"


def test_a_host_on_which_it_answers_is_not_named() -> None:
    (found,) = problems(app={"host": "a.test"}, admin=ADMIN | {"host": "a.test, b.test"})
    assert "on a.test:" in found.message
