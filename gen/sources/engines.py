"""Observe: what another engine says → workloads and networks beside those of the main one, and from where the proxy
sees them. Pure.

Two engines have the same names, ids and addresses: both have a network `bridge` with a container at 172.17.0.2. So the
engine's name stands in front of every name and id that comes from it, `lab/web`, and its networks are others than ours,
`lab/bridge`: no address of theirs is ever taken for a neighbour's here. The one exception is an overlay network that
both engines have, which has the same id on both.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from gen.errors import Problem
from gen.sources.kept import Told
from gen.state import Address, Engine, Instance, Network, State, Vantage, Workload
from gen.values import EngineAddress

_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What one engine adds to a State."""

    engine: Engine
    workloads: tuple[Workload, ...]
    networks: tuple[Network, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Naming:
    """One engine's names in front of what it says. What did not change stays the very same object."""

    address: EngineAddress
    _shared: dict[str, str] = field(default_factory=dict)
    _known: dict[str, tuple[Workload, Workload]] = field(default_factory=dict)

    def beside(self, told: Told, main: State) -> Beside:
        """`main`: the State in which the proxy stands."""
        shared = _shared(told.state, main)
        if shared != self._shared:
            self._shared, self._known = shared, {}
        known, self._known = self._known, {}
        for workload in told.state.workloads:
            last = known.get(workload.id)
            kept = last if last is not None and last[0] is workload else (workload, self._named(workload))
            self._known[workload.id] = kept
        ours = frozenset(network.id for network in main.networks)
        return Beside(
            engine=Engine(name=self.address.name, vantage=self._vantage(main.vantage), away=told.away),
            workloads=tuple(kept for _, kept in self._known.values()),
            networks=tuple(
                replace(network, name=self._network(network.name), engine=self.address.name)
                for network in told.state.networks
                if not (network.name in shared and network.id in ours)
            ),
            problems=tuple(map(self._problem, told.state.problems)),
        )

    def _vantage(self, main: Vantage) -> Vantage:
        """Of its networks those are within reach that are ours too; and the ports that it publishes."""
        reached = set(main.networks or ()) & set(self._shared.values())
        place = self.address.published_at or (_LOOPBACK if main.kind != "container" else "")
        return Vantage(
            kind="remote",
            name=self.address.name,
            networks=tuple(sorted(reached)),
            only_ipv4=tuple(name for name in main.only_ipv4 if name in reached),
            only_ipv6=tuple(name for name in main.only_ipv6 if name in reached),
            published_at=place,
            host_at=place,
        )

    def _named(self, workload: Workload) -> Workload:
        return replace(
            workload,
            id=self._own(workload.id),
            name=self._own(workload.name),
            engine=self.address.name,
            instances=tuple(map(self._instance, workload.instances)),
        )

    def _instance(self, instance: Instance) -> Instance:
        found = (self._address(address) for address in instance.addresses)
        return replace(
            instance,
            id=self._own(instance.id),
            name=self._own(instance.name),
            lost_lender=instance.lost_lender and self._own(instance.lost_lender),
            addresses=tuple(sorted(found, key=lambda one: (one.network, ":" in one.host))),
        )

    def _address(self, address: Address) -> Address:
        return replace(address, network=self._network(address.network))

    def _network(self, name: str) -> str:
        return self._shared.get(name) or self._own(name)

    def _own(self, name: str) -> str:
        return f"{self.address.name}/{name}"

    def _problem(self, problem: Problem) -> Problem:
        origin = problem.origin
        workload = origin.workload and self._own(origin.workload)
        return replace(problem, origin=replace(origin, source=f"engine {self.address.name}", workload=workload))


def _shared(state: State, main: State) -> dict[str, str]:
    """The overlay networks that both have: how the engine calls them, and how we do."""
    ours = {network.id: network.name for network in main.networks if network.driver == "overlay" and network.id}
    return {one.name: ours[one.id] for one in state.networks if one.driver == "overlay" and one.id in ours}
