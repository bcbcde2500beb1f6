"""Guarding: two claims of different owners on one host → whether one takes requests from a guarded route of the other.

A claim takes requests from another one where both match and it is the more specific: a path below a guarded prefix, the
exact path of a guarded prefix, more conditions at the same path, or what a guarded regex matches. Priorities are not
compared between owners. Where conditions or regexes leave it open, the answer is yes: a guard is not to be avoided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from gen.build.claims import Claim
from gen.values import Path, Regex


def guard_of(claim: Claim) -> str:
    """The guard of a claim, as its label calls it; empty where it has none. A route that is disabled is guarded."""
    found = next((policy.name for policy in claim.route.policies if policy.guards), "")
    if found or not (claim.route.withheld or claim.route.options.tls == "required"):
        return found
    return "tls" if claim.route.options.tls == "required" else "a guard that cannot be read"


class Guarded:
    """The guarded claims of one host, found by the paths of those that may take requests from them."""

    def __init__(self) -> None:
        self._by_path: defaultdict[str, list[Claim]] = defaultdict(list)
        self._regexes: list[Claim] = []

    def add(self, claim: Claim) -> None:
        """Register a claim that has a guard."""
        path = claim.match.path
        if path.regex is not None:
            self._regexes.append(claim)
        else:
            self._by_path[path.text].append(claim)

    def taken_by(self, claim: Claim) -> Claim | None:
        """The first guarded claim of another owner from which a claim takes requests."""
        return next((other for other in self._near(claim) if takes(claim, other)), None)

    def _near(self, claim: Claim) -> Iterator[Claim]:
        path = claim.match.path
        if path.regex is None and self._by_path:
            for outer in _outer(path.text):
                yield from self._by_path.get(outer, ())
        yield from self._regexes


def takes(claim: Claim, guarded: Claim) -> bool:
    """Whether a claim takes requests from a guarded one of another owner on the same host."""
    if claim.owner == guarded.owner or _apart(claim, guarded):
        return False
    own, its = claim.match.path, guarded.match.path
    if its.regex is not None:
        return _meets(own, its.regex)
    if own.regex is not None:
        return False
    if own.kind == its.kind and own.text == its.text:
        return claim.match.weight >= guarded.match.weight
    if its.kind == "exact":
        return False
    return own.text == its.text or own.text.startswith(its.text + "/")


CHALLENGES: Final = tuple(Path("prefix", text) for text in ("", "/.well-known", "/.well-known/acme-challenge"))
"""The prefixes that answer ACME challenges, the widest first."""


def is_challenge(path: Path) -> bool:
    """Whether a path that is no regex is within `/.well-known` or `/.well-known/acme-challenge` for challenges."""
    outer = CHALLENGES[-1].text
    return path in CHALLENGES[1:] or path.text == outer or path.text.startswith(outer + "/")


def is_around(claim: Claim, inner: Claim) -> bool:
    """Whether a claim may match at the places of another one, as the less specific one."""
    own, its = claim.match.path, inner.match.path
    if own.regex is not None or its.regex is not None:
        return True
    return own.text == its.text or its.text.startswith(own.text + "/")


def _apart(one: Claim, other: Claim) -> bool:
    """Return True where no listener has both. Different methods do not keep claims apart: the owner of the most
    specific rule at a place comes first there with all of its rules, and so with those for other methods."""
    return set(one.listeners).isdisjoint(other.listeners)


def _outer(path: str) -> Iterable[str]:
    """A path and all prefixes around it by whole segments."""
    at = len(path)
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)
    yield ""


def _meets(path: Path, guarded: Regex) -> bool:
    """Whether a path is matched by a guarded regex, or one below it may be."""
    if path.kind == "exact":
        return guarded.matches(path.text.encode().decode("latin-1"))
    head = _head(guarded)
    own = _head(path.regex) if path.regex is not None else path.text + "/"
    return not head or not own or head.startswith(own) or own.startswith(head)


def _head(regex: Regex) -> str:
    """The text with which everything begins that a regex matches; empty where it does not say."""
    if not regex.text.startswith("^") or "|" in regex.text:
        return ""
    found = ""
    for position, character in enumerate(regex.text[1:], 1):
        follows = regex.text[position + 1 : position + 2]
        if not (character.isalnum() or character in "/_-") or follows in ("*", "?", "{"):
            break
        found += character
    return found
