"""A pass applied in one go: what the check refuses touches nothing, and what fails later leaves no network joined."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gen.apply import Applied, Outcome, Refused, RolledBack, Unchanged
from gen.build import Joins
from gen.bundle import Bundle, File
from gen.control.attachments import Attachments
from gen.deployment import Deployment
from gen.errors import ProxyError
from gen.model import Model
from gen.once import once
from gen.pipeline import Made
from gen.settings import Settings
from gen.state import Network, State

DIGEST = "0123456789abcdef"
APPLIED = Applied(digest=DIGEST, how="live", check_seconds=0.0, confirm_seconds=0.0)
EVERYTHING = ["check", "connect one", "apply", "settle", "disconnect old"]


class World:
    """A deployment and attachments that write down what is done, and answer as they are told."""

    def __init__(self, outcome: Outcome, *, wrong: str = "", refused: str = "", later: str = "") -> None:
        self.outcome, self.wrong, self.refused, self.later = outcome, wrong, refused, later
        self.done: list[str] = []
        self.current = "another"
        self.pipeline = SimpleNamespace(refused={})

    def verdict(self, bundle: Bundle) -> str:
        self.done.append("check")
        return self.wrong

    def apply(self, bundle: Bundle) -> Outcome:
        self.done.append("apply")
        return self.outcome

    def settle(self) -> Refused | None:
        self.done.append("settle")
        return Refused(reason=self.later) if self.later else None

    def connect(self, container: str, network: Network) -> None:
        if network.name == self.refused:
            raise ProxyError(f"{network.name}: no")
        self.done.append(f"connect {network.name}")

    def disconnect(self, container: str, network: str) -> None:
        self.done.append(f"disconnect {network}")

    def comes_to(self, *networks: str) -> Outcome:
        joins = Joins(to="proxy", connect=tuple(Network(id=name, name=name) for name in networks), disconnect=("old",))
        bundle = Bundle(main="a.conf", files=(File(name="a.conf", content=b""),), digest=DIGEST)
        made = Made(state=State(source="docker"), model=Model(settings=Settings()), bundle=bundle, joins=joins)
        deployed: Any = SimpleNamespace(
            can_check=True,
            verdict=self.verdict,
            applier=self,
            pipeline=self.pipeline,
            directory=SimpleNamespace(current=lambda: self.current),
        )
        return once(cast(Deployment, deployed), made, cast(Attachments, self))


def test_it_is_checked_before_anything_is_changed_and_tidied_up_afterwards() -> None:
    world = World(APPLIED)
    assert world.comes_to("one") == APPLIED
    assert world.done == EVERYTHING


def test_what_counts_already_is_not_checked_again() -> None:
    world = World(Unchanged(digest=DIGEST))
    world.current = DIGEST
    assert world.comes_to("one") == Unchanged(digest=DIGEST)
    assert world.done == EVERYTHING[1:]


def test_what_the_check_refuses_joins_no_network_and_is_not_told_to_the_proxy() -> None:
    world = World(APPLIED, wrong="unknown directive")
    assert world.comes_to("one") == Refused(reason="unknown directive")
    assert world.done == ["check"]


def test_a_network_that_is_refused_ends_it_and_those_before_are_left() -> None:
    world = World(APPLIED, refused="two")
    with pytest.raises(ProxyError, match="two: no"):
        world.comes_to("one", "two")
    assert world.done == ["check", "connect one", "disconnect one"]


@pytest.mark.parametrize("outcome", [RolledBack(reason="no"), Refused(reason="no")])
def test_what_is_not_served_leaves_no_network_joined(outcome: Outcome) -> None:
    world = World(outcome)
    assert world.comes_to("one") == outcome
    assert world.done == ["check", "connect one", "apply", "disconnect one"]


def test_a_proxy_that_cannot_be_reached_leaves_no_network_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(bundle: Bundle) -> Outcome:
        raise ProxyError("it is away")

    world = World(APPLIED)
    monkeypatch.setattr(world, "apply", away)
    with pytest.raises(ProxyError, match="away"):
        world.comes_to("one")
    assert world.done == ["check", "connect one", "disconnect one"]


def test_what_would_not_be_loaded_again_is_an_error() -> None:
    with pytest.raises(ProxyError, match="would not be loaded again: a file is gone"):
        World(APPLIED, later="a file is gone").comes_to()
