"""Whose fault it is: the pipeline leaves out the workloads that the proxy refuses, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.bundle import Bundle
from gen.deployment import loader
from gen.errors import FairwayError
from gen.pipeline import Made, Pipeline, Verdict
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import BASELINE, Nginx
from gen.settings import Settings
from gen.state import Label, State, Workload
from tests.support.world import instance, workload


def pipeline() -> Pipeline:
    return Pipeline(Settings(), Nginx(BASELINE), loader(Settings()), certificates=lambda: ((), ()))


def site(name: str, **labels: str) -> Workload:
    written = {"fairway.host": f"{name}.test"} | {f"fairway.{key}": value for key, value in labels.items()}
    return workload(name, written, instance(name, "10.0.0.1", 80))


def world(*workloads: Workload) -> State:
    return State(source="test", workloads=tuple(sorted(workloads, key=lambda one: one.name)))


def text(made: Made) -> str:
    return next(file.content for file in made.bundle.files if file.name == "nginx.conf").decode()


def dislikes(*words: str) -> Verdict:
    def verdict(bundle: Bundle) -> str:
        content = b"".join(file.content for file in bundle.files if file.name == bundle.main)
        return next((f"no {word} please" for word in words if word.encode() in content), "")

    return verdict


def test_one_refused_workload_answers_503_and_the_others_are_served() -> None:
    state = world(*(site(f"s{number}") for number in range(9)), site("bad", retry="timeout", timeouts="77s"))
    made = pipeline().make(state, dislikes("1m17s", "77s"))
    routes = {str(route.match.hosts[0]): route for route in made.model.routes}
    assert "no " in routes["bad.test"].withheld
    assert not any(route.withheld for host, route in routes.items() if host != "bad.test")
    assert [problem.origin.workload for problem in made.problems] == ["bad"]


def test_several_refused_workloads_are_all_found() -> None:
    state = world(site("a"), site("b", timeouts="71s"), site("c"), site("d", timeouts="73s"), site("e"))
    made = pipeline().make(state, dislikes("71s", "1m11s", "73s", "1m13s"))
    assert {str(route.match.hosts[0]) for route in made.model.routes if route.withheld} == {"b.test", "d.test"}


def test_a_workload_whose_very_host_is_refused_is_left_out_whole() -> None:
    made = pipeline().make(world(site("a"), site("bad")), dislikes("bad.test"))
    assert "a.test" in text(made)
    assert "bad.test" not in text(made)
    assert "refuses what these labels make" in made.problems[0].message


def test_a_blamed_workload_gets_another_chance_when_its_labels_change() -> None:
    line = pipeline()
    verdict = dislikes("77s", "1m17s")
    line.make(world(site("a"), site("bad", timeouts="77s")), verdict)
    made = line.make(world(site("a"), site("bad", timeouts="5s")), verdict)
    assert (made.problems, [route.withheld for route in made.model.routes]) == ((), ["", ""])


def test_what_is_wrong_without_any_workload_ends_the_run() -> None:
    with pytest.raises(FairwayError, match="without any workload: no worker_processes please"):
        pipeline().make(world(site("a")), dislikes("worker_processes"))


@pytest.mark.parametrize("proxy", [Nginx(BASELINE), Haproxy()], ids=["nginx", "haproxy"])
def test_of_two_whose_names_clash_the_younger_is_left_out(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gen.build.names.digest", lambda *parts: "0" * 16)
    line = Pipeline(Settings(), proxy, loader(Settings()), certificates=lambda: ((), ()))
    old, new = (replace(site(name), created=at) for name, at in (("x-y", 1.0), ("x.y", 2.0)))
    made = line.make(world(old, new, site("other")))
    served = {str(route.match.hosts[0]) for route in made.model.routes if not route.withheld}
    assert served == {"x-y.test", "other.test"}
    assert [(one.origin.workload, "two routes have the id" in one.message) for one in made.problems] == [("x.y", True)]


def test_an_unchanged_world_gives_the_same_bytes_from_memory() -> None:
    line = pipeline()
    state = world(site("a"), site("b", cache="10m"))
    first = line.make(state)
    again = line.make(replace(state, workloads=tuple(replace(one) for one in state.workloads)))
    assert first.bundle == again.bundle


def test_labels_without_our_prefix_ask_for_nothing() -> None:
    other = Workload(id="x", name="x", labels=(Label(key="traefik.enable", value="true"),))
    assert pipeline().declare(world(other)) == ()


def test_a_pass_reads_the_certificates_once_however_often_it_tries() -> None:
    reads: list[int] = []

    def certificates() -> tuple[tuple[()], tuple[()]]:
        reads.append(1)
        return ((), ())

    line = Pipeline(Settings(), Nginx(BASELINE), loader(Settings()), certificates=certificates)
    line.make(world(site("a"), site("bad", timeouts="77s")), dislikes("77s", "1m17s"))
    assert (len(reads), line.files) == (1, ((), ()))
