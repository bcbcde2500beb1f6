"""Owners: how the owner of a workload is derived, and which owners may claim which hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, Self

from gen.errors import BadValue

_LABEL_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """How the owner of a workload is derived: `project`, `label:KEY`, `network` or `one`."""

    kind: Literal["project", "label", "network", "one"]
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, colon, key = text.partition(":")
        if not colon and kind in ("project", "network", "one"):
            return cls(kind)  # type: ignore[arg-type]
        if kind == "label" and _LABEL_KEY.fullmatch(key):
            return cls("label", key)
        raise BadValue(text, "a rule for owners", "project, network, one or label:com.example.team")

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else self.kind


_PATTERN: Final = re.compile(r"~?[A-Za-z0-9_*.:+@/-]{1,253}")


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A pattern of hosts in which `*` stands for any text, dots included: `*.shop.example.com`, or `*` for all.
    `listener:NAME` is a listener of TCP and UDP routes."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        if not _PATTERN.fullmatch(text) or text.startswith("~"):
            raise BadValue(text, "a pattern of hosts", "*.shop.example.com, or * for all")
        return cls(text.lower() if not text.startswith("listener:") else text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class OwnerClaim:
    """Which owners may have which hosts: `shop.test *.shop.test = shop`; blanks stand between several, and `*` stands
    for any text. In a file: `{hosts: [shop.test, "*.shop.test"], owners: [shop]}`."""

    hosts: tuple[str, ...]
    owners: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        left, equals, right = text.partition("=")
        hosts, owners = left.split(), right.split()
        if not equals or not hosts or not owners or not all(map(_PATTERN.fullmatch, owners)):
            raise BadValue(text, "a claim", "shop.test *.shop.test = shop")
        return cls(tuple(HostPattern.parse(host).text for host in hosts), tuple(owners))

    def admits(self, owner: str) -> bool:
        """Whether an owner is among its owners."""
        return any(covers(pattern, owner) for pattern in self.owners)

    def __str__(self) -> str:
        return f"{' '.join(self.hosts)} = {' '.join(self.owners)}"


def covers(pattern: str, text: str) -> bool:
    """Whether a pattern matches every text that another one matches; `*` stands for any text in both.

    A star of the other one is met by a star alone, so the answer may be no where a longer look would find yes.
    """
    at, star, resume = 0, -1, 0
    index = 0
    while at < len(text):
        if index < len(pattern) and pattern[index] == "*":
            star, resume, index = index, at, index + 1
        elif index < len(pattern) and pattern[index] == text[at]:
            index, at = index + 1, at + 1
        elif star >= 0:
            resume, index = resume + 1, star + 1
            at = resume
        else:
            return False
    return set(pattern[index:]) <= {"*"}


def overlaps(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    reached = {0}
    for step in range(len(one) + 1):
        reached = _over_stars(other, reached)
        if step == len(one):
            break
        character = one[step]
        if character == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else set()
            continue
        reached = {
            place + (other[place] != "*")
            for place in reached
            if place < len(other) and other[place] in ("*", character)
        }
    return len(other) in reached


def _over_stars(pattern: str, reached: set[int]) -> set[int]:
    """With the places behind stars that stand for nothing."""
    found = set(reached)
    for place in sorted(reached):
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found


@dataclass(frozen=True, slots=True)
class ChallengeTarget:
    """Where ACME challenges are answered: a workload by name, a URL `http://127.0.0.1:8402`, or a directory
    `/var/www/acme`."""

    kind: Literal["workload", "url", "directory"]
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"/[A-Za-z0-9_./-]{1,250}", text):
            return cls("directory", text)
        if re.fullmatch(r"http://(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?/?", text):
            return cls("url", text.rstrip("/"))
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,127}", text):
            return cls("workload", text)
        raise BadValue(text, "a target of challenges", "acme, http://127.0.0.1:8402 or /var/www/acme")

    def __str__(self) -> str:
        return self.text
