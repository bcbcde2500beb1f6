"""What a policy does to a request, by what a trusted proxy says of it."""

from __future__ import annotations

from dataclasses import replace

from gen.values import Cidr
from tests.support.labelled import workload
from tests.unit.explain.worlds import SETTINGS, asked, basis


def test_https_that_a_trusted_proxy_says_is_served_and_not_redirected() -> None:
    trusting = replace(SETTINGS, trusted_proxies=(Cidr.parse("10.0.0.0/8"),))
    of = basis(workload("a", {"fairway.host": "a.test", "fairway.tls": "required"}), settings=trusting)
    said = ("X-Forwarded-Proto: https",)
    believed = asked(of, "http://a.test/x", headers=said, client="10.0.0.1")
    assert believed.outcome.status == 0
    assert believed.route is not None
    assert [one.effect for one in believed.route.policies] == ["not met: the request counts as https"]
    assert asked(of, "http://a.test/x", headers=said, client="192.0.2.9").outcome.status == 308
    assert asked(of, "http://a.test/x", client="10.0.0.1").outcome.status == 308
