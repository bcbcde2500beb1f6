"""`extends`."""

from __future__ import annotations

import pytest

from tests.unit.sources.compose.project import Project, labels, names, said, workload


def test_a_service_stands_on_the_one_it_extends(project: Project) -> None:
    state = project.read("""\
        services:
          base: {labels: [a=1, b=1], ports: ["80"], profiles: [never]}
          web: {extends: base, labels: {b: 2}, profiles: !reset []}
    """)
    assert labels(state) == {"a": "1", "b": "2"}
    assert [port.number for port in workload(state, "web").instances[0].ports] == [80]


def test_a_service_of_another_file_is_extended_with_paths_of_its_own_directory(project: Project) -> None:
    project.write("sub/common.yaml", "services: {base: {extends: {file: deep.yaml, service: d}, label_file: l.env}}")
    project.write("sub/deep.yaml", "services: {d: {labels: {deep: $V}}}")
    project.write("sub/l.env", "file=1\n")
    state = project.read(
        "services: {web: {extends: {file: sub/common.yaml, service: base}, labels: {own: 1}}}", environment={"V": "v"}
    )
    assert labels(state) == {"deep": "v", "file": "1", "own": "1"}


def test_only_the_extended_service_of_another_file_is_judged(project: Project) -> None:
    project.write("common.yaml", "services: {base: {labels: {a: 1}}, other: {labels: {a: '${NO:?x}'}}}")
    state = project.read("services: {web: {extends: {file: common.yaml, service: base}}}")
    assert (labels(state), said(state)) == ({"a": "1"}, [])


def test_reset_takes_away_what_was_extended(project: Project) -> None:
    state = project.read("""\
        services:
          base: {ports: ["80"], labels: {a: 1}}
          web: {extends: {service: base}, ports: !reset []}
    """)
    assert workload(state, "web").instances[0].ports == ()


def test_reset_works_on_the_extended_service_and_on_earlier_files(project: Project) -> None:
    project.write("a.yaml", "services: {base: {ports: ['80']}, web: {ports: ['81'], labels: {a: 1}}}")
    project.write("b.yaml", "services: {base: {ports: ['82']}, web: {extends: base, ports: !reset [], labels: {b: 2}}}")
    state = project.read("", "a.yaml", "b.yaml")
    assert workload(state, "web").instances[0].ports == ()
    assert labels(state) == {"a": "1", "b": "2"}


def test_what_the_extended_service_overrides_is_not_overridden_by_the_extending_one(project: Project) -> None:
    project.write("a.yaml", "services: {base: {labels: {a: 1}}, web: {labels: {b: 1}}}")
    project.write("b.yaml", "services: {base: {labels: !override {c: 1}}, web: {extends: base}}")
    assert labels(project.read("", "a.yaml", "b.yaml")) == {"b": "1", "c": "1"}


def test_each_file_extends_before_files_merge(project: Project) -> None:
    project.write("a.yaml", "services: {base: {labels: {a: 1}}, web: {extends: base, image: x}}")
    project.write("b.yaml", "services: {web: {labels: {b: 2}}}")
    assert labels(project.read("", "a.yaml", "b.yaml")) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("extends", "problem"),
    [
        ("web", "the service extends itself: web → web"),
        ("{service: nope}", "there is no service 'nope' in compose.yaml"),
        ("{service: x, file: nope.yaml}", "nope.yaml: cannot be read: No such file or directory"),
        ("{service: x, file: list.yaml}", "list.yaml has no mapping of services"),
        ("{service: x, file: broken.yaml}", "broken.yaml:1:2: this is not YAML"),
        ('{service: x, file: "a\\0"}', "is not the name of a file"),
        ("[a]", "found a list; write service: NAME, with file: PATH if elsewhere"),
        ("{file: x}", "found a mapping; write service: NAME, with file: PATH if elsewhere"),
    ],
)
def test_a_failing_extends_takes_out_its_own_service_only(project: Project, extends: str, problem: str) -> None:
    project.write("list.yaml", "services: [a]")
    project.write("broken.yaml", "'")
    state = project.read(f"services: {{web: {{extends: {extends}}}, api: {{image: x}}}}")
    assert names(state) == ["api"]
    (found,) = state.problems
    assert (found.severity, found.origin.workload, found.origin.key) == ("error", "web", "extends")
    assert problem in found.message.replace(f"{project.directory}/", "")


def test_a_circle_over_several_services_is_a_problem_of_each(project: Project) -> None:
    state = project.read("services: {a: {extends: b}, b: {extends: c}, c: {extends: a}, d: {image: x}}")
    assert names(state) == ["d"]
    assert [(p.origin.workload, p.message.rpartition(": ")[2]) for p in state.problems] == [
        ("a", "a → b → c → a"),
        ("b", "b → c → a → b"),
        ("c", "c → a → b → c"),
    ]


def test_a_very_long_chain_is_a_problem(project: Project) -> None:
    services = [f"  s{i}: {{extends: s{i + 1}}}" for i in range(2000)]
    state = project.read("\n".join(["services:", *services, "  s2000: {image: x}"]))
    assert "s1999" in names(state)
    assert "through more than 64 services" in state.problems[0].message


def test_a_mistake_in_the_extended_service_takes_out_the_extending_one(project: Project) -> None:
    state = project.read("services: {base: {ports: [nope]}, web: {extends: base}, api: {image: x}}")
    assert names(state) == ["api"]
    assert [p.origin.workload for p in state.problems] == ["base", "web"]
