"""Host claims: an owner and a host → why the setting `claims` does not admit it, or nothing.

The first claim that matches decides. A wildcard or a regex is admitted where each claim that can match one of its names
admits the owner; where that cannot be decided it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gen.precedence import OPERATOR
from gen.settings import Settings
from gen.values import Host, OwnerClaim, Regex
from gen.values.owner import covers, overlaps

LISTENER = "listener:"
_EVERYTHING = "*"
_TOKEN = re.compile(r"\\.|.", re.DOTALL)
_QUANTIFIERS = frozenset("*+?{")


def host_refusal(owner: str, host: Host | None, settings: Settings) -> str:
    """Why an owner may not have a host; empty where it may. None is every host."""
    if _is_free(owner, settings):
        return ""
    return next(filter(None, (_refusal(owner, glob, host, settings) for glob in _globs(host))), "")


def listener_refusal(owner: str, listener: str, settings: Settings, *, has_hosts: bool) -> str:
    """Why an owner may not have TCP or UDP routes on a listener. Where a route has hosts, those decide, unless a claim
    names the listener."""
    if _is_free(owner, settings):
        return ""
    text = f"{LISTENER}{listener}"
    for claim in settings.claims:
        patterns = [p for p in claim.hosts if not has_hosts or p.startswith(LISTENER)]
        if any(covers(pattern, text) for pattern in patterns):
            return "" if claim.admits(owner) else _not_admitted(owner, claim)
    return _closed(owner, text, settings) if not has_hosts else ""


def _is_free(owner: str, settings: Settings) -> bool:
    return owner == OPERATOR or (not settings.claims and settings.claims_default == "open")


def _globs(host: Host | None) -> Iterator[str]:
    """The names that a host stands for, as patterns."""
    if host is None:
        yield _EVERYTHING
    elif host.regex is not None:
        yield _around(host.regex)
    else:
        yield from ("*." + name.text if name.kind == "wildcard" else name.text for name in host.names)


def _around(regex: Regex) -> str:
    """A pattern that matches at least what a regex does: its literal beginning and end."""
    tokens = _TOKEN.findall(regex.text)
    if "|" in tokens or regex.text.startswith("(?i)"):
        return _EVERYTHING
    head, tail = "", ""
    if tokens[0] == "^":
        literals = list(_literals(tokens[1:]))
        if tokens[1 + len(literals) : 2 + len(literals)] and tokens[1 + len(literals)][0] in _QUANTIFIERS:
            literals = literals[:-1]
        head = "".join(literals)
    if tokens[-1] == "$":
        tail = "".join(reversed(list(_literals(reversed(tokens[:-1])))))
    return (head + _EVERYTHING + tail).lower()


def _literals(tokens: Iterable[str]) -> Iterator[str]:
    for token in tokens:
        if not re.fullmatch(r"[A-Za-z0-9_-]|\\[.-]", token):
            return
        yield token[-1]


def _refusal(owner: str, glob: str, host: Host | None, settings: Settings) -> str:
    for claim in settings.claims:
        patterns = [pattern for pattern in claim.hosts if not pattern.startswith(LISTENER)]
        is_all = any(covers(pattern, glob) for pattern in patterns)
        is_some = is_all or (host is not None and any(_meets(pattern, glob, host) for pattern in patterns))
        if is_some and not claim.admits(owner):
            return _not_admitted(owner, claim)
        if is_all:
            return ""
    return _closed(owner, str(host or "every host"), settings)


def _meets(pattern: str, glob: str, host: Host) -> bool:
    """Whether a claim's pattern can match a name of the host."""
    if host.regex is not None and "*" not in pattern:
        return host.regex.matches(pattern)
    return overlaps(pattern, glob)


def _not_admitted(owner: str, claim: OwnerClaim) -> str:
    return f"the setting claims gives {', '.join(claim.hosts)} to {', '.join(claim.owners)}, and not to owner {owner}"


def _closed(owner: str, what: str, settings: Settings) -> str:
    if settings.claims_default == "open":
        return ""
    return f"no entry of the setting claims gives {what} to owner {owner}, and claims_default is closed"
