"""Build and render under any labels: nothing raises, order does not matter, nobody is bothered by others."""

from __future__ import annotations

import random
from dataclasses import replace

import jinja2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen.build import build
from gen.bundle import Bundle
from gen.memo import Memo
from gen.model import Model
from gen.options import options_of
from gen.policies import POLICIES
from gen.proxies.nginx import Nginx
from gen.render import Renderer
from gen.state import State, Workload
from tests.support.cases import ROOT
from tests.support.labelled import SETTINGS, declared, instance, workload, world

RENDERER = Renderer(Nginx(), jinja2.FileSystemLoader(ROOT / "templates"))  # one, as templates compile slowly
modest = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

HOSTS = ("a.test", "b.test", "*.test", ".b.test", r"~^c[0-9]\.test$", "a.test, b.test")
CORE = {
    "path": st.sampled_from(["/", "/api", "=/api", "/api/v1", "~^/v[0-9]+/"]),
    "methods": st.sampled_from(["GET", "GET, POST"]),
    "headers.X-Env": st.sampled_from(["beta", "*", "~^b"]),
    "priority": st.sampled_from(["1", "-1"]),
    "balance": st.sampled_from(["least_conn", "source", "first"]),
    "upstream": st.just("pool"),
    "resolve": st.sampled_from(["dns", "address", "maybe"]),
    "resolve_name": st.sampled_from(["shop", "10.0.0.1"]),
    "weight": st.sampled_from(["2", "x"]),
    "routes.x.path": st.just("/x"),
}
EXAMPLES = {
    option.example if option.is_open else f"{policy.name}.{option.name}={option.example}"
    for policy in POLICIES
    for option in options_of(policy)
}
POLICY = {example.partition("=")[0]: st.just(example.partition("=")[2]) for example in sorted(EXAMPLES)}
anything = st.text(max_size=30)
keys = st.one_of(
    st.sampled_from(sorted({*CORE, *POLICY, "host", "enable", "routes.x.host", "tcp.db.port", "basic_aut"})),
    anything,
    st.builds("routes.{}.{}".format, anything, st.sampled_from(sorted({*CORE, *POLICY}))),
)
sane = st.fixed_dictionaries({"host": st.sampled_from(HOSTS)}, optional={**CORE, **POLICY})
wild = st.dictionaries(keys, st.one_of(anything, st.sampled_from(["on", "/", "a.test", "10s", "1"])), max_size=6)


def workloads(labels: st.SearchStrategy[dict[str, str]], *, most: int = 4) -> st.SearchStrategy[list[Workload]]:
    def named(found: list[tuple[dict[str, str], int, int]]) -> list[Workload]:
        return [
            workload(
                f"w{number}",
                {f"fairway.{key}": value for key, value in written.items()},
                *(instance(f"w{number}-{copy}", f"10.0.{number}.{copy}") for copy in range(copies)),
                created=float(age),
            )
            for number, (written, copies, age) in enumerate(found)
        ]

    return st.lists(st.tuples(labels, st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=most).map(named)


def made(state: State, memo: Memo | None = None) -> Model:
    return Nginx().fit(build(state, declared(state), SETTINGS, memo=memo))


def rendered(model: Model, memo: Memo | None = None) -> Bundle:
    RENDERER.memo = memo or Memo()
    return RENDERER.render(model)


@modest
@given(workloads(sane), st.randoms(use_true_random=False))
def test_order_in_the_world_does_not_show_in_the_bytes(found: list[Workload], chance: random.Random) -> None:
    shuffled = [replace(one, labels=tuple(chance.sample(one.labels, len(one.labels)))) for one in found]
    shuffled = [replace(one, instances=tuple(chance.sample(one.instances, len(one.instances)))) for one in shuffled]
    chance.shuffle(shuffled)
    one, other = made(world(*found)), made(State(source="docker", workloads=tuple(shuffled)))
    assert one == other
    assert rendered(one) == rendered(other)


@modest
@given(workloads(st.one_of(sane, wild)))
def test_no_labels_make_build_or_render_raise(found: list[Workload]) -> None:
    model = made(world(*found))
    assert rendered(model).files
    assert all(problem.origin.workload and problem.message for problem in model.problems)


@modest
@given(workloads(st.one_of(sane, wild), most=2), workloads(wild, most=2))
def test_who_shares_nothing_does_not_notice_the_others(ours: list[Workload], theirs: list[Workload]) -> None:
    others = [_moved(one) for one in theirs]
    alone, together = made(world(*ours)), made(world(*ours, *others))
    names = {one.name for one in ours}
    assert [p for p in together.problems if p.origin.workload in names] == list(alone.problems)
    assert set(alone.routes) <= set(together.routes)
    assert set(alone.upstreams) <= set(together.upstreams)


def _moved(one: Workload) -> Workload:
    """The same workload under names, hosts and an upstream that nobody else has."""
    fixed = {"fairway.host": f"{one.name}.elsewhere.test"}
    kept = {
        label.key: label.value
        for label in one.labels
        if not label.key.endswith((".host", ".upstream")) and label.key not in fixed
    }
    return workload(f"z{one.name}", kept | fixed)


@modest
@given(workloads(sane), workloads(sane))
def test_a_warm_memory_changes_nothing(before: list[Workload], after: list[Workload]) -> None:
    memo = Memo()
    rendered(made(world(*before), memo), memo)
    model = made(world(*after), memo)
    assert model == made(world(*after))
    first = rendered(model, memo)
    assert first == rendered(model, memo)
    assert first == rendered(model)
