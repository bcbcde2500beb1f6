"""Challenges: the setting `acme_challenge` → the one route that concerns every host: RFC 8555's HTTP challenges.

A directory is the proxy's own affair (`acme_webroot`). A URL or a workload is an upstream; no claim of a workload has
this meaning for hosts of another owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from gen.build.claims import Claim
from gen.build.merge import CHALLENGE
from gen.build.names import identifier
from gen.errors import Origin, Problem
from gen.model import Listener, Match, Route, Server, Upstream
from gen.precedence import OPERATOR
from gen.settings import Settings
from gen.values import Path

_ORIGIN = Origin(source="settings", key="acme_challenge")
Challenges = tuple[tuple[Route, ...], tuple[Upstream, ...], tuple[Problem, ...]]


def challenges(settings: Settings, listeners: Iterable[Listener], claims: tuple[Claim, ...]) -> Challenges:
    """The route of challenges with its upstream, where the setting names one. `claims`: those of the workload."""
    target = settings.acme_challenge
    if target is None or target.kind == "directory":
        return (), (), ()
    servers = (_server(target.text),) if target.kind == "url" else next((c.servers for c in claims if c.servers), ())
    problems: list[Problem] = []
    if not servers:
        message = f"no workload {target.text!r} with a route and a reachable server: challenges are answered with 503"
        problems.append(Problem(severity="error", origin=_ORIGIN, message=message))
    name = identifier("acme challenge", str(target), shown="acme_challenge")
    route = Route(
        id=name,
        listeners=tuple(sorted(one.name for one in listeners if one.protocol == "http" and not one.tls)),
        match=Match(path=Path("prefix", CHALLENGE)),
        upstream=name,
        rank_name="acme_challenge",
        owner=OPERATOR,
        is_everywhere=True,
        origins=(_ORIGIN,),
    )
    return (route,), (Upstream(id=name, servers=servers, origins=(_ORIGIN,)),), tuple(problems)


def _server(url: str) -> Server:
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_name = not (":" in host or host.replace(".", "").isdigit())
    return Server(id=identifier(url, shown="acme"), host=host, port=parts.port or 80, is_name=is_name)
