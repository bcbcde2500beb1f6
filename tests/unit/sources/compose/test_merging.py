"""Several files laid over one another."""

from __future__ import annotations

from gen.state import State
from tests.unit.sources.compose.project import Project, labels, names, said, workload


def merged(project: Project, base: str, over: str) -> State:
    project.write("base.yaml", base)
    project.write("over.yaml", over)
    return project.read("", "base.yaml", "over.yaml")


def numbers(state: State, name: str = "web") -> list[tuple[int, int]]:
    return [(port.number, port.host_port) for port in workload(state, name).instances[0].ports]


def test_labels_merge_in_either_form_and_the_later_file_wins(project: Project) -> None:
    state = merged(
        project, "services: {web: {labels: [a=1, b=1, c=1]}}", "services: {web: {labels: {b: 2, c: , d: 4}}}"
    )
    assert labels(state) == {"a": "1", "b": "2", "c": "", "d": "4"}


def test_a_label_knows_the_file_that_said_it_last(project: Project) -> None:
    state = merged(project, "services: {web: {labels: {a: 1, b: 1}}}", "services:\n  web:\n    labels: {b: 2}\n")
    places = [(label.file.rpartition("/")[2], label.line, label.column) for label in workload(state, "web").labels]
    assert places == [("base.yaml", 1, 27), ("over.yaml", 3, 14)]


def test_ports_are_appended_and_unique(project: Project) -> None:
    state = merged(
        project,
        "services: {web: {ports: ['8080:80', {target: 443, published: 8443, name: old}], expose: [1, 2]}}",
        "services: {web: {ports: ['8080:80', {target: 443, published: 8443, name: new}, '80'], expose: [2, 3]}}",
    )
    assert numbers(state) == [(1, 0), (2, 0), (3, 0), (80, 0), (80, 8080), (443, 8443)]
    assert workload(state, "web").instances[0].ports[-1].name == "new"


def test_networks_merge_by_name(project: Project) -> None:
    state = merged(
        project,
        "services: {web: {networks: [a]}}\nnetworks: {a: , b: }\n",
        "services: {web: {networks: {a: {aliases: [z]}, b: }}}\n",
    )
    assert [address.network for address in workload(state, "web").instances[0].addresses] == ["shop_a", "shop_b"]


def test_null_leaves_what_was_there(project: Project) -> None:
    state = merged(project, "services: {web: {labels: {a: 1}, ports: ['80']}}", "services: {web: {labels: , ports: }}")
    assert labels(state) == {"a": "1"}
    assert numbers(state) == [(80, 0)]


def test_reset_takes_away(project: Project) -> None:
    state = merged(
        project,
        "services: {web: {ports: ['80'], labels: {a: 1, b: 1}}, api: {image: x}}",
        "services: {web: {ports: !reset [], labels: {a: !reset null}}, api: !reset null}",
    )
    assert (names(state), labels(state), numbers(state)) == (["web"], {"b": "1"}, [])


def test_override_replaces(project: Project) -> None:
    state = merged(
        project,
        "services: {web: {ports: ['80'], labels: {a: 1}}}",
        "services: {web: {ports: !override ['81'], labels: !override {b: 1}}}",
    )
    assert (labels(state), numbers(state)) == ({"b": "1"}, [(81, 0)])


def test_reset_without_anything_below_is_as_if_absent(project: Project) -> None:
    state = project.read("services: {web: {image: x, ports: !reset ['80'], labels: {a: !reset 1, b: 2}}}")
    assert (labels(state), numbers(state)) == ({"b": "2"}, [])


def test_a_new_service_and_a_new_network_come_from_a_later_file(project: Project) -> None:
    state = merged(
        project, "services: {web: {image: x}}", "services: {api: {networks: [n]}}\nnetworks: {n: {name: front}}"
    )
    assert names(state) == ["api", "web"]
    assert [network.name for network in state.networks] == ["front", "shop_default"]


def test_documents_of_one_file_merge_like_files(project: Project) -> None:
    state = project.read("services: {web: {labels: {a: 1}}}\n---\nservices: {web: {labels: {b: 2}}}\n")
    assert labels(state) == {"a": "1", "b": "2"}


def test_another_kind_of_value_wins_and_is_judged(project: Project) -> None:
    state = merged(project, "services: {web: {ports: ['80']}, api: {image: x}}", "services: {web: {ports: {a: b}}}")
    assert names(state) == ["api"]
    assert said(state) == ["error over.yaml:1:25: web: ports: found a mapping; write a list of ports"]


def test_anchors_and_merge_keys_are_followed(project: Project) -> None:
    state = project.read("""\
        x-labels: &common {a: 1, b: 1}
        services:
          web:
            labels: {<<: *common, b: 2}
    """)
    assert labels(state) == {"a": "1", "b": "2"}
