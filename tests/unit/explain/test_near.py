"""Who asks for a host that nobody has, or at the wrong door, is told where to ask."""

from __future__ import annotations

import pytest

from gen.state import Workload
from tests.support.labelled import workload
from tests.unit.explain.test_answer import certificate
from tests.unit.explain.worlds import asked, basis

HOSTS = {"shop": "shop.example.com", "wide": "*.wide.test", "plain": "plain.test"}
WORLD: list[Workload] = [
    workload(name, {"fairway.host": host, "fairway.listeners": "web"}) for name, host in HOSTS.items()
]
WORLD += [workload("tls", {"fairway.host": "tls.test", "fairway.listeners": "websecure"})]
WORLD += [
    workload(
        "mail",
        {
            "fairway.tcp.mail.host": "mail.test",
            "fairway.tcp.mail.tls": "passthrough",
            "fairway.tcp.mail.listeners": "websecure",
        },
    )
]


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("http://shpo.example.com/", "is shop.example.com meant?"),
        ("http://shop.example.org/", "is shop.example.com meant?"),
        ("http://tls.test/", "it is served elsewhere: https://tls.test/ (websecure)"),
        ("https://plain.test/", "it is served elsewhere: http://plain.test/ (web)"),
        ("https://a.wide.test/", "it is served elsewhere: http://a.wide.test/ (web)"),
        ("http://mail.test/", "it is served elsewhere: tls://mail.test:443 (websecure)"),
        ("http://quite.another/", ""),
        ("http://192.0.2.1/", ""),
        ("http://[2001:db8::1]/", ""),
    ],
)
def test_a_host_that_nobody_has_gets_where_it_is_or_which_is_meant(url: str, hint: str) -> None:
    found = asked(basis(*WORLD, certificates=[certificate("tls", "tls.test")]), url).outcome
    assert (found.answers, found.hint) == (False, hint)


def test_a_host_that_somebody_has_gets_no_hint() -> None:
    assert asked(basis(*WORLD), "http://shop.example.com/").outcome.hint == ""


def test_of_many_hosts_the_nearest_are_told() -> None:
    many = [workload(f"w{number}", {"fairway.host": f"shop{number}.example.com"}) for number in range(50)]
    assert asked(basis(*many), "http://shop7.exampel.com/").outcome.hint.startswith("is shop7.example.com or ")
