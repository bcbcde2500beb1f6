"""The pipeline: all stages on one screen, from a source to a bundle that the proxy accepts.

    observe      declare            build      fit        render      check
    State ──▶ Declarations ──▶ Model ──▶ Model ──▶ Bundle ──▶ Verdict

The daemon keeps one Pipeline and so its memory; a one-shot command uses a fresh one. There is no other code path.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter

import jinja2

from gen.build import Earlier, Joins, build, joins
from gen.bundle import Bundle
from gen.certificate import Certificate
from gen.dialects import Declaration, native
from gen.errors import ClashError, FairwayError, Origin, Problem, TemplateError, in_order
from gen.holding import Holding
from gen.memo import Memo, uncollected
from gen.model import Model
from gen.proxies import Proxy
from gen.render import Renderer, Templates
from gen.settings import Settings
from gen.state import State, Workload, source_of

Verdict = Callable[[Bundle], str]
"""Says what is wrong with a bundle; empty when nothing is."""

Certificates = Callable[[], tuple[tuple[Certificate, ...], tuple[Problem, ...]]]


_MOST_TRIED = 8
"""Operator's templates that are tried one by one where some of them make the proxy refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of one pass: the model that the proxy can keep, its bundle, and everybody's problems. It counts on the
    networks that `joins` says."""

    state: State
    model: Model
    bundle: Bundle
    joins: Joins = Joins()

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.model.problems


class Pipeline:
    """The stages with their memory. `loader` finds templates; `certificates` reads them anew, once for each
    pass; `files` is what the last one saw; `refused`: networks by id that cannot be joined, with why; `fault`: of an
    operator's templates, by what was wrong with the pass; `holding`: a daemon's memory of routes."""

    def __init__(
        self, settings: Settings, proxy: Proxy, loader: jinja2.BaseLoader, *, certificates: Certificates
    ) -> None:
        self.settings = settings
        self.proxy = proxy
        self.memo = Memo()
        self.renderer = Renderer(proxy, loader, self.memo)
        self.certificates = certificates
        self.files: tuple[tuple[Certificate, ...], tuple[Problem, ...]] = ((), ())
        self.blamed: dict[str, _Blame] = {}
        self.refused: dict[str, Problem] = {}
        self.fault: tuple[str, TemplateError] | None = None
        self.holding: Holding | None = None

    def remember_routes(self, clock: Callable[[], float], installed: bytes = b"") -> None:
        """Remember the owners of routes from update to update, as a daemon does. `clock` is monotonic seconds;
        `installed`: the `release.json` with whose owners it begins."""
        self.holding = Holding(self.settings.hold, clock, installed)

    def is_stale(self) -> bool:
        """Whether certificates changed, or a route was held for long enough: no event tells of either."""
        return self.certificates() != self.files or (self.holding is not None and self.holding.is_over)

    def make(self, state: State, verdict: Verdict | None = None) -> Made:
        """State → bundle. With a verdict: without the workloads that the proxy refuses, each with a problem."""
        with uncollected():
            return self._make(state, verdict)

    def _make(self, state: State, verdict: Verdict | None) -> Made:
        self.files = self.certificates()
        declarations = self.declare(state)
        found = joins(state, declarations, self.settings.join, self.refused)
        seen, state = state, found.expected(state)
        if self.holding is not None:
            declarations = self.holding.with_held(declarations)
        self._forgive(declarations)
        made = self._settled(state, declarations, verdict)
        self.memo.sweep()
        if self.holding is not None:
            self.holding.learn_routes(made.model.routes, made.model.streams)
        return replace(made, state=seen, joins=found)

    def _settled(self, state: State, declarations: Sequence[Declaration], verdict: Verdict | None) -> Made:
        """The pass without the workloads whose labels are refused. Labels answer for what the shipped templates make of
        them, an operator's templates for the rest. Raises TemplateError."""
        made = self._try(state, declarations, verdict)
        if isinstance(made, str) and self.renderer.own:
            if self.fault and self.fault[0] == made:
                raise TemplateError(str(self.fault[1]), hint=self.fault[1].hint)
            own = self.renderer
            self.renderer = Renderer(self.proxy, own.templates.without(*own.own))
            try:
                self._without_guilty(state, declarations, verdict)
            finally:
                self.renderer = own
            made = self._try(state, declarations, verdict)
            if isinstance(made, str):
                self.fault = made, self._fault_of_templates(made, partial(self._try, state, declarations, verdict))
                raise self.fault[1]
        return self._without_guilty(state, declarations, verdict, made)

    def _without_guilty(
        self,
        state: State,
        declarations: Sequence[Declaration],
        verdict: Verdict | None,
        made: Made | str = "",
    ) -> Made:
        """A pass, or what is wrong with it → one without the workloads whose labels are refused."""
        made = made or self._try(state, declarations, verdict)
        while isinstance(made, str):
            guilty = self._find(state, declarations, made, verdict)
            message = f"{self.proxy.name} refuses what these labels make: {made}"
            problem = Problem(severity="error", origin=_origin(state, guilty), message=message, hint="it is left out")
            self.blamed[guilty.workload.id] = _Blame(of=guilty, problem=problem, instead=_muted(guilty, message))
            made = self._try(state, declarations, verdict)
            if isinstance(made, str) and self._is_bad(state, guilty, declarations, verdict):
                self.blamed[guilty.workload.id] = replace(self.blamed[guilty.workload.id], instead=None)
                made = self._try(state, declarations, verdict)
        return made

    def _fault_of_templates(self, wrong: str, attempt: Callable[[], Made | str]) -> TemplateError:
        """The error of an operator's templates, where the shipped ones are accepted, with the files that make it."""
        own, files = self.renderer, self.renderer.own
        tried = files if 1 < len(files) <= _MOST_TRIED else ()
        guilty = [name for name in tried if self._accepts(attempt, own.templates.without(name))]
        self.renderer = own
        names = ", ".join(map(own.templates.file, guilty or files))
        message = wrong if wrong.startswith("template ") else f"{self.proxy.name} refuses what {names} makes: {wrong}"
        return TemplateError(message, hint=f"without {names} the configuration is accepted; no label is at fault")

    def _accepts(self, attempt: Callable[[], Made | str], templates: Templates) -> bool:
        self.renderer = Renderer(self.proxy, templates)
        return isinstance(attempt(), Made)

    def declare(self, state: State) -> tuple[Declaration, ...]:
        """What each workload asks for; those that ask for nothing are not among them."""
        found = self.memo.each("labels", _read, state.workloads, key=attrgetter("id"), shared=(state.source,))
        return self.memo("declarations", _given, found)

    def model(self, state: State, declarations: Sequence[Declaration]) -> Model:
        """The model that the proxy can keep, with the problems of all stages."""
        certificates, problems = self.files
        problems = (*problems, *self.refused.values())
        model = build(
            replace(state, problems=(*state.problems, *problems)) if problems else state,
            declarations,
            self.settings,
            certificates=certificates,
            now=time.time(),
            memo=self.memo,
            seats=self.holding.seats if self.holding is not None else frozenset,
            earlier=self.holding.earlier if self.holding is not None else Earlier,
        )
        return self.proxy.fit(model, self.memo)

    def _try(
        self,
        state: State,
        declarations: Sequence[Declaration],
        verdict: Verdict | None,
        without: frozenset[str] = frozenset(),
    ) -> Made | str:
        """A pass with the blamed muted, and without some; or what is wrong with it."""
        if self.blamed or without:
            declarations = _given(self._heard(one) for one in declarations if one.workload.id not in without)
        try:
            model = self.model(state, declarations)
        except ClashError as error:
            return str(error)
        lost = [blame.problem for blame in self.blamed.values() if blame.instead is None]
        if lost:
            model = replace(model, problems=in_order((*model.problems, *lost)))
        try:
            bundle = self.renderer.render(model)
        except TemplateError as error:
            return str(error)
        wrong = verdict(bundle) if verdict else ""
        return wrong or Made(state=state, model=model, bundle=bundle)

    def _heard(self, declaration: Declaration) -> Declaration | None:
        blame = self.blamed.get(declaration.workload.id)
        return blame.instead if blame and blame.of == declaration else declaration

    def _forgive(self, declarations: Iterable[Declaration]) -> None:
        """A blamed workload whose declaration changed gets another chance."""
        if not self.blamed:
            return
        now = {declaration.workload.id: declaration for declaration in declarations}
        self.blamed = {name: kept for name, kept in self.blamed.items() if now.get(name) == kept.of}

    def _find(
        self, state: State, declarations: Sequence[Declaration], wrong: str, verdict: Verdict | None
    ) -> Declaration:
        """Whose fault it is, by halving: the one without whom, and all younger ones, the rest is good."""
        suspects = sorted((one for one in declarations if one.workload.id not in self.blamed), key=_age)
        attempt = partial(self._try, state, declarations, verdict)
        if isinstance(attempt(frozenset(one.workload.id for one in suspects)), str):
            raise FairwayError(f"{self.proxy.name} refuses the configuration without any workload: {wrong}")
        good, bad = 0, len(suspects)
        while bad - good > 1:
            middle = (good + bad) // 2
            rest = frozenset(one.workload.id for one in suspects[middle:])
            if isinstance(attempt(rest), str):
                bad = middle
            else:
                good = middle
        return suspects[bad - 1]

    def _is_bad(
        self, state: State, guilty: Declaration, declarations: Sequence[Declaration], verdict: Verdict | None
    ) -> bool:
        """Whether one that was muted is refused all the same, beside those who are older."""
        younger = frozenset(one.workload.id for one in declarations if _age(one) > _age(guilty))
        return isinstance(self._try(state, declarations, verdict, younger), str)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blame:
    """A declaration that the proxy refused, and what stands for it: its routes answering 503, or nothing."""

    of: Declaration
    problem: Problem
    instead: Declaration | None


def _read(workload: Workload, source: str) -> Declaration | None:
    return native.read(workload, source_of(source, workload))


def _age(declaration: Declaration) -> tuple[float, str, str]:
    """The older is asked first, so that nobody is refused for what a younger one says."""
    return declaration.workload.created, declaration.workload.name, declaration.workload.id


def _given(found: Iterable[Declaration | None]) -> tuple[Declaration, ...]:
    return tuple(filter(None, found))


def _muted(declaration: Declaration, why: str) -> Declaration:
    """The same claims without policies: they answer 503, and nobody else answers in their place."""
    routes = tuple(replace(route, policies=(), withheld=route.withheld or why) for route in declaration.routes)
    streams = tuple(replace(one, policies=(), withheld=one.withheld or why) for one in declaration.streams)
    return replace(declaration, routes=routes, streams=streams)


def _origin(state: State, declaration: Declaration) -> Origin:
    workload = declaration.workload
    label = next((label for label in workload.labels if label.key.startswith(native.PREFIX)), None)
    place = (label.file, label.line, label.column) if label else ("", 0, 0)
    source = source_of(state.source, workload)
    return Origin(source=source, workload=workload.name, file=place[0], line=place[1], column=place[2])
