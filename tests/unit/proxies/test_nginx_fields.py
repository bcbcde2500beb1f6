"""Which guarded routes an nginx disables that reads only the first of several header fields of one name."""

from __future__ import annotations

import pytest

from gen.model import Model
from gen.proxies.nginx import BASELINE, Nginx
from tests.support.labelled import built, messages, workload

OPEN = {"fairway.host": "a.test", "fairway.headers.X-A": "1"}
GUARDED = {"fairway.host": "a.test", "fairway.ip_allow": "10.0.0.1"}


def fitted(*labels: dict[str, str], joins: bool = False) -> Model:
    capabilities = BASELINE | ({"joined_fields"} if joins else set())
    return Nginx(capabilities).fit(built(*(workload(f"w{number}", own) for number, own in enumerate(labels))))


def disabled(model: Model) -> list[str]:
    return sorted(route.owner or route.rank_name for route in model.routes if route.withheld)


def test_a_guarded_route_beside_a_header_condition_is_disabled_with_the_reason() -> None:
    found = fitted(OPEN, GUARDED)
    assert len(disabled(found)) == 1
    (told,) = messages(found)
    assert told.startswith("w1: fairway.headers: this nginx (before 1.23) reads only the first of several")
    assert "X-A decides" in told and "disabled (503)" in told


def test_a_guarded_route_with_a_header_condition_is_disabled() -> None:
    assert len(disabled(fitted(GUARDED | {"fairway.headers.X-A": "1"}))) == 1


@pytest.mark.parametrize(
    "labels",
    [
        {"fairway.host": "b.test", "fairway.ip_allow": "10.0.0.1"},
        {"fairway.host": "a.test"},
        {"fairway.host": "a.test", "fairway.path": "=/x", "fairway.priority": "5", "fairway.ip_allow": "10.0.0.1"},
    ],
)
def test_a_route_that_no_repeated_field_leads_around_stays(labels: dict[str, str]) -> None:
    assert disabled(fitted(OPEN, labels)) == []


@pytest.mark.parametrize("name", ["Cookie", "X-Forwarded-Proto", "X-Real-IP", "Host"])
def test_a_field_that_every_nginx_reads_whole_is_no_reason(name: str) -> None:
    assert disabled(fitted(GUARDED | {f"fairway.headers.{name}": "x"})) == []


def test_an_nginx_that_joins_fields_keeps_all() -> None:
    found = fitted(OPEN, GUARDED, GUARDED | {"fairway.headers.X-A": "2"}, joins=True)
    assert disabled(found) == [] and messages(found) == []
