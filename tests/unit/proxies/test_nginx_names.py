"""Servers by name in nginx: what one that cannot follow names loses, and the room that one that can is given."""

from __future__ import annotations

import pytest

from gen.proxies.nginx import BASELINE, Nginx
from gen.state import Vantage, Workload
from tests.support.labelled import SETTINGS, built, instance, messages, workload
from tests.support.world import Maker

FOLLOWING = BASELINE | {"upstream_resolve"}
INSIDE = Vantage(kind="container", name="proxy", networks=("web",))


def shop(number: int, **labels: str) -> Workload:
    name = f"c{number}"
    own = {"fairway.host": "a.test", "fairway.resolve": "dns"} | {
        f"fairway.{key}": text for key, text in labels.items()
    }
    return workload(name, own, instance(name, f"10.0.0.{number}", names=(name, "shop")), created=float(number))


def canary() -> Workload:
    return workload("b", {"fairway.host": "a.test"}, instance("b", "10.0.1.1", names=("b",)), created=1.0)


@pytest.mark.parametrize(
    ("workloads", "lost"),
    [
        ([shop(1), shop(2)], ""),
        ([shop(1, sticky="sid")], "sticky"),
        ([shop(1, balance="source")], "balance source"),
        ([shop(1, max_conns="5", keepalive="3")], "max_conns, keepalive"),
        ([shop(1), canary()], "equal share for each container"),
    ],
)
def test_what_a_variable_does_not_know_is_told(workloads: list[Workload], lost: str) -> None:
    model = built(*workloads, vantage=INSIDE)
    told = [text for text in messages(Nginx().fit(model)) if "known by name" in text]
    expected = f"this nginx (before 1.27.3) has no {lost} for servers that are known by name"
    assert [text.partition(": ")[2].partition(": ")[2] for text in told] == ([expected] if lost else [])
    assert messages(Nginx(FOLLOWING).fit(model)) == []


@pytest.mark.parametrize(("count", "size"), [(1, "128k"), (32, "128k"), (33, "256k"), (100, "512k")])
def test_the_zone_has_room_for_twice_as_many_as_there_are(count: int, size: str) -> None:
    model = built(*(shop(number) for number in range(1, count + 1)), vantage=INSIDE, settings=SETTINGS)
    text = Maker("nginx", capabilities=FOLLOWING).bundle(model).file("nginx.conf").decode()
    [zone] = [line.strip() for line in text.splitlines() if line.strip().startswith("zone ")]
    assert zone.endswith(f" {size};")
