"""Random spellings of a path at random lengths, and tables with guards that such a spelling could go around."""

from __future__ import annotations

import random
from dataclasses import replace

from gen.decide import Request
from tests.property import tables

MOST = 16_000
USERS = "u:$5$saltsalt$XbSmHg2GV2zWRO31FxOu.Kmh/WLytjq0M18xlMvwPHC"
FILLERS = (
    "/",
    "/.",
    "/./",
    "/x/..",
    "/%2e",
    "/%2E/",
    "%2f",
    "/x/%2e%2e",
    "/%2e./..",
    "//.",
    "/a",
    "/%61",
    "@",
    "%0a",
    "~",
)


def table(chance: random.Random) -> list[dict[str, str]]:
    """Labels of workloads that share a host: a third of them is guarded, a fifth sees its path without the prefix."""
    found = [tables.route(chance, ["a.test"]) for _ in range(chance.randint(2, 10))]
    for labels in found:
        # Older nginx disables a guard beside a condition on a header, whose fields it cannot join.
        for key in [key for key in labels if key.startswith(("fairway.client_ip", "fairway.headers."))]:
            del labels[key]
        kind = chance.random()
        if kind < 0.25:
            labels["fairway.ip_allow"] = "10.0.0.0/8"
        elif kind < 0.35:
            labels["fairway.basic_auth"] = USERS
        path = labels["fairway.path"]
        if chance.random() < 0.3 and path.startswith("/") and path.strip("/"):
            labels["fairway.strip_prefix"] = path
    return found


def request(chance: random.Random) -> Request:
    """A request with its path in a longer spelling."""
    found = replace(tables.request(chance), client=tables.CLIENTS[0], host="a.test")
    path, mark, query = found.target.partition("?")
    return replace(found, target=longer(chance, path)[:MOST] + mark + query)


def longer(chance: random.Random, path: str) -> str:
    """A path with something repeated before it, behind it or in it."""
    filler = "".join(chance.choice(FILLERS) for _ in range(chance.choice((1, 1, 1, 2, 3))))
    times = max(1, int(MOST ** chance.random()) // len(filler))
    kind = chance.random()
    if kind < 0.15:
        deep = min(times, 2000)
        return "/x" * deep + "/.." * deep + path
    if kind < 0.6:
        return filler * times + path if filler.startswith("/") else f"/{filler * times}/..{path}"
    at = chance.choice([place for place, character in enumerate(path) if character == "/"] or [0])
    return path + filler * times if kind < 0.8 else path[:at] + filler * times + path[at:]
