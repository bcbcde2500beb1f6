"""Small worlds for tests: a workload with labels and one instance, and what build makes of some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gen.build import build
from gen.dialects import Declaration, native
from gen.model import Model
from gen.settings import Settings
from gen.state import Address, Instance, Label, Network, Port, State, Vantage, Workload
from gen.values import Listen

SETTINGS = Settings(listeners=(Listen("web", 8080),))


def instance(
    name: str, host: str = "10.0.0.1", *, port: int = 80, names: tuple[str, ...] = (), network: str = "web"
) -> Instance:
    """A running instance on a network, where it has these names, that exposes one port."""
    address = Address(network=network, host=host, names=names)
    return Instance(id=name, name=name, addresses=(address,), ports=(Port(number=port),))


def workload(
    name: str, labels: Mapping[str, str], *instances: Instance, created: float = 0.0, host: str = "10.0.0.1"
) -> Workload:
    """A workload; without instances given it has one."""
    return Workload(
        id=name,
        name=name,
        created=created,
        labels=tuple(Label(key=key, value=value) for key, value in sorted(labels.items())),
        instances=instances or (instance(name, host),),
    )


def world(*workloads: Workload, vantage: Vantage | None = None) -> State:
    """A State of these workloads, sorted as sources sort them."""
    ordered = sorted(workloads, key=lambda one: (one.name, one.id))
    return State(source="docker", workloads=tuple(ordered), vantage=vantage or Vantage())


def declared(state: State) -> list[Declaration]:
    """What the workloads ask for in the native vocabulary."""
    found = [native.read(one, state.source) for one in state.workloads]
    return [declaration for declaration in found if declaration is not None]


def built(
    *workloads: Workload,
    settings: Settings = SETTINGS,
    vantage: Vantage | None = None,
    networks: tuple[Network, ...] = (),
) -> Model:
    """The model of a world of these workloads."""
    state = replace(world(*workloads, vantage=vantage), networks=networks)
    return build(state, declared(state), settings)


def messages(model: Model) -> list[str]:
    """Each problem as the line that people read."""
    return [str(problem) for problem in model.problems]
