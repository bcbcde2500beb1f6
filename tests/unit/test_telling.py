"""What the log says of an applied update that exposes something."""

from __future__ import annotations

import logging

import pytest

from gen.apply import Applied, Unchanged
from gen.bundle import Bundle, File
from gen.memo import Memo
from gen.model import Model
from gen.pipeline import Made
from gen.state import State
from gen.telling import Telling, Told
from tests.support.exposed import Setting, described, model

BUNDLE = Bundle(main="main", files=(File(name="main", content=b""),), digest="0" * 64)
APPLIED = Applied(digest=BUNDLE.digest, how="reload", check_seconds=0.0, confirm_seconds=0.0)
GUARDED, OPEN = {"host": "a.test", "ip_allow": "10.0.0.0/8"}, {"host": "a.test"}


def served(telling: Telling, one: Model, outcome: Applied | Unchanged = APPLIED) -> Told:
    made = Made(state=State(source="test"), model=one, bundle=BUNDLE)
    return telling.served(outcome, made, "test", 0.1, quietly=True)


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if getattr(one, "event", "") == "exposure"]


def test_a_loosened_guard_is_an_event_and_part_of_what_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="fairway")
    telling = Telling(Memo())
    assert served(telling, model(one=GUARDED)).exposures == ()
    (found,) = served(telling, model(one=OPEN)).exposures
    assert events(caplog) == [str(found)]
    record = next(one for one in caplog.records if getattr(one, "event", "") == "exposure")
    assert (record.levelno, record.facts["guard"]) == (logging.WARNING, "ip_allow")  # type: ignore[attr-defined]
    assert served(telling, model(one=OPEN)).exposures == ()
    assert len(events(caplog)) == 1


def test_an_owner_that_changes_in_the_same_release_is_an_event(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="fairway")
    telling = Telling(Memo())
    served(telling, model(Setting(projects={"one": "shop"}), one=OPEN))
    served(telling, model(Setting(projects={"one": "blog"}), one=OPEN), Unchanged(digest=BUNDLE.digest))
    assert len(events(caplog)) == 1 and events(caplog)[0].endswith("owner shop -> blog")


def test_the_first_release_is_compared_with_what_was_installed() -> None:
    assert served(Telling(Memo(), described(model(one=OPEN))), model(one=OPEN)).exposures == ()
    (found,) = served(Telling(Memo(), described(model(one=GUARDED))), model(one=OPEN)).exposures
    assert found.guard == "ip_allow"
    (unknown,) = served(Telling(Memo(), b"{}"), model(one=OPEN)).exposures
    assert unknown.kind == "unknown"


def test_what_is_told_of_many_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="fairway")
    telling = Telling(Memo())
    many = {f"w{number}": labels_of(number) for number in range(30)}
    served(telling, model(**{name: {**labels, "ip_allow": "10.0.0.0/8"} for name, labels in many.items()}))
    assert len(served(telling, model(**many)).exposures) == 30
    assert len(events(caplog)) == 21 and events(caplog)[-1] == "and 10 more"


def labels_of(number: int) -> dict[str, str]:
    return {"host": f"h{number}.test"}
