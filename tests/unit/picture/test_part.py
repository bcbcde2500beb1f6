"""Which instances a picture of the networks holds where there are more than one can look at."""

from __future__ import annotations

from pathlib import Path

from gen.picture.chart import of_networks
from gen.picture.links import Networks
from gen.picture.part import part
from tests.unit.picture.test_links import INSIDE, copy, seen, world


def instances(found: Networks) -> list[str]:
    return sorted({member.instance for segment in found.segments for member in segment.members})


def test_who_is_not_reached_comes_before_the_others(tmp_path: Path) -> None:
    whole = seen(world(INSIDE, *(copy(f"w{at}", "front") for at in range(5)), copy("z", "back")), tmp_path)
    found, more = part(whole, "", 3)
    assert (instances(found), more) == (["w0", "w1", "z"], 3)
    assert [one.route for one in found.links] == ["w0.test/", "w1.test/"]
    assert [one.instance for one in found.unreached] == ["z"]
    proxy = of_networks(found, more=more).columns[0].boxes[0]
    assert proxy.note == "3 more instances are not drawn"


def test_a_word_is_looked_for_in_all_that_is_said_of_an_instance(tmp_path: Path) -> None:
    whole = seen(world(INSIDE, copy("shop", "front"), copy("desk", "front"), copy("z", "back")), tmp_path)
    for word, names in {"SHOP.test": ["shop"], "10.0.0.2": ["desk", "shop", "z"], "back": ["z"], "nobody": []}.items():
        found, more = part(whole, word, 10)
        assert (instances(found), more) == (names, 0), word


def test_all_of_a_small_world_is_as_it_was_with_its_empty_networks(tmp_path: Path) -> None:
    whole = seen(world(INSIDE, copy("shop", "front")), tmp_path)
    assert part(whole, "", 10) == (whole, 0)
    assert [one.name for one in whole.segments] == ["back", "front"]
