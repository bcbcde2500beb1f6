"""Values: text is parsed once, here, and typed from then on.

Each type has `parse(text)`, which raises `BadValue`, and a `str()` that is written from the parsed value, never
handed through. How a proxy spells a value is the proxy's business.
"""

from gen.values.amounts import Duration, Rate, Share, Size, Status, StatusTtl, boolean, integer
from gen.values.engine import EngineAddress, twice
from gen.values.listen import CacheZone, Listen, ListenAddress, StatusAddress, clash
from gen.values.net import Cidr, DnsName, Host, PortRef, Resolver, ServerName, punycode
from gen.values.owner import ChallengeTarget, HostPattern, OwnerClaim, OwnerRule
from gen.values.path import Path, normalize
from gen.values.regex import Regex
from gen.values.secret import Secret, User
from gen.values.server import ServerAddress
from gen.values.text import (
    Balance,
    Condition,
    CookieName,
    HeaderName,
    HeaderValue,
    Key,
    Method,
    Name,
    QueryCondition,
    QueryName,
    StreamBalance,
    Url,
    plain,
)

__all__ = [
    "Balance",
    "CacheZone",
    "ChallengeTarget",
    "Cidr",
    "Condition",
    "CookieName",
    "DnsName",
    "Duration",
    "EngineAddress",
    "HeaderName",
    "HeaderValue",
    "Host",
    "HostPattern",
    "Key",
    "Listen",
    "ListenAddress",
    "Method",
    "Name",
    "OwnerClaim",
    "OwnerRule",
    "Path",
    "PortRef",
    "QueryCondition",
    "QueryName",
    "Rate",
    "Regex",
    "Resolver",
    "Secret",
    "ServerAddress",
    "ServerName",
    "Share",
    "Size",
    "Status",
    "StatusAddress",
    "StatusTtl",
    "StreamBalance",
    "Url",
    "User",
    "boolean",
    "clash",
    "integer",
    "normalize",
    "plain",
    "punycode",
    "twice",
]
