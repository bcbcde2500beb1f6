"""The size of a configuration is linear in the number of routes, whatever one owner writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gen.settings import Settings
from gen.state import Workload
from gen.values import Listen
from tests.support.labelled import messages, workload
from tests.support.world import PROXIES, Maker, model_of

SETTINGS = Settings(listeners=(Listen("web", 8080),), max_routes_per_owner=1_000_000)
Writes = Callable[[int], dict[str, str]]


def hostless(number: int) -> dict[str, str]:
    if number % 2:
        return {"fairway.path": f"/p{number}", "fairway.priority": "5"}
    return {"fairway.host": f"h{number}.test"}


def wildcards(number: int) -> dict[str, str]:
    host = "*.w.test" if number % 2 else f"h{number}.w.test"
    return {"fairway.host": host, "fairway.path": f"/p{number}", "fairway.priority": str(number % 3)}


def regexes(number: int) -> dict[str, str]:
    return {"fairway.host": f"~^h{number}[0-9]$", "fairway.path": f"/p{number}"}


def paths(number: int) -> dict[str, str]:
    path = f"~^/r{number}" if number % 2 else f"/p{number}"
    return {"fairway.host": "a.test", "fairway.path": path, "fairway.methods": "GET"}


def nested(number: int) -> dict[str, str]:
    path = "/a" * (number % 120) + f"/{number}" * (number >= 120)
    return {"fairway.host": f"h{number // 120}.test", "fairway.path": path or "/", "fairway.headers.X-A": str(number)}


def mixed(number: int) -> dict[str, str]:
    return (hostless, wildcards, regexes, paths, nested)[number % 5](number)


def rendered(proxy: str, writes: Writes, count: int) -> tuple[int, int]:
    """The bytes of a configuration, and how many claims were refused."""
    workloads: list[Workload] = [workload(f"w{number:05}", writes(number)) for number in range(count)]
    model = model_of(workloads, SETTINGS)
    bundle = Maker(proxy, capabilities=frozenset()).bundle(model)
    return sum(len(file.content) for file in bundle.files), sum("refused" in text for text in messages(model))


@pytest.mark.parametrize("writes", [hostless, wildcards, regexes, paths, nested, mixed])
@pytest.mark.parametrize("proxy", PROXIES)
def test_twice_the_routes_are_at_most_about_twice_the_bytes(proxy: str, writes: Writes) -> None:
    (one, _), (two, refused) = rendered(proxy, writes, 150), rendered(proxy, writes, 300)
    assert two < 2.6 * one, (one, two, refused)
    assert two < 4_000_000


def test_what_is_refused_is_told_at_its_label_with_the_way_out() -> None:
    workloads = [workload(f"w{number:05}", hostless(number)) for number in range(200)]
    told = [text for text in messages(model_of(workloads, SETTINGS)) if "refused" in text]
    assert told and told[0].startswith("w00") and "owner standalone" in told[0] and "write the hosts" in told[0]


def test_usual_tables_are_not_refused() -> None:
    usual = [workload(f"w{number:05}", {"fairway.host": f"h{number}.test"}) for number in range(800)]
    usual += [workload(f"x{number}", {"fairway.path": f"/x{number}"}) for number in range(12)]
    usual += [workload(f"c{n}", {"fairway.host": "c.test", "fairway.headers.X-A": str(n)}) for n in range(130)]
    assert messages(model_of(usual, SETTINGS)) == []
