"""How much would go, and when somebody has to agree."""

from __future__ import annotations

import pytest

from gen.plan.removals import Removal, removals, too_many


def routes(*names: str, on: str = "web") -> dict[str, dict[str, str]]:
    return {f"route {name}.test/ on {on}": {} for name in names}


def servers(count: int, of: str, *, net: str = "10.0.0", on: str = "web") -> dict[str, dict[str, str]]:
    return {f"server {net}.{number}:80 of {of}.test/ on {on}": {"is": "ready"} for number in range(count)}


def test_routes_and_servers_that_go_are_counted_among_those_that_are_there() -> None:
    before = {**routes("a", "b"), **servers(3, "a"), **servers(1, "b"), "listener web": {}}
    after = {**routes("b", "c"), **servers(1, "b")}
    assert removals(before, after) == (
        Removal(kind="route", before=2, gone=1, left=2),
        Removal(kind="server", before=4, gone=3, left=1),
    )
    assert str(removals(before, after)[0]) == "1 of 2 routes would go"


def test_containers_that_were_made_anew_are_no_loss() -> None:
    """Each `docker compose up` after a new image gives every container another address."""
    before = {**routes("a"), **servers(5, "a")}
    assert removals(before, {**routes("a"), **servers(5, "a", net="10.0.9")}) == ()
    (lost,) = removals(before, {**routes("a"), **servers(1, "a", net="10.0.9")})
    assert (lost.gone, lost.before) == (4, 5)


def test_another_listener_for_all_is_no_loss_and_one_less_is() -> None:
    plain, both = routes("a", "b", "c"), routes("a", "b", "c", on="web, websecure")
    assert removals({**plain, **servers(3, "a")}, {**both, **servers(3, "a", on="web, websecure")}) == ()
    assert removals(both, plain)[0].gone == 3


def test_a_route_that_would_be_withheld_is_lost_and_one_that_is_cannot_be() -> None:
    withheld = {key: {"withheld": "its basic_auth cannot be read"} for key in routes("a", "b")}
    assert removals(routes("a", "b"), withheld)[0].gone == 2
    assert removals(withheld, {}) == ()


@pytest.mark.parametrize("condition", ["X-A: on", " on ", "a] on web, b of c"])
def test_a_label_that_writes_like_a_key_counts_for_its_own_route_alone(condition: str) -> None:
    hostile: dict[str, dict[str, str]] = {f"route a.test/ [{condition}] on web": {}}
    before = {**hostile, **routes("b", "c")}
    assert removals(before, dict(before)) == ()
    assert removals(before, routes("b", "c"))[0].gone == 1


@pytest.mark.parametrize(
    ("before", "gone", "left", "percent", "is_too_much"),
    [
        (10, 3, 7, 30, False),
        (10, 4, 6, 30, True),
        (3, 2, 1, 30, False),
        (3, 3, 1, 30, True),
        (1000, 3, 997, 0, True),
        (5, 5, 0, 100, False),
        (2, 2, 0, 30, True),
        (1, 1, 1, 30, False),
    ],
)
def test_a_share_and_more_than_a_few_or_the_last(
    before: int, gone: int, left: int, percent: int, is_too_much: bool
) -> None:
    found = too_many([Removal(kind="route", before=before, gone=gone, left=left)], percent)
    assert bool(found) is is_too_much


def test_the_last_server_of_a_small_world_may_go() -> None:
    assert not Removal(kind="server", before=1, gone=1, left=0).exceeds(30)
