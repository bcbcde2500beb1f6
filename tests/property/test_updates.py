"""However a world came to be what it is: a pipeline that remembers makes of it what one without memory makes."""

from __future__ import annotations

import gc
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen import table
from gen.certificate import Certificate
from gen.deployment import loader
from gen.memo import Memo
from gen.pipeline import Made, Pipeline
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.settings import Settings
from tests.support.changes import Changing

STEPS = 10
SETTINGS = Settings(unknown_sni="default")
several = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Line(Pipeline):
    """A pipeline with the certificates of a changing world."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(SETTINGS, proxy, loader(SETTINGS), certificates=lambda: (self.shown, ()))
        self.shown: tuple[Certificate, ...] = ()

    def of(self, changing: Changing) -> Made:
        self.shown = changing.shown()
        return self.make(changing.state())

    def forget(self) -> None:
        """As new, but for the compiled templates."""
        self.memo = self.renderer.memo = Memo()
        self.renderer.skeleton = None


LINES = {proxy.name: (Line(proxy), Line(proxy)) for proxy in (Nginx(), Haproxy())}


@pytest.mark.parametrize("name", sorted(LINES))
@several
@given(st.randoms(use_true_random=False), st.sampled_from([2, 6, 30]))
def test_what_is_remembered_does_not_show(name: str, chance: random.Random, size: int) -> None:
    changing = Changing(chance, size)
    kept, fresh = LINES[name]
    kept.forget()
    for _ in range(STEPS):
        known = kept.of(changing)
        fresh.forget()
        new = fresh.of(changing)
        assert known.bundle == new.bundle
        assert known.model == new.model
        assert known.problems == new.problems
        assert table.rows(known.model, kept.memo) == table.rows(new.model)
        changing.step()


def test_memory_does_not_grow_with_the_number_of_updates() -> None:
    changing = Changing(random.Random(1), 20)
    kept, _ = LINES["nginx"]
    kept.forget()
    sizes: list[int] = []
    for _ in range(6):
        for _ in range(30):
            changing.step()
            kept.of(changing)
        gc.collect()
        sizes.append(len(gc.get_objects()))
    assert sizes[-1] < 1.2 * max(sizes[:2])
