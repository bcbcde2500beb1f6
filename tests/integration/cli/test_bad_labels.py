"""What people write wrong in labels: the message says it, and the neighbour is still there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("without_proxy")

MISTAKES = {
    "a typo": (
        {"fairway.host": "shop.example", "fairway.rate_limt": "10/s"},
        "compose.yml:16:5: shop: fairway.rate_limt: there is no such option (did you mean fairway.rate_limit?)",
    ),
    "an unknown option": (
        {"fairway.host": "shop.example", "fairway.zebra": "1"},
        "shop: fairway.zebra: there is no such option (known here: host, path,",
    ),
    "an unknown option of a policy": (
        {"fairway.host": "shop.example", "fairway.cache.tll": "1m"},
        "shop: fairway.cache.tll: there is no such option (did you mean fairway.cache.ttl?)",
    ),
    "an impossible value": (
        {"fairway.host": "shop.example", "fairway.rate_limit": "often"},
        "shop: fairway.rate_limit: 'often' is not a rate; write for example 10/s",
    ),
    "a value out of range": (
        {"fairway.host": "shop.example", "fairway.weight": "0"},
        "shop: fairway.weight: '0' is not a number from 1 to 1000; write for example 1",
    ),
    "a guard that cannot be read": (
        {"fairway.host": "shop.example", "fairway.ip_allow": "10.0.0.300"},
        "shop: fairway.ip_allow: '10.0.0.300' is not",
    ),
    "a certificate that is not there": (
        {"fairway.host": "shop.example", "fairway.certificate": "nobody"},
        "shop: fairway.certificate: there is no certificate 'nobody'",
    ),
}


@pytest.mark.parametrize(("labels", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_and_the_neighbour_is_listed(
    run: Run, compose: Callable[..., None], labels: dict[str, str], message: str
) -> None:
    compose(shop=labels)
    checked, listed = run("check", "-f", "compose.yml"), run("routes", "-f", "compose.yml")
    assert checked.code == 1
    assert message in checked.out
    assert listed.code == 0
    assert message in listed.err
    assert "good.example/  on web" in listed.out
    assert "server    good:80" in listed.out


def test_a_service_without_ports_is_asked_for_one(run: Run, compose: Callable[..., None]) -> None:
    compose(exposed=False, shop={"fairway.host": "shop.example"})
    ran = run("check", "-f", "compose.yml")
    assert ran.code == 1
    assert "shop: " in ran.out
    assert "fairway.port" in ran.out
    assert "good.example/  on web" in run("routes", "-f", "compose.yml").out


def test_of_two_that_disagree_both_are_named_and_one_wins(run: Run, compose: Callable[..., None]) -> None:
    host = {"fairway.host": "shop.example"}
    compose(a={**host, "fairway.balance": "random"}, b={**host, "fairway.balance": "least_conn"})
    ran = run("check", "-f", "compose.yml")
    assert ran.code == 0
    assert "b and a (fairway.balance) share a route and disagree on balance: in effect is random, and not" in ran.out
    assert run("check", "--strict", "-f", "compose.yml").code == 1
    listed = run("routes", "-f", "compose.yml").out
    assert "(http, random)" in listed
    assert "good.example/  on web" in listed


@pytest.mark.parametrize("character", ["\x1b[31m", "\r\n", "\x9b\u202e"], ids=ascii)
def test_control_characters_of_labels_are_not_printed(run: Run, compose: Callable[..., None], character: str) -> None:
    compose(shop={"fairway.host": f"shop{character}.example", f"fairway.x{character}y": "1"})
    for words in (("check",), ("check", "--format", "json"), ("routes",), ("plan", "--directory", "none")):
        ran = run(*words, "-f", "compose.yml")
        assert [c for c in ran.out + ran.err if not c.isprintable() and c != "\n"] == []
        if words == ("check",):
            assert all(line.startswith("error: ") for line in ran.out.splitlines())
            assert ran.out
        elif words == ("routes",):
            assert "good.example" in ran.out


def test_json_says_what_text_says(run: Run, compose: Callable[..., None]) -> None:
    compose(shop={"fairway.host": "shop.example", "fairway.rate_limit": "often"})
    ran = run("check", "--format", "json", "-f", "compose.yml")
    assert ran.code == 1
    assert '"workload": "shop"' in ran.out
    assert '"key": "fairway.rate_limit"' in ran.out
    assert '"severity": "error"' in ran.out
