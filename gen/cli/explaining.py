"""`fairway explain`: who answers a URL and why, or what an option means."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from gen.cli.passes import basis_of
from gen.cli.show import as_json, count, echo, line_of, paint, tell
from gen.cli.world import World, world_options
from gen.decide import host_name
from gen.errors import BadValue
from gen.table import has_several_owners

if TYPE_CHECKING:
    from gen.explain.answer import Answer, Chosen, Met, Tried
    from gen.explain.basis import Basis
    from gen.explain.lines import Line
    from gen.explain.question import Question
    from gen.explain.share import Place, Said, Share
    from gen.explain.shown import Shown

_COLORS = {"answers": "green", "lost": "yellow", "missed": "bold"}


@click.command(short_help="Say who answers a URL and why, or what an option means.")
@click.argument("what", metavar="URL|NAME")
@click.option("-X", "--method", default="GET", metavar="METHOD", help="The request's method.")
@click.option("-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header; may be repeated.")
@click.option("--from", "client", default="", metavar="IP", help="The client's address; without it, a stranger's.")
@click.option("--listener", default="", metavar="NAME", help="The listener it comes to; by default by scheme and port.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@world_options
def explain(world: World, what: str, form: str, listener: str, **asked: Any) -> int:
    """Say who answers a URL (http, https, tcp, tls, udp): the route, all others that were tried and why they lost, the
    policies in order, the servers, where each part was written, and the lines of the configuration.

    Or print the reference of a policy, an option or a setting: rate_limit, rate_limit.rate, fairway.host, resolve.

    \b
    Exit code 0: a route answers.  1: none does.
    """
    if "/" not in what and ":" not in what:
        return _page(what, form)
    from gen.explain.question import question

    try:
        wanted = question(what, **asked)
    except BadValue as error:
        raise click.UsageError(line_of(str(error))) from None
    return _answers(world, wanted, listener, form)


def _page(name: str, form: str) -> int:
    """The reference of a name."""
    from gen.explain.page import near, page

    found = page(name)
    if not found:
        raise click.UsageError(line_of(f"{name!r} is neither a URL (write http://{name}/) nor known; {near(name)}"))
    if form == "json":
        echo(as_json([asdict(one) for one in found]))
        return 0
    for one in found:
        echo(paint(one.title, "bold", out=True))
        for paragraph in one.paragraphs:
            echo(click.wrap_text(paragraph, _width(), "  ", "  "))
        for key, text in one.facts:
            indent = " " * 14
            echo(click.wrap_text(text, _width(), f"  {key:<12}", indent))
        echo("")
    return 0


def _width() -> int:
    import shutil

    return min(120, shutil.get_terminal_size().columns)


def _answers(world: World, wanted: Question, listener: str, form: str) -> int:
    from gen.explain.answer import answer
    from gen.explain.question import door

    basis = basis_of(world, world.read())
    at = door(basis.model, wanted, listener)
    found = [answer(wanted, one, basis) for one in at.listeners]
    if form == "json":
        shown = {"version": 1, "question": _asked(wanted), "note": at.note, "answers": [asdict(one) for one in found]}
        echo(as_json(shown))
    else:
        if at.note:
            echo(line_of(at.note))
        names_owner = has_several_owners(basis.model)
        for one in found:
            for line in _told(wanted, one, names_owner=names_owner):
                echo(line)
    answers = any(one.outcome.answers for one in found)
    if not answers and form == "text":
        _errors(basis, wanted)
    return 0 if answers else 1


def _errors(basis: Basis, wanted: Question) -> None:
    """Why a route may be missing: what is wrong with those who name the host; of the rest how much there is."""
    errors = [problem for problem in basis.model.problems if problem.severity == "error"]
    name = host_name(wanted.host)
    named = {one.name for one in basis.state.workloads if name and any(name in label.value for label in one.labels)}
    about = [one for one in errors if one.origin.workload in named or (name and name in one.message)]
    tell(tuple(about))
    if rest := len(errors) - len(about):
        echo(f"{count(rest, 'other error' if about else 'error')} in labels: `fairway check` tells them", err=True)


def _asked(wanted: Question) -> dict[str, Any]:
    from gen.sources.redaction import redacted_value

    headers = {name: redacted_value(f"headers.{name}", value) for name, value in wanted.headers}
    return asdict(wanted) | {"headers": headers}


def _told(asked: Question, found: Answer, *, names_owner: bool) -> Iterator[str]:
    """An answer as people read it."""
    yield from _head(asked, found)
    yield from _rules(found, names_owner=names_owner)
    if found.route is not None:
        yield from _route(found.route, names_owner=names_owner)


def _head(asked: Question, found: Answer) -> Iterator[str]:
    who = f"{asked.client}, a stranger: --from says another" if asked.is_stranger else asked.client
    what = f"{asked.method} {asked.target}" if asked.is_http else "a connection"
    where = f"{found.listener} (port {found.port})"
    yield paint(line_of(f"{what} on {where}, from {who}"), "bold", out=True)
    if found.takes_proxy:
        yield "  clients      have to speak the PROXY protocol here"
    name = found.host or "none"
    yield line_of(f"  compared as  {name}{'' if found.path is None else f' {found.path}'}")
    if found.certificate is not None:
        yield line_of(f"  certificate  {_certificate(found.certificate)}")
    status = f"{found.outcome.status}: " if found.outcome.status else ""
    yield paint(line_of(f"  answer       {status}{found.outcome.what}"), _color(found), out=True)
    if found.outcome.location:
        yield line_of(f"  location     {found.outcome.location}")
    if found.outcome.hint:
        yield line_of(f"  hint         {found.outcome.hint}")


def _color(found: Answer) -> str:
    return "red" if not found.outcome.answers or found.outcome.status >= 400 else "green"


def _certificate(one: Shown) -> str:
    if not one.name:
        return one.wrong
    until = time.strftime("%Y-%m-%d", time.gmtime(one.valid_until)) if one.valid_until else "nobody knows when"
    shown = f"{one.name} (for {', '.join(one.names)}), valid until {until}"
    return f"{shown}; {one.wrong}" if one.wrong else shown


def _rules(found: Answer, *, names_owner: bool) -> Iterator[str]:
    if found.tried:
        yield "rules that were tried, in order"
    for one in found.tried:
        yield from _rule(one, names_owner=names_owner)
    if found.elsewhere:
        yield f"  and {found.elsewhere} for other hosts"


def _rule(one: Tried, *, names_owner: bool) -> Iterator[str]:
    owner = f"; owner {one.owner}" if names_owner else ""
    yield paint(f"  {one.verdict:<8}", _COLORS[one.verdict], out=True) + line_of(
        f" {one.rule}  ({', '.join(one.origins)}{owner})"
    )
    if one.reason:
        yield line_of(f"           {one.reason}")


def _route(one: Chosen, *, names_owner: bool) -> Iterator[str]:
    yield paint(line_of(f"route {one.rule}"), "bold", out=True)
    if names_owner:
        yield line_of(f"  owner {one.owner}")
    if one.withheld:
        yield paint(line_of(f"  withheld: {one.withheld}"), "red", out=True)
    if one.policies:
        yield "  policies, in the order in which a request meets them"
    for policy in one.policies:
        yield from _policy(policy)
    yield line_of(f"  servers of {one.upstream}")
    for server in one.servers:
        who = f"  {', '.join(server.instances)}" if server.instances else ""
        over = f" over {server.network}" if server.network else ""
        yield line_of(f"    {server.address}  {server.state}{who}{over}")
    if not one.servers:
        yield "    none"
    for part in one.shares:
        yield from _share(part)
    for problem in one.problems:
        yield line_of(f"  {problem.severity}: {problem}")
    yield from _lines(one.lines)


def _policy(one: Met) -> Iterator[str]:
    options = f"({one.options})" if one.options else ""
    yield line_of(f"    {one.name}{options}" + (f": {one.effect}" if one.effect else ""))
    yield from (f"      {line}" for line in _said(one.said))


def _said(found: Sequence[Said]) -> Iterator[str]:
    for each in found:
        place = f"{each.origin.file}:{each.origin.line}:{each.origin.column}" if each.origin.line else each.origin.file
        yield line_of(f"{each.origin.key}={each.value}  ({': '.join(filter(None, (place, each.origin.workload)))})")


def _share(one: Share) -> Iterator[str]:
    yield line_of(f"  asked for by {one.workload}, in its route {one.name}")
    if one.withheld:
        yield line_of(f"    it is withheld, and has no say: {one.withheld}")
    yield from (f"    {line}" for line in _said(one.said))
    for place in one.places:
        yield from _place(place)
    if not one.places:
        yield "    it has no instance"


def _place(one: Place) -> Iterator[str]:
    shown = f"{one.address} {one.state}" if one.address else "no server"
    over = f", on {one.network}" if one.network else ""
    yield line_of(f"    {one.instance}: {shown}{over}" + (f": {one.reason}" if one.reason else ""))
    if one.hint:
        yield line_of(f"      hint: {one.hint}")


def _lines(found: Sequence[Line]) -> Iterator[str]:
    """As grep prints context: the route's own lines with a colon, those around them with a dash."""
    for file, group in groupby(found, key=lambda line: line.file):
        yield line_of(f"  in {file}")
        for line in group:
            yield line_of(f"    {line.number:>6}{':' if line.is_own else '-'} {line.text}")
