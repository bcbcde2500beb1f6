"""Several sources as one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gen.errors import Origin, Problem, SourceError
from gen.sources import Change
from gen.sources.combined import CombinedSource
from gen.sources.kept import KeptSource
from gen.state import Address, Instance, Network, State, Vantage, Workload
from gen.values import EngineAddress


class Fixed:
    """A source that says what it is told to."""

    def __init__(self, name: str, *workloads: str, problem: str = "") -> None:
        self.name = name
        self.error = ""
        self.resyncs = 0
        self.closed = threading.Event()
        self.say(*workloads, problem=problem)

    def say(self, *workloads: str, problem: str = "") -> None:
        found = tuple(Workload(id=f"{self.name}:{name}", name=name) for name in workloads)
        told = (Problem(severity="error", origin=Origin(source=self.name), message=problem),) if problem else ()
        self.state = State(source=self.name, workloads=found, vantage=Vantage(name=self.name), problems=told)

    def read(self) -> State:
        if self.error:
            raise SourceError(self.error, hint="try again")
        return self.state

    def changes(self) -> Iterator[Change]:
        yield Change(reason=self.name)
        self.closed.wait(5)

    def resync(self) -> None:
        self.resyncs += 1

    def close(self) -> None:
        self.closed.set()


def names(state: State) -> list[str]:
    return [workload.id for workload in state.workloads]


def once(*sources: Fixed) -> CombinedSource:
    """As a one-shot command reads them."""
    main, *others = (KeptSource(source, source.name) for source in sources)
    return CombinedSource(main, *others)


def test_one_that_has_nothing_changes_nothing() -> None:
    main = Fixed("docker", "a", "b", problem="no")
    assert once(main, Fixed("file")).read() is main.state
    assert once(main).read() is main.state


def test_workloads_stand_in_one_order_and_the_first_source_says_where_the_proxy_is() -> None:
    found = once(Fixed("docker", "a", "c", problem="x"), Fixed("file", "b", "c", problem="y")).read()
    assert names(found) == ["docker:a", "file:b", "docker:c", "file:c"]
    assert (found.source, found.vantage.name) == ("docker", "docker")
    assert [problem.message for problem in found.problems] == ["x", "y"]


def test_a_workload_that_is_there_already_counts_once() -> None:
    assert names(once(Fixed("file", "a"), Fixed("file", "a", "b")).read()) == ["file:a", "file:b"]


def test_who_was_never_read_is_an_error_of_a_one_shot_command() -> None:
    for failing in (0, 1):
        both = (Fixed("docker", "a"), Fixed("file", "b"))
        both[failing].error = "away"
        with pytest.raises(SourceError, match="away"):
            once(*both).read()


def test_hints_of_all_arrive_and_everything_is_handed_on() -> None:
    main, other = Fixed("docker"), Fixed("file")
    kept = [KeptSource(source, f"the {source.name}", follows=True) for source in (main, other)]
    both = CombinedSource(*kept)
    hints = both.changes()
    assert {next(hints).reason for _ in range(4)} == {"docker", "file", "the docker", "the file"}
    both.resync()
    assert (main.resyncs, other.resyncs) == (1, 1)
    both.close()
    assert {change.reason for change in hints} <= {"the docker", "the file"}
    assert main.closed.is_set() and other.closed.is_set()


def lab(*workloads: Workload, networks: tuple[Network, ...] = ()) -> tuple[EngineAddress, Fixed]:
    source = Fixed("docker")
    source.state = State(source="docker", workloads=workloads, networks=networks)
    return EngineAddress("lab", "ssh://lab", "192.0.2.7"), source


def beside(main: State, address: EngineAddress, source: Fixed) -> State:
    first = Fixed("docker")
    first.state = main
    return CombinedSource(KeptSource(first, "docker"), engines=[(address, KeptSource(source, "engine lab"))]).read()


def test_equal_names_ids_and_addresses_of_two_engines_are_not_the_same() -> None:
    instance = Instance(id="1", name="web", addresses=(Address(network="bridge", host="172.17.0.2"),))
    web = Workload(id="1", name="web", instances=(instance,))
    bridge = Network(id="n", name="bridge")
    found = beside(State(source="docker", workloads=(web,), networks=(bridge,)), *lab(web, networks=(bridge,)))
    assert [(one.id, one.name, one.engine) for one in found.workloads] == [
        ("lab/1", "lab/web", "lab"),
        ("1", "web", ""),
    ]
    assert [one.instances[0].addresses[0].network for one in found.workloads] == ["lab/bridge", "bridge"]
    assert [(one.name, one.engine) for one in found.networks] == [("bridge", ""), ("lab/bridge", "lab")]


def test_an_overlay_that_both_have_is_one_network_whatever_it_is_called_there() -> None:
    ours = Network(id="x", name="mesh", driver="overlay")
    main = State(source="docker", networks=(ours,), vantage=Vantage(kind="container", networks=("edge", "mesh")))
    instance = Instance(id="1", name="web", addresses=(Address(network="net", host="10.0.9.2"),))
    theirs = Network(id="x", name="net", driver="overlay")
    found = beside(main, *lab(Workload(id="1", name="web", instances=(instance,)), networks=(theirs,)))
    assert found.workloads[0].instances[0].addresses[0].network == "mesh"
    assert found.networks == (ours,)
    assert found.engines[0].vantage.networks == ("mesh",)


def test_a_bridge_with_the_id_of_ours_is_another_one_all_the_same() -> None:
    main = State(source="docker", networks=(Network(id="x", name="edge"),), vantage=Vantage(networks=("edge",)))
    found = beside(main, *lab(networks=(Network(id="x", name="edge"),)))
    assert [network.name for network in found.networks] == ["edge", "lab/edge"]
    assert found.engines[0].vantage.networks == ()


def test_an_engine_of_this_machine_is_reached_at_its_published_ports_unless_the_proxy_is_in_a_container() -> None:
    address, source = EngineAddress("dev", "unix:///dev.sock"), Fixed("docker")
    seen = [
        beside(State(source="docker", vantage=Vantage(kind=kind)), address, source) for kind in ("host", "container")
    ]
    assert [state.engines[0].vantage.published_at for state in seen] == ["127.0.0.1", ""]


def test_what_did_not_change_stays_the_same_object() -> None:
    address, source = lab(Workload(id="1", name="web"))
    first = Fixed("docker")
    both = CombinedSource(KeptSource(first, "docker"), engines=[(address, KeptSource(source, "engine lab"))])
    before = both.read().workloads[0]
    source.state = State(source="docker", workloads=(*source.state.workloads, Workload(id="2", name="x")))
    assert both.read().workloads[0] is before


def test_the_problems_of_an_engine_name_it() -> None:
    address, source = lab()
    origin = Origin(source="docker", workload="web", key="fairway.host")
    source.state = State(source="docker", problems=(Problem(severity="error", origin=origin, message="no"),))
    assert [str(one) for one in beside(State(source="docker"), address, source).problems] == [
        "lab/web: fairway.host: no"
    ]
