"""Rules: a model and a listener → its routes host by host, and which of them a host's owners keep off."""

from __future__ import annotations

from dataclasses import dataclass

from gen.model import Model, Route
from gen.precedence import Owners, belongs, declared, names_of
from gen.values import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRule:
    """A route at one of its hosts, with its rank there."""

    rank: tuple[object, ...]
    host: Host | None
    route: Route


def rules(model: Model, listener: str) -> list[HostRule]:
    """All rules of a listener, by rank."""
    found = [
        HostRule(rank=route.rank(host), host=host, route=route)
        for route in model.routes
        if listener in route.listeners
        for host in (route.match.hosts or (None,))
    ]
    return sorted(found, key=lambda rule: rule.rank)


def may_match(rule: HostRule, host: str, path: str) -> bool:
    """Whether a rule has a part in the order of owners: its host matches, and its path does or is a regex."""
    asked = rule.route.match.path
    return (rule.host is None or rule.host.matches(host)) and (asked.regex is not None or asked.matches(path))


class Theirs:
    """The owners of the host that a request names, and which rules they keep off."""

    def __init__(self, model: Model, listener: str, host: str) -> None:
        every = tuple((pattern, route) for route in model.routes for pattern in (route.match.hosts or (None,)))
        self.place = belongs(host, listener, every)
        self.owners: Owners = declared(every)[self.place] if self.place else frozenset()

    def refusal(self, rule: HostRule) -> str:
        """Why a rule does not concern the host; empty where it may."""
        if rule.route.is_everywhere or self.place is None or self.place in names_of(rule.host):
            return ""
        if rule.route.owner in self.owners:
            return ""
        return f"{self.place} belongs to owner {', '.join(sorted(self.owners))}"
