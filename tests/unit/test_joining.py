"""What a pass counts on of networks is done before, or the pass is made without it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from gen.build import Joins
from gen.bundle import Bundle, File
from gen.control.attachments import Attachments
from gen.errors import ProxyError
from gen.joining import Joining
from gen.model import Model
from gen.pipeline import Made, Pipeline
from gen.settings import Settings
from gen.state import Network, State

BUNDLE = Bundle(main="a.conf", files=(File(name="a.conf", content=b""),), digest="0123456789abcdef")
ONE, TWO = (Network(id=f"id-{name}", name=name) for name in ("one", "two"))


class Recording:
    """Attachments that refuse some networks by name."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.done: list[str] = []

    def connect(self, container: str, network: Network) -> None:
        self._do(f"connect {container} {network.name}", network.name)

    def disconnect(self, container: str, network: str) -> None:
        self._do(f"disconnect {container} {network}", network)

    def _do(self, what: str, network: str) -> None:
        if network in self.refused:
            raise ProxyError(f"{network}: no")
        self.done.append(what)


def made(**joins: Any) -> Made:
    those = Joins(to="proxy", **joins)
    return Made(state=State(source="docker"), model=Model(settings=Settings()), bundle=BUNDLE, joins=those)


def joining(attachments: Recording | None) -> tuple[Joining, dict[str, Any]]:
    refused: dict[str, Any] = {}
    pipeline = cast(Pipeline, SimpleNamespace(refused=refused))
    return Joining(pipeline, cast(Attachments | None, attachments)), refused


def test_networks_are_joined_at_once_and_left_later() -> None:
    doing = Recording()
    one, refused = joining(doing)
    assert one.enter(made(connect=(ONE,), disconnect=("two",)))
    assert (doing.done, refused, one.is_waiting) == (["connect proxy one"], {}, True)
    one.leave()
    assert (doing.done[1:], one.is_waiting) == (["disconnect proxy two"], False)


def test_who_is_needed_again_before_it_is_quiet_is_not_left() -> None:
    doing = Recording()
    one, _ = joining(doing)
    one.enter(made(disconnect=("two",)))
    one.enter(made())
    one.leave()
    assert doing.done == []


def test_a_network_that_is_refused_is_a_problem_and_the_pass_is_made_anew() -> None:
    doing = Recording("one")
    one, refused = joining(doing)
    assert not one.enter(made(connect=(ONE, TWO)))
    assert list(refused) == ["id-one"]
    assert str(refused["id-one"].message) == "one: no"
    assert one.enter(made(connect=(TWO,)))
    assert doing.done == ["connect proxy two"]
    one.forgive()
    assert refused == {}


def test_a_network_that_cannot_be_left_stops_nobody() -> None:
    doing = Recording("one")
    one, _ = joining(doing)
    one.enter(made(disconnect=("one", "two")))
    one.leave()
    assert doing.done == ["disconnect proxy two"]


def test_nothing_is_joined_for_a_world_of_files() -> None:
    one, refused = joining(None)
    assert not one.enter(made(connect=(ONE,)))
    assert "while the world is read from files" in refused["id-one"].message
