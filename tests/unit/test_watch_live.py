"""What the daemon does about live changes: what they left for later, and what is logged of them."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from gen.apply import Refused
from tests.unit.test_watch import APPLIED, Counting


def test_what_the_check_refuses_after_a_live_change_is_made_anew_with_the_one_at_fault_left_out() -> None:
    world = Counting()
    watch = world.watch()
    watch.update()
    assert not watch._is_due()
    world.refusals = [Refused(reason="no such file")]
    assert watch._is_due()
    watch.update()
    assert world.applies == 2
    assert world.verdicts == [None, "ask"]


def test_the_log_says_how_why_by_a_reload_and_what_was_repaired(caplog: pytest.LogCaptureFixture) -> None:
    reasons = tuple(f"backend up_{number} is new" for number in range(5))
    reloaded = replace(APPLIED, how="reload", reasons=reasons)
    repaired = replace(APPLIED, how="reload", repaired="`set map` was answered: entry not found.")
    watch = Counting(replace(APPLIED, how="live"), reloaded, repaired, repaired).watch()
    with caplog.at_level(logging.INFO, logger="fairway"):
        for _ in range(4):
            watch._digest = ""
            watch.update()
    said = [(record.event, record.facts) for record in caplog.records]  # type: ignore[attr-defined]
    applied = [facts for name, facts in said if name == "applied"]
    assert [facts["how"] for facts in applied] == ["live", "reload", "reload", "reload"]
    assert "reload_for" not in applied[0]
    assert applied[1]["reload_for"] == f"{reasons[0]}; {reasons[1]}; {reasons[2]}; and 2 more"
    assert [facts["count"] for name, facts in said if name == "repaired"] == [1, 2]
