"""Proof for nginx: a rendered server block → an error where a guarded route could be reached without its guards.

A location with guards has the lines of each as its own directives, in front of everything that answers; nothing in it
answers before nginx looks at passwords and addresses. A disabled route hands no request on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gen.errors import TemplateError
from gen.proxies.nginx.body import Body
from gen.proxies.nginx.literal import Word, literal
from gen.proxies.nginx.sites import SiteView
from gen.proxies.nginx.streams import StreamServer
from gen.proxies.nginx.tokens import tokens
from gen.proxies.proof import Need, Needs, Rendered, missing

_PASSES = re.compile("[a-z_]+_pass")
_REFUSES = frozenset({"deny", "auth_basic", "auth_request", "auth_jwt", "js_access", "access_by_lua_file"})
_VERIFIES = re.compile("(proxy|grpc|uwsgi)_ssl_verify|ssl_verify_client")
_OFF = frozenset({"off", "optional", "optional_no_ca"})


class Statement(NamedTuple):
    """A directive: its words, where they start, and what its block holds."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    inside: tuple[Statement, ...]

    @property
    def start(self) -> int:
        return self.starts[0]


def statements(text: str) -> tuple[Statement, ...]:
    """The directives of a text that `check` accepts, as a tree."""
    return _statements(tokens(text))


def _statements(found: Iterator[tuple[str, str, int]]) -> tuple[Statement, ...]:
    every: list[Statement] = []
    words: list[str] = []
    starts: list[int] = []
    for kind, text, at in found:
        if kind == "word":
            words.append(text)
            starts.append(at)
            continue
        if kind == "}":
            break
        if words:
            inside = _statements(found) if kind == "{" else ()
            every.append(Statement(tuple(words), tuple(starts), inside))
        words, starts = [], []
    return tuple(every)


def slots(it: object) -> tuple[str, ...]:
    """The slots in which a request, or a connection, meets guards."""
    if isinstance(it, Body):
        return "server", "location", "path"
    return ("stream",) if isinstance(it, StreamServer) else ()


def refuses(text: str) -> bool:
    """Return True if a directive of a slot's text refuses requests, or servers."""
    return any(map(_refuses, statements(text)))


def _refuses(statement: Statement) -> bool:
    name, *values = statement.words
    if name == "return":
        return bool(values) and re.fullmatch("2..", values[0]) is None
    if name in _REFUSES or _VERIFIES.fullmatch(name):
        return not _OFF.intersection(values)
    return name == "if" and any(map(_refuses, statement.inside))


def prove(it: object, block: Rendered, needs: Needs) -> None:
    """Raise TemplateError if a guard of the block is not where requests meet it."""
    if isinstance(it, SiteView):
        _prove_site(it, block, needs)
    elif isinstance(it, StreamServer) and it.target and not it.front:
        place = f"the TCP or UDP route on {it.slot}"
        for server in _of(statements(block.text), "server"):
            _prove_inside(server.inside, server.inside, block, needs(it), where=place)


def prove_main(main: Rendered) -> None:
    """Raise TemplateError if the main file hands requests on itself, where no guards are looked for."""
    if _passes(statements(main.text), main):
        raise TemplateError(
            "the main file hands requests on itself; blocks do, which are checked for guards: "
            '{{ blocks("server", "sites") }}'
        )


def _prove_site(site: SiteView, block: Rendered, needs: Needs) -> None:
    bodies = {(location.exact, literal(location.path)): location.body for location in site.locations}
    bodies |= {(False, literal(Word(f"@{body.name}"))): body for body in site.named}
    wanted = {body.route.id: () if body.is_out else needs(body) for body in site.all_bodies}
    servers = _of(statements(block.text), "server")
    found = {_place(one): (server, one) for server in servers for one in _of(server.inside, "location")}
    for place, body in bodies.items():
        if body is None or not (body.is_out or wanted[body.route.id]):
            continue
        where = f"the location {place[1]} of the route {body.route.id}"
        if place not in found:
            raise TemplateError(f"{where} is not in the rendered block, and the route has guards or is disabled")
        server, location = found[place]
        if body.is_out and _passes(location.inside, block):
            raise TemplateError(f"{where} hands requests on, and the route is disabled (503)")
        _prove_inside(location.inside, server.inside, block, wanted[body.route.id], where=where)
    if any(wanted.values()):
        _prove_others(found, bodies, block)


def _prove_others(
    found: dict[tuple[bool, str], tuple[Statement, Statement]],
    bodies: dict[tuple[bool, str], Body | None],
    block: Rendered,
) -> None:
    """No location of a template's own hands requests to the servers of routes, where some have guards."""
    for place, (_, location) in found.items():
        if bodies.get(place) is None and _passes(location.inside, block):
            raise TemplateError(f"the location {place[1]} hands requests on, and no route answers there")


def _prove_inside(
    own: tuple[Statement, ...], outer: tuple[Statement, ...], block: Rendered, wanted: tuple[Need, ...], *, where: str
) -> None:
    last = 0
    for need in wanted:
        spans = block.of(need)
        around = outer if need.slot == "server" else own
        written = [one for one in around if any(span.start <= one.start < span.end for span in spans)]
        if not written or (need.refuses and not any(map(_refuses, written))):
            raise missing(need, block, where)
        last = max(last, written[-1].start if need.slot != "server" else 0)
    if wanted:
        _prove_order(own, block, last, where)


def _prove_order(own: tuple[Statement, ...], block: Rendered, last: int, where: str) -> None:
    for one in own:
        if block.is_guard(one.start):
            continue
        if _answers(one) or (one.start < last and _hands_on(one)):
            raise TemplateError(f"{where} has guards, and {one.words[0]!r} answers before nginx asks them")
        if one.words[0] == "location" and _passes(one.inside, block):
            raise TemplateError(f"{where} has guards, and a location inside it hands requests on without them")


def _answers(one: Statement) -> bool:
    """Return True for an answer that nginx gives before it looks at passwords and addresses."""
    return one.words[0] == "return" or (one.words[0] == "rewrite" and one.words[-1] in ("redirect", "permanent"))


def _hands_on(one: Statement) -> bool:
    return one.words[0] in ("rewrite", "break", "try_files") or _PASSES.fullmatch(one.words[0]) is not None


def _passes(own: tuple[Statement, ...], block: Rendered) -> bool:
    """Return True if a directive of these hands requests to servers that an expression names."""
    return any(
        (_PASSES.fullmatch(one.words[0]) and not block.expressions.isdisjoint(one.starts)) or _passes(one.inside, block)
        for one in own
    )


def _of(own: tuple[Statement, ...], name: str) -> list[Statement]:
    return [one for one in own if one.words[0] == name]


def _place(location: Statement) -> tuple[bool, str]:
    return "=" in location.words[1:-1], location.words[-1]
