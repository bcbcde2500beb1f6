"""The model's own decision: which route answers a request or takes a connection. What proxies do is compared with this.

Model and Request → Route or None. It tries every rule in order, as a reader of the label reference would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gen.model import Match, Model, Route, StreamRoute
from gen.values import Condition, Host, normalize


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it stands on the wire. `target`: raw path with query; characters stand for bytes (latin-1)."""

    listener: str
    host: str = ""
    target: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    client: str = "127.0.0.1"


def host_name(field: str) -> str:
    """A Host field as it is compared: lower case, no port, no trailing dot."""
    name = re.sub(r":[0-9]*$", "", field) if not field.startswith("[") else field.partition("]")[0] + "]"
    return name.lower().removesuffix(".")


def decide(model: Model, request: Request) -> Route | None:
    """The first route in order that matches; None where nobody has the host and path, or the path is malformed."""
    path = normalize(request.target)
    if path is None:
        return None
    host = host_name(request.host)
    for _, pattern, route in rules(model, request.listener):
        is_host = pattern is None or pattern.matches(host)
        if is_host and route.match.path.matches(path) and _meets(route.match, request):
            return route
    return None


def rules(model: Model, listener: str) -> list[tuple[tuple[object, ...], Host | None, Route]]:
    """All (rank, host, route) of a listener in the order in which they are tried."""
    found = [
        (route.rank(host), host, route)
        for route in model.routes
        if listener in route.listeners
        for host in (route.match.hosts or (None,))
    ]
    return sorted(found, key=lambda rule: rule[0])


def decide_stream(model: Model, listener: str, name: str = "") -> StreamRoute | None:
    """Who takes a connection, by the name that a TLS client asks for; None: the listener's HTTP routes, or nobody."""
    asked = name.lower().removesuffix(".")
    return next(route for host, route in names(model, listener) if host is None or host.matches(asked))


def names(model: Model, listener: str) -> tuple[tuple[Host | None, StreamRoute | None], ...]:
    """Who takes connections of a listener, by the names of TLS clients, in the order in which they are tried.

    The last one is for all other names and for none. A host of an HTTP route (None) stands there where a wildcard would
    take it away: its own name is the better one.
    """
    streams = [route for route in model.streams if listener in route.listeners]
    found: dict[Host, StreamRoute | None] = {host: route for route in streams for host in route.hosts}
    wildcards = {host.text for host in found if host.kind == "wildcard"}
    for route in model.routes if wildcards else ():
        if listener in route.listeners:
            hosts = [name for host in route.match.hosts for name in host.names if _is_below(name.text, wildcards)]
            found.update(dict.fromkeys(hosts))
    rest = next((route for route in streams if not route.hosts), None)
    return (*sorted(found.items(), key=lambda rule: rule[0].rank), (None, rest))


def _is_below(name: str, domains: set[str]) -> bool:
    """Whether a domain name or one around it is among some."""
    labels = name.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def _meets(match: Match, request: Request) -> bool:
    """Whether the conditions beside host and path hold."""
    fields: dict[str, str] = {}
    for name, value in request.headers:
        known = fields.get(name.lower())
        fields[name.lower()] = value if known is None else f"{known}, {value}"
    return (
        (not match.methods or request.method in match.methods)
        and all(condition.matches(fields.get(name.lower(), "")) for name, condition in match.headers)
        and all(query_matches(name, condition, request.target) for name, condition in match.query)
        and (not match.clients or any(network.contains(request.client) for network in match.clients))
    )


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
    query = target.partition("#")[0].partition("?")[2]
    if condition.regex is None:
        pattern = query_pattern(name, condition).replace(r"\z", r"\Z")
        return re.search(pattern.encode(), query.encode("latin-1")) is not None
    return condition.regex.matches(first_argument(name, query))


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
