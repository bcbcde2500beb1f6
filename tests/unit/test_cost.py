"""What one changed server costs does not grow with the world: no function of ours is called for the others.

Calls are counted, not timed. What goes through all of a world there is (a comparison, a join of texts) is one call.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest

import gen
from gen import table
from gen.deployment import loader
from gen.pipeline import Made, Pipeline
from gen.plan import changes_between
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.haproxy.live import live
from gen.proxies.nginx import Nginx
from gen.settings import Settings
from gen.state import Address, Instance, Label, Port, State, Workload

OURS = str(Path(gen.__file__).parent)
PROXIES: tuple[Proxy, ...] = (Nginx(), Haproxy())
SIZES = (200, 800)


def workload(number: int, address: str) -> Workload:
    name = f"web-{number:05}"
    labels = [Label(key="fairway.host", value=f"site{number}.example.com")]
    labels += [Label(key="fairway.rate_limit", value="10/s")] * (number % 10 == 0)
    instance = Instance(id=name, name=name, addresses=(Address(network="n", host=address),), ports=(Port(number=80),))
    return Workload(id=name, name=name, labels=tuple(labels), instances=(instance,))


def moved(state: State, address: str) -> State:
    """One in the middle has another address; all others are the very same."""
    middle = len(state.workloads) // 2
    changed = workload(middle, address)
    return replace(state, workloads=(*state.workloads[:middle], changed, *state.workloads[middle + 1 :]))


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Calls of our named functions."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and not code.co_name.startswith("<"):
            calls[f"{Path(code.co_filename).relative_to(OURS)}: {code.co_qualname}"] += 1

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def one_update(proxy: Proxy, size: int) -> Counter[str]:
    settings = Settings()
    line = Pipeline(settings, proxy, loader(settings), certificates=lambda: ((), ()))
    state = State(source="test", workloads=tuple(workload(n, f"10.0.{n // 250}.{n % 250 + 1}") for n in range(size)))
    before, rows = made(line, state)
    before, rows = made(line, moved(state, "10.9.0.1"))  # a first change compiles nothing and learns nothing any more
    after = moved(state, "10.9.0.2")
    with counting() as calls:
        now, shown = made(line, after)
        changed = changes_between(rows, shown)
        way = live(before.bundle, now.bundle) if proxy.name == "haproxy" else None
    assert [change.sign for change in changed] == ["-", "+"]
    assert way is None or (way.commands and not way.reasons)
    return calls


def made(line: Pipeline, state: State) -> tuple[Made, table.Rows]:
    found = line.make(state)
    return found, table.rows(found.model, line.memo)


@pytest.mark.parametrize("proxy", PROXIES, ids=lambda proxy: proxy.name)
def test_no_function_is_called_more_often_in_a_larger_world(proxy: Proxy) -> None:
    small, large = (one_update(proxy, size) for size in SIZES)
    grown = {name: (small[name], count) for name, count in large.items() if count > small[name] + 16}
    assert not grown
    assert 0 < sum(large.values()) < 2 * sum(small.values())
