"""Checks: how servers are asked whether they are well, and what requests show of them. Policies → words (`it.checks`).

A gRPC question is written as the bytes of HTTP/2 that it takes: HAProxy's own checks cannot say the five zero bytes of
an empty message.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from gen.model import Policy
from gen.policies import HealthCheck, UpstreamTls
from gen.policies.health_check import Expect
from gen.proxies.haproxy.literal import Word

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_SETTINGS, _HEADERS, _DATA = 4, 1, 0
_END_STREAM, _END_HEADERS = 1, 4
_POST, _HTTP, _HTTPS = b"\x83", b"\x86", b"\x87"
_PATH, _AUTHORITY, _CONTENT_TYPE, _OTHER = b"\x04", b"\x01", b"\x0f\x10", b"\x00"
"""Fields by the static table of HPACK (RFC 7541 §A), the last four with a value that follows."""


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one upstream's servers."""

    policies: tuple[Policy, ...]
    protocol: str

    @property
    def are_made(self) -> bool:
        """Whether a health_check asks the servers themselves; an agent is somebody else."""
        return any(isinstance(policy, HealthCheck) and policy.kind != "agent" for policy in self.policies)

    @property
    def are_watched(self) -> bool:
        """Whether a policy says after how many failed requests a server is out."""
        return any(policy.name in ("passive_health", "circuit_breaker") for policy in self.policies)

    @property
    def has_tls(self) -> bool:
        return self.protocol in ("https", "grpcs")

    @property
    def verifies(self) -> bool:
        """Whether a policy says how TLS to the servers is verified."""
        return any(isinstance(policy, UpstreamTls) for policy in self.policies)

    def host(self, policy: HealthCheck) -> Word:
        return Word(policy.host or "localhost")

    def name(self, policy: HealthCheck) -> Word | None:
        """The name that a check asks for in TLS."""
        fixed = [one.name_ for one in self.policies if isinstance(one, UpstreamTls) and one.name_ is not None]
        found = (*fixed, *([policy.host] if policy.host else []))
        return Word(found[0]) if found and self.has_tls else None

    def listed(self, statuses: Iterable[Expect]) -> Word:
        """`200-299,304`."""
        return Word(",".join(map(str, statuses)))

    @property
    def grpc_question(self) -> Word:
        """A call of grpc.health.v1.Health/Check for the server as a whole, in hexadecimal digits."""
        fields = (
            (_HTTPS if self.has_tls else _HTTP)
            + _field(_PATH, b"/grpc.health.v1.Health/Check")
            + _field(_AUTHORITY, b"localhost")
            + _field(_CONTENT_TYPE, b"application/grpc")
            + _field(_field(_OTHER, b"te"), b"trailers")
        )
        frames = (
            _frame(_SETTINGS, 0, 0, b""),
            _frame(_HEADERS, _END_HEADERS, 1, _POST + fields),
            _frame(_DATA, _END_STREAM, 1, bytes(5)),
        )
        return Word((_PREFACE + b"".join(frames)).hex())

    @property
    def grpc_answer(self) -> Word:
        """A message of two bytes: status = SERVING."""
        return Word((bytes(4) + b"\x02\x08\x01").hex())


def _field(name: bytes, value: bytes) -> bytes:
    """A field that is not kept in a table (RFC 7541 §6.2.2), without Huffman coding."""
    return name + bytes([len(value)]) + value


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    """RFC 9113 §4.1."""
    return struct.pack(">BHBBI", 0, len(content), kind, flags, stream) + content
