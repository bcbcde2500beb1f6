"""A world that lost most of what is served is believed when it says so for long enough."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gen.apply import Directory
from gen.bundle import Bundle
from gen.doubting import Doubt
from gen.errors import DoubtError
from gen.memo import Memo
from gen.pipeline import Made
from gen.state import State
from gen.values import Share
from tests.support.world import Maker, instance, model_of, settings, workload


class World:
    """Passes of worlds with so many routes; `now` is the clock."""

    def __init__(self, path: Path, doubt: str = "30s") -> None:
        self.settings = settings(path, doubt=doubt)
        self.directory = Directory(path)
        self.directory.prepare()
        self.now = 0.0
        self.doubt = self.new_daemon()

    def new_daemon(self) -> Doubt:
        return Doubt(self.settings, self.directory, Memo(), clock=lambda: self.now)

    def made(self, routes: int, network: str = "10.0.0") -> Made:
        workloads = [
            workload(
                f"w{number}", {"fairway.host": f"w{number}.test"}, instance(f"w{number}", f"{network}.{number}", 80)
            )
            for number in range(routes)
        ]
        model = model_of(workloads, self.settings)
        return Made(state=State(source="test"), model=model, bundle=Maker("nginx").bundle(model))

    def serves(self, routes: int) -> Bundle:
        bundle = self.made(routes).bundle
        self.directory.write(bundle)
        self.directory.switch(bundle.digest)
        return bundle

    def doubts(self, routes: int, network: str = "10.0.0") -> bool:
        try:
            self.doubt.demand(self.made(routes, network))
        except DoubtError:
            return True
        return False


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.serves(8)
    return made


def test_it_is_believed_once_it_stayed_so(world: World) -> None:
    assert world.doubts(0)
    world.now = 29.9
    assert world.doubts(1), "whatever is gone by now"
    world.now = 30.0
    assert not world.doubts(0)


def test_a_world_that_comes_back_is_believed_at_once_and_doubted_anew(world: World) -> None:
    assert world.doubts(0)
    world.now = 29.0
    assert not world.doubts(8)
    world.now = 31.0
    assert world.doubts(0)


def test_a_few_and_containers_made_anew_are_followed(world: World) -> None:
    assert not world.doubts(7)
    assert not world.doubts(8, network="10.0.9")
    assert not world.doubts(20)


def test_a_daemon_that_was_started_anew_knows_what_counts(world: World) -> None:
    world.doubt = world.new_daemon()
    assert world.doubts(0)
    world.serves(1)
    assert not world.doubts(1)


def test_nothing_is_doubted_where_nothing_is_installed_or_nobody_asked_for_it(tmp_path: Path, world: World) -> None:
    assert not World(tmp_path / "empty").doubts(0)
    world.settings = replace(world.settings, max_removals=Share(100))
    world.doubt = world.new_daemon()
    assert not world.doubts(0)
    unasked = World(tmp_path / "unasked", doubt="0")
    unasked.serves(8)
    assert not unasked.doubts(0)


def test_it_says_what_would_go_and_when_it_is_believed(world: World) -> None:
    with pytest.raises(DoubtError, match="8 of 8 routes would go, and none is left; 8 of 8 servers") as error:
        world.doubt.demand(world.made(0))
    assert error.value.hint == "it is believed if it stays so for 30s, the setting doubt"
