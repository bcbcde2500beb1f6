"""A world with all that answers need, for tests of `explain`."""

from __future__ import annotations

from collections.abc import Sequence

import jinja2

from gen.build import build
from gen.certificate import Certificate
from gen.explain.answer import Answer, answer
from gen.explain.basis import Basis
from gen.explain.finding import Finding
from gen.explain.journey import journey
from gen.explain.question import door, question
from gen.proxies.kinds import KINDS
from gen.render import Renderer
from gen.settings import Settings
from gen.state import State, Vantage, Workload
from gen.values import Listen
from tests.support.labelled import declared, world
from tests.support.world import TEMPLATES

SETTINGS = Settings(
    listeners=(Listen("web", 80), Listen("websecure", 443, tls=True), Listen("db", 5432, protocol="tcp"))
)


def basis(
    *workloads: Workload,
    settings: Settings = SETTINGS,
    vantage: Vantage | None = None,
    certificates: Sequence[Certificate] = (),
    now: float = 0.0,
    proxy: str = "nginx",
) -> Basis:
    """One pass over some workloads."""
    state: State = world(*workloads, vantage=vantage)
    declarations = declared(state)
    kind = KINDS[proxy].proxy(KINDS[proxy].baseline)
    model = kind.fit(build(state, declarations, settings, certificates=tuple(certificates), now=now))
    render = Renderer(kind, jinja2.FileSystemLoader(TEMPLATES)).render
    return Basis(
        state=state, declarations=tuple(declarations), model=model, bundle=render(model), render=render, now=now
    )


def asked(of: Basis, url: str, **more: object) -> Answer:
    """The answer at the first listener."""
    wanted = question(url, **more)  # type: ignore[arg-type]
    return answer(wanted, door(of.model, wanted).listeners[0], of)


def steps(of: Basis, name: str) -> list[Finding]:
    """The steps of one workload."""
    return list(journey(next(one for one in of.state.workloads if one.name == name), of))


def wrong(of: Basis, name: str) -> list[str]:
    """What is wrong with one workload, in order."""
    return [f"{one.found} → {one.hint}" for one in steps(of, name) if one.level != "ok"]
