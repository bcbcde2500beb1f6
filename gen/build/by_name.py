"""By name: pools that are wanted by name → the same with one server for each name, or with addresses and a problem.

The rule, in order: the name that the workload says, one that another of its pool says, the one that most of them have;
of those one that was given to it, then a compose service's, then the container's own.

A name counts only where it leads to this pool alone: it has to be the instance's own on the network that it shares with
the proxy, it is asked for on that network and no other (`NAME.NETWORK`), and whoever else answers to it has to be a
server of the same pool, on the same port. What has no such name is served by its address. So a label gives its owner
nothing of his neighbours'. A neighbour who takes a name that is in use ends its use, if he has labels of ours: others
are not known here, so who asks for names trusts all who may name containers on the proxy's networks.

Who comes or goes under the same name changes nothing that is written: that is what names are for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter

from gen.build.merge import pool
from gen.build.names import identifier
from gen.errors import Origin, Problem
from gen.memo import Memo
from gen.model import Known, Server, ServerState, Upstream
from gen.settings import Settings
from gen.state import Address, Instance, State, Vantage, Workload
from gen.values import DnsName

EMBEDDED = "127.0.0.11"
"""Where Docker's own DNS server answers, inside containers of user-defined networks and nowhere else."""
LEAST_ROOM = 16
"""So many addresses a name may have at least."""
_OWN_WORDS = ("weight", "backup", "max_conns")
_BY_STATE: tuple[ServerState, ...] = ("ready", "drain", "down")
_NO_WAY = (
    "the proxy is in no container, and Docker's DNS server (127.0.0.11) answers only there; addresses are used",
    "run the proxy in a container, or name a DNS server that knows these names in the setting resolvers",
)
Key = tuple[str, str]
"""A network, and a name on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """An instance that runs and answers to a name on a network."""

    network: str
    name: str
    instance: str
    shown: str
    host: str


def by_name(
    upstreams: tuple[Upstream, ...], state: State, settings: Settings, memo: Memo
) -> tuple[tuple[Upstream, ...], tuple[Problem, ...]]:
    """All upstreams with servers that are decided: by name where that is wanted and can be."""
    is_usual = settings.resolve == "dns"
    can_ask = _can_ask(state.vantage, settings)
    wanted = [_keys(one) if can_ask and _is_wanted(one, is_usual) else frozenset() for one in upstreams]
    carriers = memo("carriers", _carriers, state.workloads, frozenset().union(*wanted))
    theirs = (tuple(one for key in sorted(keys) for one in carriers.get(key, ())) for keys in wanted)
    found = memo.each("by name", _decided, upstreams, theirs, key=attrgetter("id"), shared=(is_usual, can_ask))
    problems = [problem for _, told in found for problem in told]
    if is_usual and not can_ask:
        origin = Origin(source="settings", key="resolve")
        problems.append(Problem(severity="error", origin=origin, message=_NO_WAY[0], hint=_NO_WAY[1]))
    return memo("decided", tuple, tuple(map(itemgetter(0), found))), tuple(problems)


def _can_ask(vantage: Vantage, settings: Settings) -> bool:
    """Whether the proxy has anybody to ask."""
    return vantage.kind == "container" or any(one.address != EMBEDDED for one in settings.resolvers)


def _is_wanted(upstream: Upstream, is_usual: bool) -> bool:
    return upstream.resolve == "dns" or (is_usual and upstream.resolve == "auto")


def _keys(upstream: Upstream) -> frozenset[Key]:
    """All names that its servers have."""
    known = (server.known for server in upstream.servers)
    return frozenset((one.network, name) for one in known if one is not None for name in one.names)


def _carriers(workloads: Sequence[Workload], wanted: frozenset[Key]) -> dict[Key, tuple[Carrier, ...]]:
    """Who has these names. Docker's DNS server looks for the whole of `NAME.NETWORK` first, on every network of the
    proxy: who is called that has the name as well, wherever he is."""
    whole = {DnsName.within(name, network): (network, name) for network, name in wanted}
    found: defaultdict[Key, set[Carrier]] = defaultdict(set)
    instances = (instance for workload in workloads for instance in workload.instances if wanted and instance.running)
    for instance in instances:
        for address in instance.addresses:
            for text in map(str.lower, address.names):
                key = whole.get(text, (address.network, text))
                if key in wanted:
                    found[key].add(_carrier(key, instance, address))
    return {key: tuple(sorted(carriers, key=lambda one: (one.shown, one.host))) for key, carriers in found.items()}


def _carrier(key: Key, instance: Instance, address: Address) -> Carrier:
    return Carrier(network=key[0], name=key[1], instance=instance.id, shown=instance.name, host=address.host)


def _decided(
    upstream: Upstream, carriers: tuple[Carrier, ...], is_usual: bool, can_ask: bool
) -> tuple[Upstream, tuple[Problem, ...]]:
    """One upstream, decided."""
    if _is_wanted(upstream, is_usual) and can_ask:
        naming = _Naming(upstream.servers, carriers)
        servers = pool(naming.servers())
        return replace(upstream, servers=servers), tuple(dict.fromkeys(naming.problems))
    told: list[Problem] = []
    if upstream.resolve == "dns" and not can_ask:
        wishing = [server.known for server in upstream.servers if server.known is not None]
        told = [_problem(wishing[0], *_NO_WAY)] if wishing else []
    servers = tuple(replace(server, known=None) if server.known else server for server in upstream.servers)
    return replace(upstream, servers=servers), tuple(told)


class _Naming:
    """The servers of one pool on their way to names; what they cannot have is written to `problems`."""

    def __init__(self, servers: tuple[Server, ...], carriers: tuple[Carrier, ...]) -> None:
        self.pool = servers
        self.carriers: defaultdict[Key, list[Carrier]] = defaultdict(list)
        for carrier in carriers:
            self.carriers[carrier.network, carrier.name].append(carrier)
        self.problems: list[Problem] = []
        self.members = {(one.known.instance, one.port) for one in servers if one.known is not None}
        self.places = {(one.known.network, one.host, one.port) for one in servers if one.known is not None}
        self.said = {one.known.said for one in servers if one.known is not None}
        self.times = Counter(
            (name, one.port, one.known.network) for one in servers if one.known is not None for name in one.known.names
        )

    def servers(self) -> Iterable[Server]:
        """One for each name, and those that have none."""
        named: defaultdict[tuple[str, str, int], list[Server]] = defaultdict(list)
        for server in self.pool:
            name = self._name(server, server.known) if server.known is not None else ""
            if name and server.known is not None:
                named[server.known.network, name, server.port].append(server)
            else:
                yield replace(server, known=None)
        for (network, name, port), members in named.items():
            yield self._joined(DnsName.within(name, network), port, members)

    def _name(self, server: Server, known: Known) -> str:
        """The name that a server stands under; empty: none."""
        if why := _nameless(server, known):
            self.problems.append(_problem(known, *why))
            return ""
        by_merit = sorted(
            known.names, key=lambda name: (name not in self.said, -self.times[name, server.port, known.network])
        )
        good = [name for name in by_merit if not self._stranger(name, server, known)]
        if known.said in good:
            return known.said
        if known.said:
            self._refuse(known.said, server, known, good)
        elif by_merit[:1] != good[:1]:
            self._refuse(by_merit[0], server, known, good)
        return good[0] if good else ""

    def _stranger(self, name: str, server: Server, known: Known) -> str:
        """Who else has a name without being a server of this pool on this port; empty: nobody."""
        for one in self.carriers[known.network, name]:
            if (one.instance, server.port) in self.members or (one.network, one.host, server.port) in self.places:
                continue
            return one.shown
        return ""

    def _refuse(self, name: str, server: Server, known: Known, good: list[str]) -> None:
        then = f"{good[0]} is used" if good else "its address is used"
        stranger = self._stranger(name, server, known) if name in known.names else ""
        if stranger:
            message = f"{known.shown}: the name {name} on {known.network} is that of {stranger} too"
            message += f", which is no server of this pool on port {server.port}; {then}"
            hint = "give the name to the servers of one pool only"
        else:
            message = f"{known.shown} does not have the name {name} on {known.network}; {then}"
            hint = f"it has {', '.join(known.names)}"
        self.problems.append(_problem(known, message, hint, is_error=bool(known.said)))

    def _joined(self, host: str, port: int, members: list[Server]) -> Server:
        """One server for all who have a name, as the oldest of them says. It gets requests while one of them should:
        which of them does is the network's DNS server to say."""
        ordered = sorted(members, key=lambda one: one.known.age if one.known else (0.0, ""))
        first = ordered[0]
        for other in ordered[1:]:
            self._compare(first, other)
        states = {member.state for member in members}
        return replace(
            first,
            id=identifier("by name", host, str(port), shown=host),
            host=host,
            port=port,
            is_name=True,
            room=max(LEAST_ROOM, 1 << (2 * len(members) - 1).bit_length()),
            placed="",
            known=None,
            state=next(state for state in _BY_STATE if state in states),
        )

    def _compare(self, first: Server, other: Server) -> None:
        for word in _OWN_WORDS:
            here, there = getattr(other, word), getattr(first, word)
            if here != there and first.known and other.known:
                message = f"{other.known.shown} and {first.known.shown} are one server by name and disagree on {word}: "
                message += f"{there} there, {here} here"
                hint = f"{first.known.shown} is older and wins"
                self.problems.append(_problem(other.known, message, hint))


def _nameless(server: Server, known: Known) -> tuple[str, str] | None:
    """Why no name can be asked for, and what to do about it; None where one can."""
    used = "; its address is used"
    if not known.network:
        return (
            f"{known.shown} is reached over no network that it shares with the proxy, so no name leads there{used}",
            "connect both to one user-defined network",
        )
    if known.network == "bridge":
        return (
            f"{known.shown} is on Docker's default bridge, where names do not resolve{used}",
            f"docker network create edge, and docker network connect edge {known.shown}; the same for the proxy",
        )
    if not DnsName.within("x", known.network):
        return (
            f"{known.network} is no name that DNS could be asked for, so no name leads to {known.shown}{used}",
            "a network's name in lower case and without dots is one",
        )
    if ":" in server.host:
        return (f"{known.shown} has no IPv4 address on {known.network}, and names are asked for these{used}", "")
    if not known.names:
        return (
            f"{known.shown} has no name on {known.network} that DNS could be asked for{used}",
            "docker network connect --alias NAME",
        )
    return None


def _problem(known: Known, message: str, hint: str, *, is_error: bool = False) -> Problem:
    """A problem of whoever brought a server."""
    return Problem(severity="error" if is_error else "warning", origin=known.origin, message=message, hint=hint)
