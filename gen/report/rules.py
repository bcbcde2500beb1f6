"""A problem → the rule that it is about, and a mark by which it is known again.

The rule is the option whose words a label or a setting got wrong, `rate_limit.rate`, `host`: what the reference calls
it. It is stable as long as the vocabulary is. What is no option's is of one of a few kinds, by who found it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from gen.dialects import RouteOptions, TcpOptions, UdpOptions
from gen.errors import Origin, Problem
from gen.options import options_of
from gen.policies import POLICIES
from gen.settings import Settings

_PREFIX = "fairway."
_FOUND_BY = ("certificates", "file", "input")
"""Sources that are rules too."""
_WITHIN = "labels."
"""How a compose file's own keys lead to a label."""
_NAMED = ("routes", "tcp", "udp")
OTHER = {
    "label": "A label that begins with `fairway.` and that Fairway does not know, or a name of a route that is none.",
    "compose": "What a compose file says beside labels: a service, its ports, networks, variables, what it extends or "
    "includes. With an error the service is left out, with a warning the value.",
    "input": "A file that Fairway was told to read, and that cannot be read as a whole: no YAML, no compose file, not "
    "there. Nothing else is known until it can.",
    "file": "A file of routes of the operator's own, or its directory.",
    "workload": "What a workload asks for as a whole, or what the proxy says of its configuration.",
    "world": "What Fairway reads: an engine that does not answer, or does not say where the proxy stands.",
}
"""Rules that are no option's."""
WHOLE = {
    "enable": "Whether a workload that has labels takes part at all: `true` or `false`, and true where it is not said.",
    "proxy": "Marks the container or the service that the proxy itself is, by the proxy's name. It is no workload.",
}
"""Labels of a workload that are no option of a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`text` is the reference's."""

    name: str
    text: str


def rule(problem: Problem) -> str:
    """The name of the rule."""
    at = problem.origin
    key = at.key.removeprefix(_WITHIN) if at.source == "compose" else at.key
    if not key.startswith(_PREFIX):
        return _of_none(at, key)
    words = key.removeprefix(_PREFIX).split(".")
    words = words[2:] if words[0] in _NAMED and len(words) > 2 else words
    names = (".".join(words[:end]) for end in range(len(words), 0, -1))
    return next((name for name in names if name in rules()), "label")


def _of_none(at: Origin, key: str) -> str:
    """The rule where no label is to blame: by what found it, else by whom it is about."""
    if at.source == "compose":
        return "compose" if key or not at.workload else "workload"
    if key in rules():
        return key
    return at.source if at.source in _FOUND_BY else "workload" if at.workload else "world"


@cache
def rules() -> dict[str, Rule]:
    """All of them by name."""
    found = {option.name: option.help for kind in (UdpOptions, TcpOptions, RouteOptions) for option in options_of(kind)}
    found |= {option.name: option.help for option in options_of(Settings) if option.name not in found}
    for policy in POLICIES:
        found[policy.name] = " ".join((policy.__doc__ or "").split())
        found |= {f"{policy.name}.{option.name}": option.help for option in options_of(policy)}
    found |= {**OTHER, **WHOLE}
    return {name: Rule(name=name, text=text) for name, text in sorted(found.items())}


def fingerprint(problem: Problem) -> str:
    """32 hexadecimal digits, the same for what says the same of the same, on whichever line."""
    at = problem.origin
    parts = (rule(problem), at.workload, at.key, at.file, problem.severity, problem.message)
    return hashlib.sha256("\x00".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]
