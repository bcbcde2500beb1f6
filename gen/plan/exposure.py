"""Access facts before and after → exposures: where more clients reach a server, or a route changes its owner.

What is compared: the owner and the guards of each route, its clients and listeners, the requests of a guarded route
that another route answers now, and the servers of a guarded route that another route reaches now. A new route is no
exposure by itself. What cannot be compared is an exposure of the kind `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from gen.access import Facts
from gen.plan.loosened import loosened, shown
from gen.plan.overlap import EVERYONE, uncovered
from gen.plan.rules import Rule
from gen.plan.taken import Taken, Worlds
from gen.values import Cidr

Kind = Literal["unknown", "owner", "guard", "clients", "listener", "path", "servers", "setting"]
_ORDER: Final = ("unknown", "owner", "guard", "clients", "listener", "path", "servers", "setting")
ALL: Final = "all addresses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One way in which more clients reach a server, or a change of owner. `owner`: of `route` in the plan. `guarded`:
    the route whose guard does not apply, for the kinds `path` and `servers`. `before` and `after` are text."""

    kind: Kind
    route: str
    owner: str = ""
    guard: str = ""
    before: str = ""
    after: str = ""
    guarded: str = ""

    def __str__(self) -> str:
        owner = f" (owner {self.owner})" if self.owner and self.kind != "owner" else ""
        change = f"{self.before or 'none'} -> {self.after or 'none'}"
        lost = f" without its {self.guard}" if self.guard else ""
        words = {
            "unknown": self.before,
            "owner": f"owner {change}",
            "guard": f"{self.guard} {'removed' if self.after == 'none' else 'loosened'}: {change}",
            "clients": f"reachable for more clients: {f'{self.guard} ' if self.guard else ''}{change}",
            "listener": f"reachable for more clients: {change}",
            "path": f"answers requests of {self.guarded}{lost}: {change}",
            "servers": f"reaches servers of {self.guarded}{lost}: {change}",
            "setting": change,
        }
        return ": ".join(filter(None, (f"{self.route}{owner}", words[self.kind])))


NOT_KNOWN: Final = Exposure(
    kind="unknown",
    route="",
    before="the installed release does not record owners and guards, so that nothing is known of what gets exposed",
)
NO_ORDER: Final = Exposure(
    kind="unknown",
    route="",
    before="the installed release does not record the order between owners, so that not all of it can be compared",
)
TOO_MANY: Final = Exposure(
    kind="unknown", route="", before="too many routes match the same requests, so that not all of them were compared"
)


def exposures(before: Facts | None, after: Facts) -> tuple[Exposure, ...]:
    """What the second exposes that the first does not. None: the facts of what is installed are not known."""
    if before is None:
        return (NOT_KNOWN,)
    if before == after:
        return ()
    worlds = Worlds(before, after)
    found = [
        *_settings(before, after),
        *_listeners(before, after),
        *_same_rules(worlds),
        *_hosts(worlds),
        *_wider(worlds),
        *_more_listeners(worlds),
    ]
    taken = Taken(worlds)
    found += (_taken("path", one, other, guards) for one, other, guards in taken.requests())
    found += (_taken("servers", one, other, guards) for one, other, guards in taken.servers())
    found += [TOO_MANY] * taken.is_exhausted + [NO_ORDER] * _lacks_order(before)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (_ORDER.index(one.kind), one.route, one.guard)))


def _lacks_order(before: Facts) -> bool:
    """Whether routes of several owners were written without what their order depends on."""
    return not before.has_order and len({one.owner for one in before.routes}) > 1


def _settings(before: Facts, after: Facts) -> Iterator[Exposure]:
    if uncovered(after.trusted, before.trusted):
        said = {"before": _texts(before.trusted), "after": _texts(after.trusted)}
        yield Exposure(kind="setting", route="setting trusted_proxies", guard="trusted_proxies", **said)


def _listeners(before: Facts, after: Facts) -> Iterator[Exposure]:
    known = {name: (addresses, tls) for name, addresses, tls in before.listeners}
    for name, addresses, tls in after.listeners:
        old, was_tls = known.get(name, ((), False))
        if old and not (addresses and set(addresses) <= set(old)):
            said = {"before": f"on {', '.join(old)}", "after": f"on {', '.join(addresses) or ALL}"}
            yield Exposure(kind="listener", route=f"listener {name}", **said)
        if was_tls and not tls:
            yield Exposure(kind="guard", route=f"listener {name}", guard="tls", before="yes", after="none")


def _same_rules(worlds: Worlds) -> Iterator[Exposure]:
    """Routes that match the same requests as before."""
    for rule in worlds.changed.every:
        old = worlds.gone.by_identity.get(rule.identity)
        if old is None:
            continue
        said = {"route": f"route {rule.key}", "owner": rule.access.owner}
        if old.access.owner != rule.access.owner:
            yield Exposure(kind="owner", before=old.access.owner, after=rule.access.owner, **said)
        for one in loosened(old.access, rule.access, over=worlds.over(rule.listener)):
            kind: Kind = "guard" if one.guard not in ("", "redirect") else "clients"
            yield Exposure(kind=kind, guard=one.guard, before=one.before, after=one.after, **said)


def _hosts(worlds: Worlds) -> Iterator[Exposure]:
    """Hosts of which no earlier owner has a route any more."""
    fresh = {rule.host: rule.access.owner for rule in worlds.fresh if rule.host is not None}
    for host in sorted({rule.host for rule in worlds.gone.every if rule.host is not None} & fresh.keys()):
        old, new = worlds.every_before.owners[host], worlds.every_after.owners[host]
        if old and not old & new:
            said = {"before": ", ".join(sorted(old)), "after": ", ".join(sorted(new))}
            yield Exposure(kind="owner", route=f"host {host}", owner=fresh[host], **said)


def _wider(worlds: Worlds) -> Iterator[Exposure]:
    """Routes at the place of earlier ones, with conditions that let more clients through."""
    for rule in worlds.reachable_fresh:
        old = [one for one in worlds.gone_by_place.get(rule.place, ()) if not worlds.is_shut(one)]
        asks = (rule.access.methods, rule.access.asks, rule.access.mark)
        said = {"route": f"route {rule.key}", "owner": rule.access.owner}
        alike = [one for one in old if (one.access.methods, one.access.asks, one.access.mark) == asks]
        networks = tuple(network for one in alike for network in one.access.clients or EVERYONE)
        if alike:
            if uncovered(rule.access.clients or EVERYONE, networks):
                change = {"before": _texts(networks), "after": _texts(rule.access.clients) or "none"}
                yield Exposure(kind="clients", guard="client_ip", **change, **said)
        elif old and worlds.is_weaker(rule, old):
            change = {"before": "; ".join(dict.fromkeys(one.key for one in old)), "after": rule.key}
            yield Exposure(kind="clients", guard="conditions", **change, **said)


def _more_listeners(worlds: Worlds) -> Iterator[Exposure]:
    """Routes that other listeners have now, too. TLS on the same addresses, which a new certificate brings, is none."""
    for rule in worlds.reachable_fresh:
        names = sorted(worlds.gone.listeners.get(rule.match, ()))
        if not names or rule.listener in names or worlds.is_the_same_over_tls(rule.listener, names):
            continue
        said = {"route": f"route {rule.key}", "owner": rule.access.owner}
        yield Exposure(kind="listener", before=f"on {', '.join(names)}", after=f"on {rule.listener}", **said)


def _taken(kind: Literal["path", "servers"], rule: Rule, guarded: Rule, guards: tuple[str, ...]) -> Exposure:
    return Exposure(
        kind=kind,
        route=f"route {rule.key}",
        owner=rule.access.owner,
        guard=", ".join(filter(None, guards)),
        before=shown(guarded.access.gate),
        after=shown(rule.access.gate),
        guarded=guarded.key,
    )


def _texts(networks: tuple[Cidr, ...]) -> str:
    return ", ".join(map(str, networks))
