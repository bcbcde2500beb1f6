"""The words of checks: what servers are asked, and by which name."""

from __future__ import annotations

import struct

from gen.policies import HealthCheck, UpstreamTls
from gen.policies.health_check import Expect
from gen.proxies.haproxy.checks import Checks
from gen.values import Host

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SHOP, OTHER = Host.parse("shop.internal"), Host.parse("other.internal")


def frames(content: bytes) -> list[tuple[int, int, int, bytes]]:
    """HTTP/2 frames as (type, flags, stream, payload)."""
    found = []
    while content:
        high, low, kind, flags, stream = struct.unpack(">BHBBI", content[:9])
        length = (high << 16) + low
        found.append((kind, flags, stream, content[9 : 9 + length]))
        content = content[9 + length :]
    return found


def test_a_grpc_question_is_one_whole_request_with_an_empty_message() -> None:
    question = bytes.fromhex(Checks((), "grpc").grpc_question)
    assert question.startswith(PREFACE)
    settings, headers, data = frames(question.removeprefix(PREFACE))
    assert settings == (4, 0, 0, b"")
    assert (headers[0], headers[1], headers[2]) == (1, 4, 1)
    assert b"\x1c/grpc.health.v1.Health/Check" in headers[3]
    assert data == (0, 1, 1, bytes(5))


def test_a_grpc_question_over_tls_says_so() -> None:
    plain, secure = (bytes.fromhex(Checks((), protocol).grpc_question) for protocol in ("grpc", "grpcs"))
    assert plain.replace(b"\x83\x86", b"\x83\x87") == secure


def test_only_a_status_of_serving_is_a_good_grpc_answer() -> None:
    assert bytes.fromhex(Checks((), "grpc").grpc_answer) == b"\x00\x00\x00\x00\x02\x08\x01"


def test_statuses_stand_in_one_word() -> None:
    policy = HealthCheck(expect=(Expect.parse("200-299"), Expect.parse("304"), Expect.parse("~ok")))
    assert Checks((policy,), "http").listed(policy.statuses) == "200-299,304"
    assert policy.texts == ("ok",)


def test_a_check_over_tls_asks_for_the_name_that_requests_ask_for() -> None:
    check = HealthCheck(host=OTHER)
    assert Checks((check,), "http").name(check) is None
    assert Checks((check,), "https").name(check) == "other.internal"
    assert Checks((check, UpstreamTls(name_=SHOP)), "https").name(check) == "shop.internal"
    assert Checks((check, UpstreamTls()), "https").name(check) == "other.internal"


def test_an_agent_is_no_check() -> None:
    assert not Checks((HealthCheck(kind="agent", port=1),), "http").are_made
    assert Checks((HealthCheck(kind="tcp"),), "http").are_made
