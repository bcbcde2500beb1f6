"""A problem → the rule that it is about, and a mark by which it is known again.

The rule is the option whose words a label or a setting got wrong, `rate_limit.rate`, `host`: what the reference calls
it. It is stable as long as the vocabulary is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from gen.dialects import RouteOptions, TcpOptions, UdpOptions
from gen.errors import Problem
from gen.options import options_of
from gen.policies import POLICIES
from gen.settings import Settings

_PREFIX = "fairway."
_NAMED = ("routes", "tcp", "udp")
OTHER = {
    "label": "A label that begins with `fairway.` and that Fairway does not know, or a name of a route that is none.",
    "workload": "What a workload asks for as a whole, or what the proxy says of its configuration.",
    "world": "What Fairway reads: an engine, a file, a certificate.",
}
"""Rules that are no option's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`text` is the reference's."""

    name: str
    text: str


def rule(problem: Problem) -> str:
    """The name of the rule."""
    key = problem.origin.key
    if not key.startswith(_PREFIX):
        return key if key in rules() else "workload" if problem.origin.workload else "world"
    words = key.removeprefix(_PREFIX).split(".")
    words = words[2:] if words[0] in _NAMED and len(words) > 2 else words
    names = (".".join(words[:end]) for end in range(len(words), 0, -1))
    return next((name for name in names if name in rules()), "label")


@cache
def rules() -> dict[str, Rule]:
    """All of them by name."""
    found = {option.name: option.help for kind in (UdpOptions, TcpOptions, RouteOptions) for option in options_of(kind)}
    found |= {option.name: option.help for option in options_of(Settings) if option.name not in found}
    for policy in POLICIES:
        found[policy.name] = " ".join((policy.__doc__ or "").split())
        found |= {f"{policy.name}.{option.name}": option.help for option in options_of(policy)}
    found |= OTHER
    return {name: Rule(name=name, text=text) for name, text in sorted(found.items())}


def fingerprint(problem: Problem) -> str:
    """32 hexadecimal digits, the same for what says the same of the same, on whichever line."""
    at = problem.origin
    parts = (rule(problem), at.workload, at.key, at.file, problem.severity, problem.message)
    return hashlib.sha256("\x00".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]
