"""Connecting a container to networks, against an engine that only answers."""

from __future__ import annotations

from typing import Any, cast

import pytest
import requests
from docker import APIClient
from docker.errors import APIError, NotFound

from gen.control.attachments import Attachments
from gen.errors import ProxyError
from gen.state import Network

SHOP = Network(id="1f", name="shop")


class FakeEngine:
    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: list[tuple[Any, ...]] = []

    def connect_container_to_network(self, container: str, network: str, *, driver_opt: dict[str, str]) -> None:
        self._note("connect", container, network, driver_opt)

    def disconnect_container_from_network(self, container: str, network: str) -> None:
        self._note("disconnect", container, network)

    def _note(self, *what: Any) -> None:
        self.asked.append(what)
        if self.failure:
            raise self.failure


def attachments(engine: FakeEngine) -> Attachments:
    return Attachments(lambda: cast(APIClient, engine))


def refusal(said: str) -> APIError:
    return APIError("no", explanation=said)


def test_a_network_is_joined_by_its_id_and_with_the_mark() -> None:
    engine = FakeEngine()
    both = attachments(engine)
    both.connect("proxy", SHOP)
    both.disconnect("proxy", "shop")
    assert engine.asked == [
        ("connect", "proxy", "1f", {"fairway.joined": "yes"}),
        ("disconnect", "proxy", "shop"),
    ]


def test_what_is_so_already_is_fine() -> None:
    attachments(FakeEngine(refusal("endpoint with name proxy already exists in network shop"))).connect("proxy", SHOP)
    attachments(FakeEngine(refusal("container 2a is not connected to the network shop"))).disconnect("proxy", "shop")
    attachments(FakeEngine(NotFound("no such network"))).disconnect("proxy", "shop")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (refusal("not manually attachable"), "proxy cannot be connected to shop: not manually attachable"),
        (NotFound("gone", explanation="no such container"), "no such container"),
        (requests.ConnectionError("refused"), "the engine does not answer: refused"),
    ],
)
def test_what_the_engine_says_against_it_is_told(failure: Exception, said: str) -> None:
    with pytest.raises(ProxyError, match=said):
        attachments(FakeEngine(failure)).connect("proxy", SHOP)
