"""One place before and after, and two rules there → whether a request of the first then can reach the second now."""

from __future__ import annotations

from gen.access import Access
from gen.plan.cells import Trial
from gen.plan.overlap import uncovered, within
from gen.plan.rules import Rule
from gen.values import Cidr


def moves(trial: Trial, other: Rule, rule: Rule) -> bool:
    """Whether a request that `other` answered before can be answered by `rule` now: both can match it, and no rule
    in front of either certainly matches it, too."""
    old, new = other.access, rule.access
    has_methods = not (old.methods and new.methods) or _methods(old, new)
    has_clients = not (old.clients and new.clients) or _clients(old, new)
    if not (has_methods and has_clients):
        return False
    earlier = trial.before[: trial.before.index(other)], trial.after[: trial.after.index(rule)]
    return not any(_takes(trial, one, (other, rule)) for side in earlier for one in side)


def _takes(trial: Trial, one: Rule, both: tuple[Rule, Rule]) -> bool:
    """Whether a rule matches all requests that both others match."""
    access, (first, second) = one.access, (both[0].access, both[1].access)
    asked, networks = _methods(first, second), _clients(first, second)
    methods = not access.methods or (bool(asked) and asked <= set(access.methods))
    clients = not access.clients or (bool(networks) and not uncovered(networks, access.clients))
    asks = set(access.asks) <= {*first.asks, *second.asks} and access.mark in ("", first.mark, second.mark)
    host = not trial.cell.is_open(one.host) or one.host in (both[0].host, both[1].host)
    path = not trial.is_open_path(access.path) or access.path in (first.path, second.path)
    return methods and clients and asks and host and path


def _methods(one: Access, other: Access) -> set[str]:
    """The methods that both let through; empty where neither asks for any."""
    if not one.methods or not other.methods:
        return {*one.methods, *other.methods}
    return set(one.methods) & set(other.methods)


def _clients(one: Access, other: Access) -> tuple[Cidr, ...]:
    """The networks that both let through; empty where neither asks for any."""
    if not one.clients or not other.clients:
        return one.clients or other.clients
    return within(one.clients, other.clients)
