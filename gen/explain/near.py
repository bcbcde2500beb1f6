"""Near: a host that no route of a listener is for → where it is served, or which host may have been meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from gen.model import Listener, Model, Route

_MOST: Final = 3
_LIKE: Final = 0.82
_MOST_HOSTS: Final = 5000
"""Of those that are compared letter by letter."""


def hint(model: Model, host: str, listener: Listener) -> str:
    """What helps somebody who asked for the wrong host, or at the wrong door; empty where nobody knows."""
    others = [_url(one, host) for one in model.listeners if one.name != listener.name and _serves(model, host, one)]
    others += [f"tls://{host}:{one.port} ({one.name})" for one in model.listeners if _takes(model, host, one)]
    if others:
        return f"it is served elsewhere: {' or '.join(others[:_MOST])}"
    known = list(dict.fromkeys(_hosts(model, listener)))[:_MOST_HOSTS]
    found = get_close_matches(host, known, n=_MOST, cutoff=_LIKE)
    return f"is {' or '.join(found)} meant?" if found else ""


def _serves(model: Model, host: str, listener: Listener) -> bool:
    return any(one.matches(host) for route in _routes(model, listener) for one in route.match.hosts)


def _takes(model: Model, host: str, listener: Listener) -> bool:
    """Whether connections by TLS are taken by that name."""
    streams = (one for one in model.streams if listener.name in one.listeners)
    return any(one.matches(host) for stream in streams for one in stream.hosts)


def _hosts(model: Model, listener: Listener) -> Iterator[str]:
    for route in _routes(model, listener):
        yield from (str(host) for host in route.match.hosts if host.kind == "exact")


def _routes(model: Model, listener: Listener) -> Iterator[Route]:
    return (route for route in model.routes if listener.name in route.listeners)


def _url(listener: Listener, host: str) -> str:
    scheme, usual = ("https", 443) if listener.tls else ("http", 80)
    return f"{scheme}://{host}{'' if listener.port == usual else f':{listener.port}'}/ ({listener.name})"
