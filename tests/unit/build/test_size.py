"""The size of a configuration is linear in the number of routes, whatever one owner writes, or two of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from gen.build import spread
from gen.settings import Settings
from gen.state import Workload
from gen.values import Listen
from tests.support.labelled import messages, workload
from tests.support.world import Maker, model_of

SETTINGS = Settings(listeners=(Listen("web", 8080),))
PROJECT = "com.docker.compose.project"
Writes = Callable[[int], dict[str, str]]


def hostless(number: int) -> dict[str, str]:
    if number % 2:
        return {"fairway.path": f"/p{number}", "fairway.priority": "5"}
    return {"fairway.host": f"h{number}.test"}


def wildcards(number: int) -> dict[str, str]:
    host = "*.w.test" if number % 2 else f"h{number}.w.test"
    return {"fairway.host": host, "fairway.path": f"/p{number}", "fairway.priority": str(number % 3)}


def wildcard_regexes(number: int) -> dict[str, str]:
    host, path = ("*.w.test", f"~^/r{number}") if number % 2 else ("h.w.test", f"/p{number}")
    return {"fairway.host": host, "fairway.path": path}


def regexes(number: int) -> dict[str, str]:
    return {"fairway.host": f"~^h{number}[0-9]$", "fairway.path": f"/p{number}"}


def paths(number: int) -> dict[str, str]:
    path = f"~^/r{number}" if number % 2 else f"/p{number}"
    return {"fairway.host": "a.test", "fairway.path": path, "fairway.methods": "GET"}


def nested(number: int) -> dict[str, str]:
    return {"fairway.host": "n.test", "fairway.path": "/a" * number or "/", "fairway.headers.X-A": str(number)}


def hosts(number: int) -> dict[str, str]:
    if number % 2:
        return {"fairway.path": f"~^/r{number}"}
    return {"fairway.host": ", ".join(f"h{n}.test" for n in range(10)), "fairway.path": f"/p{number}"}


MIXES = (hostless, wildcards, wildcard_regexes, regexes, paths, nested, hosts)


def alone(writes: Writes) -> Writes:
    return writes


def by_two(writes: Writes) -> Writes:
    """Even numbers of one owner, odd ones of another, so that each has one kind."""
    return lambda number: writes(number) | {PROJECT: ("red", "blue")[number % 2]}


def by_two_alike(writes: Writes) -> Writes:
    """Both kinds of each owner."""
    return lambda number: writes(number) | {PROJECT: ("red", "blue")[number // 2 % 2]}


@cache
def maker(proxy: str) -> Maker:
    return Maker(proxy, capabilities=frozenset())


def rendered(proxy: str, writes: Writes, count: int) -> int:
    """The bytes of a configuration."""
    workloads: list[Workload] = [workload(f"w{number:05}", writes(number)) for number in range(count)]
    bundle = maker(proxy).bundle(model_of(workloads, SETTINGS))
    return sum(len(file.content) for file in bundle.files)


@pytest.fixture
def _few_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit shows at few routes."""
    monkeypatch.setattr(spread, "FREE", 4)
    monkeypatch.setattr(spread, "PER_ROUTE", 1)


@pytest.mark.usefixtures("_few_are_free")
@pytest.mark.parametrize("owners", [alone, by_two, by_two_alike])
@pytest.mark.parametrize("writes", MIXES)
@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_twice_the_routes_are_at_most_about_twice_the_bytes(
    proxy: str, writes: Writes, owners: Callable[[Writes], Writes]
) -> None:
    none, one, two = (rendered(proxy, owners(writes), count) for count in (0, 16, 32))
    assert two - none < 2.3 * (one - none), (none, one, two)


def test_what_is_refused_is_told_at_its_label_with_the_way_out() -> None:
    workloads = [workload(f"w{number:05}", hostless(number)) for number in range(200)]
    told = [text for text in messages(model_of(workloads, SETTINGS)) if "refused" in text]
    assert told and told[0].startswith("w00") and "owner standalone" in told[0] and "write the hosts" in told[0]


def test_usual_tables_are_not_refused() -> None:
    usual = [workload(f"w{number:05}", {"fairway.host": f"h{number}.test"}) for number in range(800)]
    usual += [workload(f"x{number}", {"fairway.path": f"/x{number}"}) for number in range(12)]
    usual += [workload(f"c{n}", {"fairway.host": "c.test", "fairway.headers.X-A": str(n)}) for n in range(130)]
    assert messages(model_of(usual, SETTINGS)) == []


def test_the_owner_of_a_host_loses_no_path_to_what_another_one_repeats_there() -> None:
    first = workload("first", {"fairway.host": "a.test", PROJECT: "red"}, created=1.0)
    wide = [
        workload(f"b{n:03}", {"fairway.host": "a.test", "fairway.path": f"~^/r{n}", PROJECT: "blue"}, created=2.0)
        for n in range(40)
    ]
    later = [
        workload(f"r{n:03}", {"fairway.host": "a.test", "fairway.path": f"/p{n}", PROJECT: "red"}, created=3.0)
        for n in range(60)
    ]
    told = [text for text in messages(model_of([first, *wide, *later], SETTINGS)) if "refused" in text]
    assert told and all(text.startswith("b0") and "owner blue" in text for text in told)
