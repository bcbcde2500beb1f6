"""Policies: whatever you could remove and requests would still arrive. One module each.

`POLICIES` is the order in which a request meets them; what stands earlier saves the work of what stands later.
To add one: its module, its line here, its template per proxy, its case, its conformance file.
"""

from __future__ import annotations

from gen.model import Policy
from gen.policies.basic_auth import BasicAuth
from gen.policies.body_limit import BodyLimit
from gen.policies.cache import Cache
from gen.policies.circuit_breaker import CircuitBreaker
from gen.policies.compress import Compress
from gen.policies.conn_limit import ConnLimit
from gen.policies.health_check import HealthCheck
from gen.policies.ip_allow import IpAllow
from gen.policies.keepalive import Keepalive
from gen.policies.passive_health import PassiveHealth
from gen.policies.proxy_protocol import ProxyProtocol
from gen.policies.queue import Queue
from gen.policies.rate_limit import RateLimit
from gen.policies.redirect import Redirect
from gen.policies.request_headers import RequestHeaders
from gen.policies.response_headers import ResponseHeaders
from gen.policies.retry import Retry
from gen.policies.slow_start import SlowStart
from gen.policies.sticky import Sticky
from gen.policies.strip_prefix import StripPrefix
from gen.policies.timeouts import Timeouts
from gen.policies.upstream_tls import UpstreamTls

POLICIES: tuple[type[Policy], ...] = (
    IpAllow,  # strangers cost nothing further
    RateLimit,  # before passwords are hashed: guessing is limited too
    ConnLimit,
    BasicAuth,
    Redirect,  # a guarded redirect does not tell where it leads
    RequestHeaders,
    ResponseHeaders,
    StripPrefix,
    BodyLimit,
    Timeouts,
    Compress,
    Cache,  # behind the guards: a stored answer is no way around them
    Retry,
    Sticky,
    HealthCheck,
    PassiveHealth,
    CircuitBreaker,
    SlowStart,
    Queue,
    Keepalive,
    UpstreamTls,
    ProxyProtocol,
)

BY_NAME: dict[str, type[Policy]] = {policy.name: policy for policy in POLICIES}

UNKNOWN_GUARDS = ("ip_deny", "client_cert", "forward_auth")
"""Guards of the vocabulary that this version cannot keep: a route that asks for one is withheld."""

__all__ = ["BY_NAME", "POLICIES", "UNKNOWN_GUARDS", "BasicAuth", "BodyLimit", "Cache", "CircuitBreaker", "Compress"]
__all__ += ["ConnLimit", "HealthCheck", "IpAllow", "Keepalive", "PassiveHealth", "Queue", "RateLimit", "Redirect"]
__all__ += [
    "ProxyProtocol",
    "RequestHeaders",
    "ResponseHeaders",
    "Retry",
    "SlowStart",
    "Sticky",
    "StripPrefix",
    "Timeouts",
    "UpstreamTls",
]
