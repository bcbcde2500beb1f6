"""A world that changes step by step, at random: what a daemon sees in years, in a second."""

from __future__ import annotations

import random
from dataclasses import replace

from gen.certificate import Certificate
from gen.state import Health, Instance, State, Workload
from tests.property import tables
from tests.support.labelled import instance, workload, world

HOSTS = ("a.test", "b.test", "c.a.test", "*.a.test", ".b.test", r"~^c[0-9]*\.test$")
HEALTHS: tuple[Health, ...] = ("none", "starting", "healthy", "unhealthy")
MORE = {
    "upstream": ("pool", "pool", "other"),
    "balance": ("least_conn", "source", "first"),
    "protocol": ("http", "grpc", "fastcgi", "h2c"),
    "tls": ("required", "off", "nonsense"),
    "certificate": ("one", "two", "missing"),
    "listeners": ("web", "websecure", "nowhere"),
    "weight": ("2", "5", "x"),
    "backup": ("on",),
    "rate_limit": ("10/s", "1/h"),
    "basic_auth": ("ann:$2y$05$abcdefghijklmnopqrstuuPSPwdtPMkQ3qyrBPxf5rbRzWBKKLrJe", "nonsense"),
    "cache": ("10m",),
    "compress": ("on",),
    "redirect.to": ("https", "www"),
    "strip_prefix": ("/a",),
    "request_headers.X-A": ("1", "$x"),
    "timeouts": ("5s", "77s"),
    "routes.x.path": ("/x", "/.well-known/acme-challenge"),
    "routes.x.host": ("a.test", "b.test"),
}


class Changing:
    """A world and its certificates; `step` changes one thing or a few."""

    def __init__(self, chance: random.Random, size: int) -> None:
        self.chance = chance
        self.names = [f"w{number:02}" for number in range(size + 4)]
        self.workloads = {name: self._workload(name) for name in self.names[:size]}
        self.certificates = {name: self._certificate(name) for name in ("one", "default")}

    def step(self) -> None:
        changes = (self._servers, self._labels, self._come, self._go, self._certify)
        for change in self.chance.choices(changes, (6, 3, 2, 2, 2), k=self.chance.choice((1, 1, 2))):
            change()

    def state(self) -> State:
        """Built of new objects half of the time, as a source does that reads all again."""
        fresh = self.chance.random() < 0.5
        return world(*(replace(one) if fresh else one for one in self.workloads.values()))

    def shown(self) -> tuple[Certificate, ...]:
        return tuple(self.certificates[name] for name in sorted(self.certificates))

    def _workload(self, name: str) -> Workload:
        age = float(self.chance.randrange(3))
        return workload(name, self._asked(), *self._instances(name), created=age)

    def _asked(self) -> dict[str, str]:
        asked = tables.route(self.chance, list(HOSTS))
        for key in self.chance.sample(sorted(MORE), self.chance.choice((0, 1, 2, 3))):
            asked[f"fairway.{key}"] = self.chance.choice(MORE[key])
        return asked

    def _instances(self, name: str) -> list[Instance]:
        count = self.chance.choice((1, 1, 2, 3))
        return [self._changed(instance(f"{name}-{copy}", f"10.0.0.{copy + 1}")) for copy in range(count)]

    def _changed(self, one: Instance) -> Instance:
        chance = self.chance
        places = tuple(replace(at, host=f"10.0.{chance.randrange(3)}.{chance.randrange(9)}") for at in one.addresses)
        health = chance.choice(HEALTHS) if chance.random() < 0.4 else "none"
        running, stopping = chance.random() < 0.9, chance.random() < 0.1
        return replace(one, addresses=places, health=health, running=running, stopping=stopping)

    def _servers(self) -> None:
        if self.workloads:
            name = self.chance.choice(sorted(self.workloads))
            one = self.workloads[name]
            at = self.chance.randrange(len(one.instances))
            changed = self._changed(one.instances[at])
            self.workloads[name] = replace(one, instances=(*one.instances[:at], changed, *one.instances[at + 1 :]))

    def _labels(self) -> None:
        if self.workloads:
            name = self.chance.choice(sorted(self.workloads))
            self.workloads[name] = replace(self.workloads[name], labels=workload(name, self._asked()).labels)

    def _come(self) -> None:
        name = self.chance.choice(self.names)
        self.workloads[name] = self._workload(name)

    def _go(self) -> None:
        if self.workloads:
            del self.workloads[self.chance.choice(sorted(self.workloads))]

    def _certify(self) -> None:
        name = self.chance.choice(("one", "two", "default"))
        if name in self.certificates and self.chance.random() < 0.5:
            del self.certificates[name]
        else:
            self.certificates[name] = self._certificate(name)

    def _certificate(self, name: str) -> Certificate:
        chance = self.chance
        names = chance.sample(("a.test", "*.a.test", "b.test", "*.b.test", "c1.test"), chance.randint(2, 4))
        return Certificate(
            name=name,
            names=tuple(sorted(names)),
            certificate_file=f"/tls/{name}.crt",
            key_file=f"/tls/{name}.key",
            not_before=0.0,
            not_after=chance.choice((1.0, 8e9, 9e9)),
            fingerprint=str(chance.randrange(3)),
            is_default=name == "default",
        )
