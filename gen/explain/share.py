"""Share: a route of the model and the declarations → who asked for it, option by option, and what each instance is.

A route may be several workloads' (`Share` by `Share`), the oldest first, as they spoke when it was built.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gen import table
from gen.build.addresses import servers, state
from gen.build.claims import Claim, StreamClaim, claims
from gen.build.merge import CHALLENGE
from gen.build.reach import Asker, Reach
from gen.dialects import Declaration
from gen.errors import Origin
from gen.model import Policy, Route, Server, StreamRoute
from gen.settings import Settings
from gen.sources.redaction import redacted_value
from gen.state import Instance, Label, State, Workload, is_from_variable, label_origin, source_of
from gen.values.text import REDACTED

_LABELS = "fairway."
_LONGEST = 200
_NAMED = ("routes", "tcp", "udp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One option of a route as somebody wrote it. The value without secrets."""

    option: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What an instance is to a route: its server's address with its state, or why it has none. `hint` is what would
    help, as a command where there is one."""

    instance: str
    network: str = ""
    address: str = ""
    state: str = ""
    reason: str = ""
    hint: str = ""
    origin: Origin | None = None

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One workload's part in a route. `name` is that of its route, `age` its creation in UTC seconds since 1970.
    `withheld`: why its own claim has no say. `owner`: of the claim."""

    workload: str
    name: str
    age: float
    said: tuple[Said, ...]
    places: tuple[Place, ...]
    policies: tuple[str, ...]
    withheld: str = ""
    owner: str = ""


def reach_of(state: State, settings: Settings) -> Reach:
    """Where the proxy stands, as build knows it."""
    return Reach(vantage=state.vantage, networks=state.networks, preferred=settings.network, engines=state.engines)


def shares(
    route: Route | StreamRoute, declarations: Iterable[Declaration], state: State, settings: Settings
) -> tuple[Share, ...]:
    """Who asked for a route, in their turn."""
    reach = reach_of(state, settings)
    owners = {origin.workload for origin in route.origins}
    found: list[tuple[tuple[bool, float, str, str], Share]] = []
    for declaration in declarations:
        if declaration.workload.name not in owners:
            continue
        source = source_of(state.source, declaration.workload)
        laid = claims(declaration, reach, settings)
        every: tuple[Claim | StreamClaim, ...] = (*laid.claims, *laid.streams)
        found += [
            (claim.turn, replace(share(declaration.workload, claim.route, reach, source), owner=claim.owner))
            for claim in every
            if _is_part(claim, route)
        ]
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def _is_part(claim: Claim | StreamClaim, route: Route | StreamRoute) -> bool:
    """Whether a claim became part of a route: it asks for the same on one of its hosts."""
    if claim.route.origin("host") not in route.origins or isinstance(claim, Claim) != isinstance(route, Route):
        return False
    if isinstance(claim, Claim) and isinstance(route, Route):
        is_open = str(route.match.path) == CHALLENGE
        is_same = replace(route.match, hosts=()) == claim.match or is_open
        return is_same and (not claim.hosts or bool(set(claim.hosts) & set(route.match.hosts)))
    hosts = set(getattr(claim.route.options, "host", ()))
    return isinstance(route, StreamRoute) and (not hosts or bool(hosts & set(route.hosts)))


def share(workload: Workload, route: Asker, reach: Reach, source: str) -> Share:
    """One workload's part in one of its routes."""
    return Share(
        workload=workload.name,
        name=route.name,
        age=workload.created,
        said=said(workload, route, source),
        places=tuple(place(workload, one, route, reach) for one in workload.instances),
        policies=tuple(map(table.policy, route.policies)),
        withheld=route.withheld,
    )


def said(workload: Workload, route: Asker, source: str) -> tuple[Said, ...]:
    """Every label that the route is made of, by option; what it takes from the default route stands there too."""
    found: list[Said] = []
    for head, origin in route.origins:
        prefix = _prefix(origin.key)
        for label in workload.labels:
            option = label.key.removeprefix(prefix)
            if label.key.startswith(prefix) and option.partition(".")[0] == head:
                found.append(Said(option=option, value=shown(label), origin=label_origin(source, workload, label)))
    return tuple(found)


def shown(label: Label) -> str:
    """A label's value without secrets, and not longer than people read."""
    value = REDACTED if is_from_variable(label) else redacted_value(label.key, label.value)
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _prefix(key: str) -> str:
    """What stands before an option in a label: `fairway.`, or with the name of a route."""
    parts = key.removeprefix(_LABELS).split(".")
    return f"{_LABELS}{parts[0]}.{parts[1]}." if parts[0] in _NAMED and len(parts) > 2 else _LABELS


def place(workload: Workload, instance: Instance, route: Asker, reach: Reach) -> Place:
    """One instance, judged by itself as build does."""
    found, problems = servers(replace(workload, instances=(instance,)), route, reach)
    if found:
        return _served(instance, found[0])
    if not instance.running:
        return Place(instance=instance.name, reason="it does not run", hint=to_start(workload, instance))
    problem = problems[0]
    return Place(instance=instance.name, reason=problem.message, hint=problem.hint, origin=problem.origin)


def to_start(workload: Workload, instance: Instance) -> str:
    """What brings an instance up, or tells why it is not: a command where there is one."""
    commands = {"container": f"docker start {shlex.quote(instance.name)}"}
    commands["service"] = f"docker service ps --no-trunc {shlex.quote(workload.name)}"
    commands["compose"] = "its file asks for no copy of it: see scale and deploy.replicas"
    return commands.get(workload.kind, "")


def _served(instance: Instance, server: Server) -> Place:
    host = f"[{server.host}]" if ":" in server.host else server.host
    network = next((address.network for address in instance.addresses if address.host == server.host), "")
    reasons = {
        "drain": "it was told to stop, and gets no new requests",
        "down": f"it is {instance.health}, and gets no requests until it is healthy",
    }
    return Place(
        instance=instance.name,
        network=network or ("the host's" if instance.host_network else ""),
        address=f"{host}:{server.port}",
        state=server.state,
        reason=reasons.get(state(instance), ""),
    )


def who_said(policy: Policy, found: Sequence[Share]) -> tuple[Said, ...]:
    """The labels that a policy of a route comes from: those of the oldest who asked for just that."""
    for one in found:
        if table.policy(policy) in one.policies:
            return tuple(each for each in one.said if each.option.partition(".")[0] == policy.name)
    return tuple(_required(found))


def _required(found: Iterable[Share]) -> Iterator[Said]:
    """A redirect that nobody wrote comes from who demands TLS."""
    for one in found:
        yield from (each for each in one.said if each.option == "tls")
