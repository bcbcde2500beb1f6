"""What nginx cannot keep by its capabilities: gRPC without TLS."""

from __future__ import annotations

import pytest

from gen.proxies.nginx import BASELINE, Nginx
from gen.settings import Settings
from gen.values import Cidr, Listen
from tests.support.labelled import built, messages, workload

PLAIN = Settings(listeners=(Listen("web", 80),))
BEHIND = Settings(listeners=(Listen("web", 80),), trusted_proxies=(Cidr.parse("10.0.0.0/8"),))


def told(settings: Settings, *more: str, **labels: str) -> list[str]:
    """The problems of a gRPC workload for an nginx with these capabilities beside the usual."""
    own = {"fairway.host": "a.test", "fairway.protocol": "grpc"} | {f"fairway.{k}": v for k, v in labels.items()}
    return messages(Nginx(BASELINE | set(more)).fit(built(workload("a", own), settings=settings)))


def test_grpc_on_a_plain_listener_is_an_error_where_http_2_needs_tls() -> None:
    (message,) = told(PLAIN)
    assert message.startswith("a: fairway.protocol: nginx before 1.25.1 takes HTTP/2")
    assert "not on web" in message


def test_an_nginx_with_http_2_on_every_listener_has_no_problem() -> None:
    assert told(PLAIN, "http2_directive") == []
    assert "protocol.grpc without TLS" not in Nginx(BASELINE | {"http2_directive"}).lacks
    assert "protocol.grpc without TLS" in Nginx().lacks


@pytest.mark.parametrize(("settings", "count"), [(PLAIN, 0), (BEHIND, 1)])
def test_a_route_that_only_redirects_or_is_disabled_speaks_no_grpc(settings: Settings, count: int) -> None:
    assert sum("HTTP/2" in message for message in told(settings, tls="required")) == count
    assert sum("HTTP/2" in message for message in told(settings, redirect="https")) == count
