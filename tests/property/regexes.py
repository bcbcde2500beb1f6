"""Regular expressions as people write them, random ones, and for each the subjects that keep an engine busy longest."""

from __future__ import annotations

import random
from collections.abc import Iterator

from gen.values.regex_syntax import Choice, Edge, Node, Repeat, Sequence, parse

HOSTS = r"""^(www|api)\.example\.com$
^[a-z0-9-]+\.example\.com$
^(?:[a-z0-9-]+\.)+example\.com$
^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*example\.(?:com|org)$
^(.+\.)?example\.com$
^(.*)\.example\.com$
^.+\.(?:staging|dev)\.example\.com$
^([a-z]+)-([a-z0-9]+)\.preview\.example\.com$
^[a-z0-9]+(?:-[a-z0-9]+)*\.example\.com$
^pr-[0-9]+\.example\.com$
^pr-\d+-[a-z]+\.example\.com$
^shop[0-9]*\.example\.(com|de|co\.uk)$
^\w+\.example\.com$
^api-v[0-9]+(?:\.[0-9]+)*\.example\.com$
\.example\.com$""".splitlines()

PATHS = r"""^/v[0-9]+/
\.php$
\.php(?:/|$)
^/(?:a|b)/.*\.(?:png|jpe?g)$
^/api/v[0-9]+(/.*)?$
^/admin(?:/[a-z]{1,9})*$
^/admin
^/(?:[^/]+/)*index\.html$
^(?:/[^/]+)+/$
\.(?:css|js|jpe?g|png|gif|svg|ico|woff2?|ttf|map)$
^/static/.*\.(?:css|js|jpe?g|png|gif|svg|ico|woff2?|ttf|map)$
/static/.*\.(?:css|js|jpe?g|png|gif|svg|ico|woff2?|ttf|map)$
(?i)\.(?:gif|jpe?g)$
^/wp-(?:admin|login\.php)
^/.*$
.*
^.*foo.*$
foo.*bar
^/[^/]+/[^/]+/edit$
^/users/[0-9]+(?:/posts(?:/[0-9]+)?)?$
^/(.*)/edit/(.*)$
^/(?:en|de|fr)(?:/|$)
^/[a-z]{2}(?:-[A-Z]{2})?/
(?:^|/)\.(?:git|env|ht)
^/([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)/?$
^/files/[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$
^/blobs/sha256:[a-f0-9]{64}$
^/v2/(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)+manifests/
^/(?:api|auth|graphql|health|metrics|ws)(?:/|$)
^/[0-9]{4}/[0-9]{2}/[0-9]{2}/[a-z0-9-]+$
^/(?:assets|packs|images)/.+-[0-9a-f]{8,64}\.(?:js|css|png)$
^/@[A-Za-z0-9_]{1,30}/[0-9]+$
^/socket\.io(?:/|$)
^/_next/(?:static|image)/
^/api/(?:v1|v2)/(?:users|orders)/[0-9]+$
^/[^.]*$
^/(?:index|home)?$
/\.well-known/
(?i)^/(?:phpmyadmin|pma|adminer)
^/s/[A-Za-z0-9]{6,12}$
^/repo/[^/]+/[^/]+\.git/(?:info/refs|git-upload-pack|git-receive-pack)$""".splitlines()

VALUES = r"""^Bearer [A-Za-z0-9._-]+$
^Basic
(?i)(?:bot|crawler|spider)
^Mozilla/5\.0 .*Chrome/[0-9]+.*Safari
^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$
session=[a-z0-9]+;.*admin
(?:^|; )beta=1(?:;|$)
^v[0-9]+(?:\.[0-9]+){0,2}$
^application/(?:json|[a-z.]+\+json)(?:;|$)
^$
^[0-9]+$
^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+example\.com$
^(?:true|1|yes|on)$
^(?:[a-z]{2}(?:-[A-Z]{2})?(?:;q=[0-9.]+)?,?)+$""".splitlines()

_ATOMS = ("a", "b", "/", r"\.", ".", "[ab]", "[^/]", "[a-c]", r"\d", r"\w", "0", "-", "^", "$", r"\b", "A")
_QUANTIFIERS = ("", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{0,40}", "{2,}")
_BYTES = "ab/.0-c\n!A"


def pattern(chance: random.Random, depth: int = 0) -> str:
    """A pattern of few letters, so that its parts get into each other's way."""
    parts = [_part(chance, depth) for _ in range(chance.randint(1, 4))]
    own = "".join(parts)
    if depth == 0 and chance.random() < 0.5:
        own = "^" + own
    return own + ("$" if depth == 0 and chance.random() < 0.4 else "")


def _part(chance: random.Random, depth: int) -> str:
    if depth < 3 and chance.random() < 0.35:
        branches = "|".join(pattern(chance, depth + 1) for _ in range(chance.choice((1, 1, 2, 3))))
        return f"(?:{branches}){chance.choice(_QUANTIFIERS)}"
    atom = chance.choice(_ATOMS)
    return atom + ("" if atom in ("^", "$", r"\b") else chance.choice(_QUANTIFIERS))


def subjects(text: str, chance: random.Random, length: int) -> Iterator[bytes]:
    """Texts of about this length: what repeats in the pattern is repeated, behind what leads there, and then fails."""
    _, tree = parse(text)
    yield b""
    pumps = [*_pumps(tree, "", chance), *((sample(tree, chance), "") for _ in range(2))]
    pumps += [("", character) for character in _BYTES[:4]]
    for before, pump in pumps:
        for end in ("", "!", "\n", sample(tree, chance)):
            inner = (pump or before or "a") * (1 + length // max(len(pump or before), 1))
            yield (before + inner[: max(length - len(before) - len(end), 0)] + end).encode("latin-1")[:length]
    for _ in range(6):
        yield "".join(chance.choice(_BYTES) for _ in range(chance.choice((2, 5, 9, length)))).encode()


def _pumps(node: Node, before: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """What leads to each repetition, and one round of it."""
    if isinstance(node, Choice):
        for branch in node.branches:
            for place, each in enumerate(branch):
                yield from _pumps(each, before + _text(branch[:place], chance), chance)
    elif isinstance(node, Repeat):
        yield before, sample(node.body, chance)
        yield from _pumps(node.body, before, chance)


def sample(node: Node, chance: random.Random) -> str:
    """A text that a part of a pattern takes, but for what it says of its position."""
    if isinstance(node, Choice):
        return _text(chance.choice(node.branches), chance)
    if isinstance(node, Repeat):
        times = chance.randint(node.low, max(node.low, min(node.high or 3, node.low + 2)))
        return "".join(sample(node.body, chance) for _ in range(times))
    if isinstance(node, Edge):
        return ""
    usual = [each for each in "ab/.0-c" if node.allowed >> ord(each) & 1]
    return chance.choice(usual or [chr(byte) for byte in range(256) if node.allowed >> byte & 1] or [""])


def _text(nodes: Sequence, chance: random.Random) -> str:
    return "".join(sample(node, chance) for node in nodes)
