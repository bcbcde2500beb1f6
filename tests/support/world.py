"""Worlds for tests: workloads with labels → State → Model → Bundle, as the real thing does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import jinja2

from gen.build import build
from gen.bundle import Bundle
from gen.certificate import Certificate
from gen.dialects import native
from gen.model import Model
from gen.proxies.kinds import KINDS
from gen.render import Renderer
from gen.settings import Settings, load
from gen.state import Address, Health, Instance, Label, Port, State, Workload
from tests.support import binaries
from tests.support.binaries import BINARIES

TEMPLATES = Path(__file__).parents[2] / "templates"
PROXIES = tuple(BINARIES)


def instance(
    name: str, host: str, port: int, *, health: Health = "none", stopping: bool = False, is_name: bool = False
) -> Instance:
    """One running copy with one address and one port."""
    address = Address(network="web", host=host, is_name=is_name)
    return Instance(
        id=name, name=name, health=health, stopping=stopping, addresses=(address,), ports=(Port(number=port),)
    )


def workload(name: str, labels: Mapping[str, str], *instances: Instance, created: float = 0.0) -> Workload:
    """A container with labels; its instances stand for copies of it."""
    written = tuple(Label(key=key, value=value) for key, value in sorted(labels.items()))
    return Workload(id=name, name=name, labels=written, instances=instances, created=created)


def settings(directory: Path | str, **named: str) -> Settings:
    """Settings by name as text. One worker, so that its counters are the only ones."""
    usual = {"directory": str(directory), "workers": "1", "access_log": "off", "default_listeners": "web, websecure"}
    return load(file="/dev/null", variables={}, flags=tuple((usual | named).items()))


def model_of(
    workloads: Iterable[Workload],
    chosen: Settings,
    *,
    certificates: tuple[Certificate, ...] = (),
    now: float = 0.0,
) -> Model:
    """What native labels come to."""
    world = State(source="test", workloads=tuple(sorted(workloads, key=lambda one: (one.name, one.id))))
    declared = [found for one in world.workloads if (found := native.read(one, world.source)) is not None]
    return build(world, declared, chosen, certificates=certificates, now=now)


class Maker:
    """Bundles for one proxy; it remembers its blocks as the daemon does."""

    def __init__(self, proxy: str = "nginx", *, capabilities: frozenset[str] | None = None) -> None:
        known = binaries.capabilities(proxy) if capabilities is None else capabilities
        self.proxy = KINDS[binaries.proxy_of(proxy)].proxy(known)
        self.renderer = Renderer(self.proxy, jinja2.FileSystemLoader(TEMPLATES))

    @property
    def lacks(self) -> Mapping[str, str]:
        return self.proxy.lacks

    def fit(self, model: Model) -> Model:
        return self.proxy.fit(model)

    def bundle(self, model: Model) -> Bundle:
        return self.renderer.render(self.proxy.fit(model))
