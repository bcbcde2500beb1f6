"""Worlds given as labels → what a plan from one to the other exposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

from gen import access
from gen.access import Facts
from gen.build import build
from gen.certificate import Certificate
from gen.memo import Memo
from gen.model import Model
from gen.plan import exposures_between
from gen.plan.exposure import Exposure
from gen.settings import Settings
from gen.state import Label
from gen.table import to_json
from gen.values import Listen
from tests.support.labelled import declared, workload, world

LISTENERS = (Listen("web", 80), Listen("inner", 8080), Listen("db", 5432, protocol="tcp"))
USERS = {name: f"{name}:$apr1$Q2wE4rT6$Zdu1m6pdw7pih59hVtsK2/" for name in ("alice", "bob", "carol")}
Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The settings of a world, and the project of each workload where it has one: its owner, in the label that the
    setting `owner` names or else in that of compose."""

    settings: Settings = field(default_factory=lambda: Settings(listeners=LISTENERS))
    projects: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()


def model(setting: Setting = Setting(), /, **labels: Labels) -> Model:
    """The model of workloads with these labels, without `fairway.`."""
    return modelled(labels, setting)


def modelled(labels: Mapping[str, Labels], setting: Setting = Setting()) -> Model:
    made = []
    for number, (name, own) in enumerate(labels.items()):
        address = setting.addresses.get(name, f"10.0.{crc32(name.encode()) % 250}.{crc32(name.encode()) // 250 % 250}")
        one = workload(name, {f"fairway.{key}": value for key, value in own.items()}, host=address, created=number)
        project = setting.projects.get(name)
        key = setting.settings.owner.key or "com.docker.compose.project"
        more = (Label(key=key, value=project),) if project else ()
        made.append(replace(one, labels=(*one.labels, *more)))
    state = world(*made)
    return build(state, declared(state), setting.settings, certificates=setting.certificates, now=0.0)


def described(one: Model) -> bytes:
    """The description that a release of it carries."""
    return to_json(one, more=f', "access": {access.lines(one, Memo())}')


def facts(one: Model) -> Facts:
    return access.facts(one)


def exposed(before: Model, after: Model) -> tuple[Exposure, ...]:
    """As a plan finds it, through the descriptions of two releases."""
    return exposures_between(described(before), described(after))
