"""What a proxy reads in the files of a bundle: blocks that stand by themselves, words, and what no template wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Protocol
from urllib.parse import unquote

from gen.bundle import Bundle
from gen.proxies.haproxy.tokens import lines
from gen.proxies.nginx.tokens import tokens
from tests.support.cases import ROOT

Lines = tuple[tuple[str, ...], ...]


class Reading(Protocol):
    """One proxy's way of reading."""

    def blocks(self, bundle: Bundle) -> set[object]:
        """What a route has for itself; another route's labels change nothing of it."""

    def words(self, bundle: Bundle) -> set[str]:
        """What the proxy makes of each word: quotes and escapes undone."""

    def oddities(self, bundle: Bundle) -> set[str]:
        """Keywords that stand in no template."""


def text(bundle: Bundle, name: str = "") -> str:
    return next(file.content for file in bundle.files if file.name == (name or bundle.main)).decode()


class OfNginx:
    """nginx: blocks are those inside `http`."""

    def blocks(self, bundle: Bundle) -> set[object]:
        found: set[object] = set()
        current: list[str] = []
        depth = 0
        for kind, word, _ in tokens(text(bundle)):
            current.append(word)
            depth += {"{": 1, "}": -1}.get(kind, 0)
            if kind == "{" and depth == 1:
                current = []
            elif kind in ";}" and depth == 1:
                if kind == "}" and "/digest" not in current:
                    found.add(" ".join(current))
                current = []
        return found

    def words(self, bundle: Bundle) -> set[str]:
        return {self._read(word) for kind, word, _ in tokens(text(bundle)) if kind == "word"}

    def oddities(self, bundle: Bundle) -> set[str]:
        return set()

    def _read(self, word: str) -> str:
        inner = word[1:-1] if word[:1] in "\"'" else word
        return re.sub(r'\\(["\'\\])', r"\1", inner).replace("${fw_dollar}", "$")


class OfHaproxy:
    """HAProxy: sections, but of frontends, which all routes share, each line; and the lines of maps."""

    def blocks(self, bundle: Bundle) -> set[object]:
        found: set[object] = set()
        for head, rest in sections(text(bundle)):
            is_shared = head[0] in ("global", "frontend")
            found.update([(head, line) for line in rest] if is_shared else [(head, rest)])
        return found | {(name, line) for name, line in self._entries(bundle)}

    def words(self, bundle: Bundle) -> set[str]:
        found = {word for head, rest in sections(text(bundle)) for line in (head, *rest) for word in line}
        for _, line in self._entries(bundle):
            key, _, _ = line.partition(" ")
            host, _, path = key.partition("#")
            found |= {host.partition(":")[2], unquote(path)}
        return found | {word.replace("%%", "%") for word in found}

    def oddities(self, bundle: Bundle) -> set[str]:
        found = [line for head, rest in sections(text(bundle)) for line in (head, *rest)]
        assert found == list(lines(text(bundle))), "two tokenizers, two opinions"
        return {line[0] for line in found} - keywords()

    def _entries(self, bundle: Bundle) -> Iterator[tuple[str, str]]:
        for name in ("hosts", "exact", "prefix"):
            for line in text(bundle, f"maps/{name}.map").splitlines():
                yield name, line


def sections(conf: str) -> Iterator[tuple[tuple[str, ...], Lines]]:
    """The first line of each section, and its lines."""
    head: tuple[str, ...] = ()
    rest: list[tuple[str, ...]] = []
    for line in conf.split("\n"):
        words = split(line)
        if words and not line.startswith(" "):
            if head:
                yield head, tuple(rest)
            head, rest = words, []
        elif words:
            rest.append(words)
    if head:
        yield head, tuple(rest)


def split(line: str) -> tuple[str, ...]:
    """A line's words by the rules that HAProxy's manual gives (§2.2), character by character, but for environment
    variables and control characters, of which Fairway writes none."""
    words: list[str] = []
    word, quote, at = "", "", 0
    begun = False
    while at < len(line):
        character, following = line[at], line[at + 1 : at + 2]
        at += 1
        if quote == "'" and character != "'":
            word += character
        elif character == "\\" and following in ("\\", '"', "'", " ", "#"):
            word += following
            at += 1
        elif character in "\"'" and quote in ("", character):
            quote, begun = ("" if quote else character), True
        elif not quote and character == "#":
            break
        elif not quote and character == " ":
            words += [word] if word or begun else []
            word, begun = "", False
        else:
            word += character
    assert not quote, f"an open quote: {line}"
    return (*words, word) if word or begun else tuple(words)


@cache
def keywords() -> frozenset[str]:
    """The first words of all lines of HAProxy's templates."""
    found: set[str] = set()
    for path in (ROOT / "templates" / "haproxy").rglob("*.j2"):
        plain = re.sub(r"\{#.*?#\}|\{%.*?%\}", "\n", path.read_text(), flags=re.DOTALL)
        found.update(
            line.split()[0] for line in plain.splitlines() if line.strip() and not line.strip().startswith("{")
        )
    return frozenset(found)


READINGS: Mapping[str, Reading] = {"nginx": OfNginx(), "haproxy": OfHaproxy()}
