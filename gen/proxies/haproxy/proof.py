"""Proof for HAProxy: a rendered backend → an error where a request could pass it without its guards.

A backend with guards has the lines of each in its section, and no line in front of them admits or answers requests. A
guard that verifies servers stands on each `server` line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from gen.errors import TemplateError
from gen.proxies.haproxy.backends import Backend
from gen.proxies.haproxy.tokens import SECTIONS, read, tokens
from gen.proxies.haproxy.view import View
from gen.proxies.proof import Need, Needs, Rendered, missing

_SERVERS = frozenset({"server", "server-template"})
_REFUSES = frozenset({"deny", "auth", "redirect", "reject", "silent-drop", "tarpit"})
_ADMITS = frozenset({"allow", "accept", "use-service"})


class Line(NamedTuple):
    """A line of a section: its words, and where they start."""

    words: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def action(self) -> str:
        """What a rule does: `deny` of `http-request deny`, `reject` of `tcp-request content reject`; else empty."""
        at = {"http-request": 1, "http-response": 1, "tcp-request": 2}.get(self.words[0], 0)
        return self.words[at] if 0 < at < len(self.words) else ""

    @property
    def is_conditional(self) -> bool:
        return not {"if", "unless"}.isdisjoint(self.words)


def slots(it: object) -> tuple[str, ...]:
    """The slots in which a request, or a connection, meets guards."""
    if not isinstance(it, Backend):
        return ()
    return ("stream", "server") if it.is_stream else ("backend", "path", "server")


def refuses(text: str) -> bool:
    """Return True if a line of a slot's text refuses requests, or servers."""
    return any(map(_refuses, lines(text + "\n")))


def lines(text: str) -> Iterator[Line]:
    """The lines of a text that `check` accepts."""
    words: list[str] = []
    starts: list[int] = []
    for kind, word, at in tokens(text):
        if kind == "word":
            words.append(read(word))
            starts.append(at)
        elif words:
            yield Line(tuple(words), tuple(starts))
            words, starts = [], []


def _refuses(line: Line) -> bool:
    words = line.words
    if line.action in _REFUSES or line.action.startswith("lua."):
        return True
    if line.action == "return":
        return "status" in words and not words[words.index("status") + 1].startswith("2")
    return any(pair == ("verify", "required") for pair in pairwise(words))


def prove(it: object, block: Rendered, needs: Needs) -> None:
    """Raise TemplateError if a guard of the backend is not where requests meet it."""
    wanted = needs(it) if isinstance(it, Backend) else ()
    if not wanted or not isinstance(it, Backend):
        return
    own = [line for name, section in sections(block.text) if name == it.name for line in section]
    where = f"the backend {it.name}"
    last = max((_proved(need, own, block, where) for need in wanted), default=0)
    for line in own:
        if line.starts[0] < last and not block.is_guard(line.starts[0]) and _is_past(line, it):
            raise TemplateError(f"{where} has guards, and '{' '.join(line.words)}' stands before them")


def prove_main(view: View, main: Rendered) -> None:
    """Raise TemplateError if the main file writes a backend with guards itself, where none are looked for."""
    guarded = {backend.name for backend in view.backends if any(policy.guards for policy in backend.policies)}
    for name, _ in sections(main.text):
        if name in guarded:
            raise TemplateError(
                f'the main file writes the backend {name} itself; write {{{{ blocks("backend", "backends") }}}}'
            )


def _proved(need: Need, own: Iterable[Line], block: Rendered, where: str) -> int:
    """Where the last line of a guard begins; 0 for one that verifies servers. Raises TemplateError."""
    spans = block.of(need)
    if need.slot == "server":
        for line in own:
            if line.words[0] in _SERVERS and not block.expressions.isdisjoint(line.starts):
                _prove_server(need, line, block, where)
        return 0
    written = [line for line in own if any(span.start <= line.starts[0] < span.end for span in spans)]
    if not written or (need.refuses and not any(map(_refuses, written))):
        raise missing(need, block, where)
    return written[-1].starts[0]


def _prove_server(need: Need, line: Line, block: Rendered, where: str) -> None:
    spans = block.of(need)
    held = [at for at, start in enumerate(line.starts) if any(span.start <= start < span.end for span in spans)]
    written = Line(tuple(line.words[at] for at in held), tuple(line.starts[at] for at in held))
    if not held or (need.refuses and not _refuses(written)):
        raise missing(need, block, f"{where}, server {line.words[1]}")


def _is_past(line: Line, it: Backend) -> bool:
    """Return True for a rule that lets requests past the guards behind it, or answers them. A condition is a template's
    word, but not on connections: HAProxy looks at no rule behind the one that accepts."""
    if line.is_conditional and not (it.is_stream and line.action == "accept"):
        return False
    kind = "tcp-request" if it.is_stream else "http-request"
    return line.words[0] == kind and line.action in _ADMITS | {"return", "redirect"}


def sections(text: str) -> Iterator[tuple[str, list[Line]]]:
    """The backends of a text by name, with their lines."""
    name = ""
    found: list[Line] = []
    for line in lines(text):
        if line.words[0] in SECTIONS:
            if name:
                yield name, found
            name, found = (line.words[1] if line.words[0] == "backend" else ""), []
        else:
            found.append(line)
    if name:
        yield name, found
