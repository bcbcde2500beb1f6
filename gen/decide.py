"""The model's own decision: which route answers a request or takes a connection. What proxies do is compared with this.

Model and Request → Route or None. It tries every rule in order, as a reader of the label reference would. `trace` is
the same decision with what came of each rule, for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gen.model import Match, Model, Route, StreamRoute
from gen.precedence import OPERATOR, in_order
from gen.received import Received, Request, host_name, received
from gen.rules import Theirs, may_match, rules
from gen.values import Condition, Host, Path, normalize

__all__ = ["Request", "Step", "Trace", "decide", "decide_stream", "host_name", "names", "query_pattern", "trace"]

_FOREIGN = re.compile(r"[\x00-\x20#\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rule that was tried: one host of a route. `is_host`: whether it is for the host that was asked for. `missed`:
    the first thing that did not hold. `lost`: why it came too late though all held. The one that answers has neither.
    `refused`: why the request is refused there (400): a text is too long for a regex of the rule, and all else holds.
    """

    host: Host | None
    route: Route
    is_host: bool = True
    missed: str = ""
    lost: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A decision with all rules of the listener in the order in which they are tried. `host` and `path` as they are
    compared; the path is None where it is malformed, and then nothing is tried, nor where the request is `refused`."""

    host: str
    path: str | None
    steps: tuple[Step, ...]
    refused: str = ""

    @property
    def winner(self) -> Step | None:
        """The rule that answers."""
        return _first(iter(self.steps))

    @property
    def route(self) -> Route | None:
        """The route that answers, as `decide` says."""
        return _answering(self.winner)


def decide(model: Model, request: Request) -> Route | None:
    """The first route in order that matches; None where none has the host and path, or the request is refused: its path
    is malformed, or a text of it is too long for the regex that comes first."""
    return _answering(_first(_tried(model, request)))


def _answering(step: Step | None) -> Route | None:
    return step.route if step and not step.refused else None


def is_refused(request: Request) -> bool:
    """Return True where the target cannot be compared, so that every proxy answers 400: it has a fragment, a blank or a
    control character (RFC 9112 §3.2), is badly encoded, or leads above the root."""
    return _compared(request.target) is None


def _compared(target: str) -> str | None:
    """The path of a target as it is compared; None where the request is refused."""
    return None if _FOREIGN.search(target) else normalize(target)


def trace(model: Model, request: Request) -> Trace:
    """The same decision, with what came of every rule."""
    steps = tuple(_tried(model, request))
    winner = _first(iter(steps))
    told = steps if winner is None else tuple(_told(step, winner) for step in steps)
    found = received(model, request)
    return Trace(host=found.host, path=_compared(request.target), steps=told, refused=found.refused)


def _first(steps: Iterator[Step]) -> Step | None:
    return next((step for step in steps if not step.missed and not step.lost), None)


def _tried(model: Model, request: Request) -> Iterator[Step]:
    """Rule by rule, in order."""
    path, found = _compared(request.target), received(model, request)
    if path is None or found.refused:
        return
    host = found.host
    every, theirs = rules(model, request.listener), Theirs(model, request.listener, host)
    foreign = {id(rule): theirs.refusal(rule) for rule in every}
    candidates = [rule for rule in every if not foreign[id(rule)] and may_match(rule, host, path)]
    chosen = set(map(id, candidates))
    for rule in in_order(candidates, [rule for rule in every if id(rule) not in chosen]):
        is_host = rule.host is None or rule.host.matches(host)
        missed = _missed(rule.route.match, request, path, found) if is_host else f"the host is {host or 'not said'}"
        missed = missed or foreign[id(rule)]
        refused = "" if missed else _too_long(rule.route.match, request, path, found.fields)
        yield Step(host=rule.host, route=rule.route, is_host=is_host, missed=missed, refused=refused)


def _too_long(match: Match, request: Request, path: str, fields: Mapping[str, str]) -> str:
    """Which text is too long for a regex that has to be found in it; empty where none is."""
    asked = [("path", match.path.regex, path)]
    asked += [(f"header {name}", one.regex, fields.get(name.lower(), "")) for name, one in match.headers]
    asked += [(f"query parameter {name}", one.regex, argument(name, request.target)) for name, one in match.query]
    return next(
        (
            f"the {what} has more than the {regex.longest:,} bytes that its regex may search"
            for what, regex, text in asked
            if regex is not None and not regex.takes(text)
        ),
        "",
    )


def _told(step: Step, winner: Step) -> Step:
    """With why it lost, where it matches too."""
    return step if step.missed or step is winner else replace(step, lost=beats(winner, step))


def beats(winner: Step, loser: Step) -> str:
    """Why one rule comes before another, by the first thing in which their ranks differ."""
    if winner.route.owner != loser.route.owner:
        return _beats_owner(winner.route, loser.route)
    first, second = winner.route.rank(winner.host), loser.route.rank(loser.host)
    differs = next((place for place, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1]), -1)
    if differs == 0:
        return f"its priority is {loser.route.priority}, that one's {winner.route.priority}"
    if differs == 1:
        return _order(winner.host, loser.host)
    if differs == 2:
        return _order(winner.route.match.path, loser.route.match.path)
    if differs == 3:
        return f"it asks for {loser.route.match.weight} conditions, that one for {winner.route.match.weight}"
    if differs == 4:
        return f"all else is equal, and {winner.route.rank_name} comes before {loser.route.rank_name} by name"
    return "all else is equal, and the other one comes first by its identifier"


def _beats_owner(winner: Route, loser: Route) -> str:
    """Why a rule of another owner comes first."""
    if OPERATOR in (winner.owner, loser.owner) and winner.priority != loser.priority:
        return f"the operator's priority decides: {winner.priority} there, {loser.priority} here"
    return f"owner {winner.owner} has the more specific route at this place than owner {loser.owner}"


def _order(winner: Host | Path | None, loser: Host | Path | None) -> str:
    """Of one kind the longer comes first; else the kinds decide."""
    first, second = _kind(winner), _kind(loser)
    if first == second:
        return f"the {first} {winner} is longer than {loser}"
    return f"the {first} {winner or ''}".rstrip() + f" comes before the {second} {loser or ''}".rstrip()


def _kind(part: Host | Path | None) -> str:
    """The kind by which a host or a path is ranked, in words."""
    if part is None:
        return "rule for every host"
    if isinstance(part, Path):
        return f"{part.kind} path"
    return f"{'wildcard' if part.kind == 'subtree' else part.kind} host"


def decide_stream(model: Model, listener: str, name: str = "") -> StreamRoute | None:
    """Who takes a connection, by the name that a TLS client asks for; None: the listener's HTTP routes, or nobody."""
    asked = name.lower().removesuffix(".")
    return next(route for host, route in names(model, listener) if host is None or host.matches(asked))


def names(model: Model, listener: str) -> tuple[tuple[Host | None, StreamRoute | None], ...]:
    """Who takes connections of a listener, by the names of TLS clients, in the order in which they are tried.

    The last one is for all other names and for none. A host of an HTTP route (None) stands there where a wildcard would
    take it away: its own name is the better one. On a listener with HTTP that is so for another owner's host too, on
    whichever listener its routes are.
    """
    streams = [route for route in model.streams if listener in route.listeners]
    found: dict[Host, StreamRoute | None] = {host: route for route in streams for host in route.hosts}
    wildcards = {host.text: route.owner for route in streams for host in route.hosts if host.kind == "wildcard"}
    has_http = any(one.name == listener and one.protocol == "http" for one in model.listeners)
    for http in model.routes if wildcards else ():
        is_here = listener in http.listeners
        if is_here or has_http:
            own = None if is_here else http.owner
            hosts = [name for host in http.match.hosts for name in host.names if _is_taken(name.text, wildcards, own)]
            found = dict.fromkeys(hosts) | found
    rest = next((route for route in streams if not route.hosts), None)
    return (*sorted(found.items(), key=lambda rule: rule[0].rank), (None, rest))


def _is_taken(name: str, wildcards: Mapping[str, str], own: str | None) -> bool:
    """Whether a domain name or one around it has a wildcard of another owner than `own`."""
    labels = name.split(".")
    found = (wildcards.get(".".join(labels[start:])) for start in range(len(labels)))
    return any(owner is not None and owner != own for owner in found)


def _missed(match: Match, request: Request, path: str, found: Received) -> str:
    """The first of path and conditions that does not hold; empty where all do."""
    if not match.path.matches(path):
        return f"the path is not {match.path}"
    if match.methods and request.method not in match.methods:
        return f"the method is {request.method}, not {' or '.join(match.methods)}"
    fields = found.fields
    for name, condition in match.headers:
        if not condition.matches(fields.get(name.lower(), "")):
            said = f"is {fields[name.lower()]!r}" if fields.get(name.lower()) else "is not there"
            return f"the header {name} {said}, and has to be {condition.shown(name)}"
    for parameter, condition in match.query:
        if not query_matches(parameter, condition, request.target):
            return f"the query parameter {parameter} is not {condition.shown(parameter)}"
    if match.clients and not any(network.contains(found.client) for network in match.clients):
        return f"the client {found.client} is not of {', '.join(map(str, match.clients))}"
    return ""


def query_pattern(name: str, condition: Condition) -> str:
    """A PCRE pattern over the raw query that is found where any parameter of that name meets the condition.

    An exact value is met however it is percent-encoded; a regex sees the raw text of one value.
    """
    start = f"(?:^|&){_any_spelling(name)}="
    if condition.kind == "exact":
        return start + _any_spelling(condition.text) + r"(?:&|\z)"
    if condition.regex is not None:
        raise ValueError("a regex on a query value is two patterns")
    return start + "[^&]"


def query_matches(name: str, condition: Condition, target: str) -> bool:
    """Whether a query parameter meets a condition, as `query_pattern` or, for a regex, the first value says."""
    query = target.partition("?")[2]
    if condition.regex is None:
        pattern = query_pattern(name, condition).replace(r"\z", r"\Z")
        return re.search(pattern.encode(), query.encode("latin-1")) is not None
    return condition.regex.may_match(first_argument(name, query))


def argument(name: str, target: str) -> str:
    """The raw value of the first query parameter of that name in a target."""
    return first_argument(name, target.partition("#")[0].partition("?")[2])


def first_argument(name: str, query: str) -> str:
    """The raw value of the first parameter of that name, in any case; empty when there is none."""
    found = re.search(f"(?:^|&){re.escape(name)}=([^&]*)", query, re.IGNORECASE)
    return found[1] if found else ""


def _any_spelling(text: str) -> str:
    """A pattern for a text in which each byte may be percent-encoded, and a blank may be a plus.

    `&` and `%` mean something else where they stand bare.
    """
    written: list[str] = []
    for byte in text.encode():
        digits = f"{byte:02x}"
        encoded = "%" + "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)
        raw = chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"\\x{byte:02x}"
        if byte == 0x20:
            raw += r"|\+"
        written.append(encoded if chr(byte) in "&%" else f"(?:{raw}|{encoded})")
    return "".join(written)
