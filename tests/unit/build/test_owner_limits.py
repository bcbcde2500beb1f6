"""The setting `max_routes_per_owner`: which routes stay, what the others are told, and that no other owner notices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gen.model import Model
from gen.state import Workload
from tests.support.labelled import SETTINGS, built, messages, workload

PROJECT = "com.docker.compose.project"
FEW = replace(SETTINGS, max_routes_per_owner=3)


def owned(owner: str, *numbers: int) -> list[Workload]:
    """Workloads of one owner with a host each; the number is the age."""
    return [
        workload(f"{owner}{n}", {"fairway.host": f"{owner}{n}.test", PROJECT: owner}, created=float(n)) for n in numbers
    ]


def hosts(model: Model) -> list[str]:
    return sorted(str(route.match.hosts[0]) for route in model.routes)


def few(workloads: Iterable[Workload]) -> Model:
    return built(*workloads, settings=FEW)


def test_the_oldest_routes_stay_whatever_their_names_are() -> None:
    assert hosts(few(owned("red", 9, 8, 1, 2, 3))) == ["red1.test", "red2.test", "red3.test"]


def test_a_further_route_is_refused_and_takes_no_other_ones_place() -> None:
    before, after = few(owned("red", 1, 2, 3)), few(owned("red", 1, 2, 3, 4))
    assert after.routes == before.routes and after.upstreams == before.upstreams and not before.problems


def test_the_refused_label_is_named_with_the_owner_and_the_way_out() -> None:
    assert messages(few(owned("red", 1, 2, 3, 4))) == [
        "red4: fairway.host: owner red has more than 3 routes; this one of red4 is refused (use fewer routes, or a "
        "larger setting max_routes_per_owner)"
    ]


def test_a_route_that_ends_makes_place_for_the_next_oldest() -> None:
    assert hosts(few(owned("red", 1, 3, 4, 5))) == ["red1.test", "red3.test", "red4.test"]


def test_other_owners_have_their_own_number() -> None:
    alone, both = few(owned("blue", 1, 2, 3)), few([*owned("blue", 1, 2, 3), *owned("red", 1, 2, 3, 4, 5)])
    assert [route for route in both.routes if route.owner == "blue"] == list(alone.routes)
    assert len(both.routes) == 6 and all(text.startswith("red") for text in messages(both))


def test_copies_of_one_service_are_workloads_of_one_route_each() -> None:
    same = [workload(f"w{n}", {"fairway.host": "a.test", PROJECT: "red"}, host=f"10.0.0.{n}") for n in range(1, 4)]
    assert len(few(same).upstreams[0].servers) == 3 and not few(same).problems
