"""What a health check may ask and expect."""

from __future__ import annotations

from typing import Any

import pytest

from gen.errors import BadValue
from gen.policies import HealthCheck
from gen.policies.health_check import CheckPath, Expect
from gen.values import Duration, Host, Method


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("200", Expect(200, 200)),
        ("200-399", Expect(200, 399)),
        ("200 - 204", Expect(200, 204)),
        ("~a b", Expect(text="a b")),
    ],
)
def test_an_expectation_is_a_status_a_range_or_a_part_of_the_body(text: str, found: Expect) -> None:
    assert Expect.parse(text) == found
    assert Expect.parse(str(found)) == found


@pytest.mark.parametrize("text", ["", "~", "ok", "99", "600", "399-200", "200-", "-200", "~a\nb", "~" + "x" * 300])
def test_other_expectations_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        Expect.parse(text)


@pytest.mark.parametrize("text", ["", "healthz", "/a b", "/é", "/a#b", "/a\tb", "http://a/", "/" + "x" * 1000])
def test_a_path_is_asked_for_as_it_is_written_or_not_at_all(text: str) -> None:
    with pytest.raises(BadValue):
        CheckPath.parse(text)
    assert CheckPath.parse("/ready?full=1&x=%20") == "/ready?full=1&x=%20"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, ""),
        ({"kind": "grpc", "interval": Duration(100)}, ""),
        ({"kind": "agent", "port": 1}, ""),
        ({"kind": "agent"}, "needs port"),
        ({"interval": Duration(99)}, "less than 100ms"),
        ({"timeout": Duration(0)}, "timeout is 0"),
        ({"interval": Duration(86_400_001)}, "more than a day"),
        ({"kind": "grpc", "path": CheckPath("/x"), "host": Host.parse("a.test")}, "path, host: only"),
        ({"host": Host.parse("*.a.test")}, "not one host"),
        ({"method": Method("HEAD"), "expect": (Expect(text="ok"),)}, "has no body"),
        ({"method": Method("POST")}, "GET, HEAD or OPTIONS"),
    ],
    ids=str,
)
def test_options_that_do_not_go_together_are_named(options: dict[str, Any], said: str) -> None:
    found = HealthCheck(**options).check()
    assert said in found
    assert bool(said) == bool(found)
