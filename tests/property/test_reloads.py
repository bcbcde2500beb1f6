"""Whatever one release was like: the next one is taken up by the running proxy."""

from __future__ import annotations

import random

import pytest

from gen.options import options_of
from tests.property.hostile import OWNERS, hostile_workload, labels, values
from tests.support.proxy import RUNNERS, free_port
from tests.support.world import Maker, model_of, settings

RELEASES = 30
OTHERS = {
    "by": ("ip", "host", "header:X-A", "cookie:a"),
    "rate": ("1/s", "5/m"),
    "ttl": ("1s", "2h"),
    "key": ("host", "path, query"),
    "cookie": ("a", "b"),
    "types": ("text/css", "usual"),
    "users": ("u:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=",),
    "balance": ("least_conn", "random", "source", "round_robin"),
    "host": ("h1.test", ".h2.test", "~^h3"),
}
ZONES = ("default=1g", "default=2g/1d", "default=1g, images=1g", "images=5m")


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_any_release_is_taken_up_after_any_other(proxy: str) -> None:
    places = [(owner, option) for owner in OWNERS for option in options_of(owner)]
    chance = random.Random(7)
    port = free_port()
    with RUNNERS[proxy]() as runner:
        maker = Maker(proxy)
        for _ in range(RELEASES):
            found = []
            for number in range(6):
                own: dict[str, str] = {}
                for owner, option in chance.sample(places, 12):
                    choice = chance.choice((*values(option), *OTHERS.get(option.name, ())))
                    own |= chance.choice(labels(owner, option, choice))
                found.append(hostile_workload(number, own))
            zones = chance.choice(ZONES)
            runner.run(
                maker.bundle(model_of(found, settings(runner.directory, listeners=f"web={port}", cache_zones=zones)))
            )
