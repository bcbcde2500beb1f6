"""Lines: a route in a bundle → the lines that stand there because of it, with file and number.

The model is rendered once more without the route: what is missing then is the route's. (Where another says just the
same in its place, nothing is missing: then it is changed instead.) So it holds for any proxy and any template, the
operator's own too. Beside it stand the blocks that are named after its pool, which others may share, and above each
line the heads of the blocks around it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from gen.bundle import Bundle
from gen.model import Model, Route, StreamRoute
from gen.plan import RELEASE, hidden_in, shown
from gen.policies import Redirect
from gen.policies.redirect import Target
from gen.sources.redaction import redacted_value

_HEADS = re.compile(r"\s*(?:listen|server_name|ssl_certificate|bind)\s")
"""Lines that say what a block is, beside its first one."""
_BLOCK = re.compile(r"\s*(?:upstream|backend|split_clients) ")
"""How the block of a pool begins."""
_WORD = re.compile(r"[a-z0-9_]+_[0-9a-f]{16}")
"""Identifiers as Fairway makes them."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SECRET = ("auth/", "certs/")
_ELSEWHERE = Redirect(to=Target("", ("https://changed.invalid/",)))
"""A policy that nobody has."""
Render = Callable[[Model], Bundle]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a rendered file; `number` counts from 1. `is_own`: it is the route's, not a head around it."""

    file: str
    number: int
    text: str
    is_own: bool = True


def lines(route: Route | StreamRoute, model: Model, bundle: Bundle, render: Render) -> tuple[Line, ...]:
    """The lines of a route, in the order of the files. What holds secrets is left out, hashes of passwords too."""
    names = hidden_in(bundle)
    texts = {file.name: shown(file.content, names) for file in bundle.files if not _is_left_out(file.name)}
    own: dict[str, set[int]] = {}
    for other in (_without(route, model), _changed(route, model)):
        before = {file.name: shown(file.content, names) for file in render(other).files}
        own = {name: _added(before.get(name, []), text) for name, text in texts.items()}
        if any(own.values()):
            break
    words = {word for name, text in texts.items() for at in own[name] for word in _WORD.findall(text[at])}
    pool = frozenset(word for word in words if route.upstream in word)
    found = sorted(texts.items(), key=lambda pair: (pair[0] != bundle.main, pair[0]))
    return tuple(line for name, text in found for line in _with_heads(name, text, own[name] | _named(pool, text)))


def _is_left_out(name: str) -> bool:
    return name == RELEASE or name.startswith(_SECRET) or name.endswith(".pem")


def _without(route: Route | StreamRoute, model: Model) -> Model:
    """The model without a route, and without its pool where nobody else uses it."""
    routes = tuple(one for one in model.routes if one.id != route.id)
    streams = tuple(one for one in model.streams if one.id != route.id)
    used = {one.upstream for one in routes} | {one.upstream for one in streams}
    upstreams = tuple(one for one in model.upstreams if one.id != route.upstream or one.id in used)
    return replace(model, routes=routes, streams=streams, upstreams=upstreams)


def _changed(route: Route | StreamRoute, model: Model) -> Model:
    """The model with another route in its place, that says what nobody else says."""
    if isinstance(route, StreamRoute):
        stream = replace(route, withheld="" if route.withheld else "changed", policies=())
        return replace(model, streams=tuple(stream if one.id == route.id else one for one in model.streams))
    changed = replace(route, withheld="", policies=(_ELSEWHERE,))
    return replace(model, routes=tuple(changed if one.id == route.id else one for one in model.routes))


def _added(before: list[str], after: list[str]) -> set[int]:
    """Positions of lines that are there only with the route. Paragraphs that both have are taken out first: in them
    nothing can differ, and comparing is slow."""
    common = Counter(map(_text, _paragraphs(before)))
    ours: list[int] = []
    for part in _paragraphs(after):
        if common[_text(part)]:
            common[_text(part)] -= 1
        else:
            ours += [at for at, _ in part]
    kept = Counter(map(_text, _paragraphs(after)))
    theirs: list[str] = []
    for part in _paragraphs(before):
        if kept[_text(part)]:
            kept[_text(part)] -= 1
        else:
            theirs += [line for _, line in part]
    mine = [after[at] for at in ours]
    matcher = SequenceMatcher(None, _alike(theirs), _alike(mine), autojunk=False)
    return {
        ours[at]
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag in ("insert", "replace")
        for at in range(start, end)
        if after[ours[at]].strip()
    }


def _alike(text: Iterable[str]) -> list[str]:
    """Without digests, which differ between any two releases."""
    return [_DIGEST.sub("", line) for line in text]


def _paragraphs(text: list[str]) -> Iterator[list[tuple[int, str]]]:
    """Lines with their positions, apart where a line is empty."""
    part: list[tuple[int, str]] = []
    for at, line in enumerate(text):
        part.append((at, line))
        if not line.strip():
            yield part
            part = []
    yield part


def _text(part: list[tuple[int, str]]) -> str:
    return "".join(_alike(line for _, line in part))


def _named(words: frozenset[str], text: list[str]) -> set[int]:
    """Positions of blocks that have one of these words for a name."""
    found: set[int] = set()
    for at, line in enumerate(text):
        if _BLOCK.match(line) and words.intersection(_WORD.findall(line)):
            found.update(place for place in range(at, _end(text, at)) if text[place].strip())
    return found


def _end(text: list[str], start: int) -> int:
    """Where the block that begins there ends: all below it that stands further in, and a brace."""
    depth = _depth(text[start])
    for at in range(start + 1, len(text)):
        if text[at].strip() and _depth(text[at]) <= depth:
            return at + (text[at].strip() == "}")
    return len(text)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _with_heads(file: str, text: list[str], own: set[int]) -> Iterator[Line]:
    """The lines with the heads of the blocks around them: every line above that stands further out."""
    heads: set[int] = set()
    for at in own:
        depth = _depth(text[at])
        for above in range(at - 1, -1, -1):
            if not depth:
                break
            if text[above].strip() and _depth(text[above]) < depth and text[above].strip() != "}":
                depth = _depth(text[above])
                if above in heads:
                    break
                heads.add(above)
                heads |= _said(text, above)
    for at in sorted(own | heads):
        yield Line(file=file, number=at + 1, text=redacted_value("", text[at].rstrip("\n")), is_own=at in own)


def _said(text: list[str], head: int) -> set[int]:
    """Of a block's own lines those that say where it listens and for whom."""
    inner = [at for at in range(head + 1, _end(text, head)) if _depth(text[at]) > _depth(text[head])]
    depth = min((_depth(text[at]) for at in inner), default=0)
    return {at for at in inner if _depth(text[at]) == depth and _HEADS.match(text[at])}
