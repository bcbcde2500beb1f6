"""Whatever the table and the request: what `explain` says of each rule is so, and its winner is the decision's."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gen.decide import Request, Step, decide, trace
from gen.model import Model
from tests.property import tables
from tests.support.labelled import built, workload

TABLES, REQUESTS = 120, 30


def table(chance: random.Random) -> Model:
    found = tables.table(chance, chance.randint(1, 14))
    return built(*(workload(f"w{number:02}", labels) for number, labels in enumerate(found)))


def alone(model: Model, step: Step) -> Model:
    """The model with this one rule in it."""
    hosts = () if step.host is None else (step.host,)
    route = replace(step.route, match=replace(step.route.match, hosts=hosts))
    return replace(model, routes=(route,))


def wrong(model: Model, request: Request) -> list[str]:
    found = trace(model, request)
    told = [f"{found.route} answers, not {decide(model, request)}"] if found.route != decide(model, request) else []
    for step in found.steps:
        matches = decide(alone(model, step), request) is not None
        if matches is bool(step.missed):
            told.append(f"{step} {'matches' if matches else 'does not match'}")
        if bool(step.lost) is not (matches and step is not found.winner):
            told.append(f"{step} is said to have lost wrongly, or not at all")
        if step.lost and found.winner and not _precedes(found.winner, step):
            told.append(f"{step} lost to {found.winner}, which comes later")
    return told


def _precedes(winner: Step, loser: Step) -> bool:
    return winner.route.rank(winner.host) < loser.route.rank(loser.host)


@pytest.mark.parametrize("seed", range(TABLES))
def test_every_rule_is_told_as_it_is(seed: int) -> None:
    chance = random.Random(seed)
    model = table(chance)
    for _ in range(REQUESTS):
        request = tables.request(chance)
        assert wrong(model, request) == [], request


def test_such_tables_have_winners_losers_and_rules_that_miss() -> None:
    chance = random.Random(1)
    steps = [step for _ in range(600) for step in trace(table(chance), tables.request(chance)).steps]
    assert {(bool(step.missed), bool(step.lost)) for step in steps} == {(True, False), (False, True), (False, False)}
    reasons = " ".join(step.missed + step.lost for step in steps)
    for word in ("the host is", "the path is not", "the method is", "the header", "the query parameter", "priority"):
        assert word in reasons
    for word in ("exact host", "wildcard host", "every host", "prefix path", "is longer than", "conditions"):
        assert word in reasons
