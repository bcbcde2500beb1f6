"""Text of a snapshot and State."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gen.errors import InputError, Origin, Problem
from gen.sources.snapshot import dump, json_schema, load
from gen.state import Address, Instance, Label, Network, Port, State, Vantage, Workload

WORLD = State(
    source="docker",
    workloads=(
        Workload(
            id="1",
            name="shop",
            created=12.5,
            labels=(Label(key="fairway.host", value="shop.test"), Label(key="fairway.port", value="80")),
            instances=(
                Instance(
                    id="i",
                    name="shop-1",
                    health="healthy",
                    addresses=(Address(network="front", host="10.0.0.2"),),
                    ports=(Port(number=80), Port(number=443, host_port=8443)),
                ),
            ),
        ),
    ),
    networks=(Network(id="n", name="front", gateway="10.0.0.1"),),
    vantage=Vantage(kind="container", networks=("front",)),
    problems=(Problem(severity="warning", origin=Origin(source="docker", workload="shop"), message="odd"),),
)


def written(**state: Any) -> str:
    return json.dumps({"version": 1, "state": state})


def refusal(text: str) -> str:
    with pytest.raises(InputError) as caught:
        load(text, name="world.json")
    return str(caught.value)


def test_what_is_written_is_read_as_it_was() -> None:
    assert load(dump(WORLD), name="") == WORLD
    assert dump(load(dump(WORLD), name="")) == dump(WORLD)


def test_fields_with_their_default_are_left_out() -> None:
    assert dump(State(source="x")) == '{\n  "state": {\n    "source": "x"\n  },\n  "version": 1\n}\n'


def test_a_few_fields_by_hand_are_enough() -> None:
    state = load(written(workloads=[{"id": "1", "name": "a"}]), name="")
    assert state == State(source="snapshot", workloads=(Workload(id="1", name="a"),))


def test_everything_is_put_in_order() -> None:
    ports = [{"number": 443}, {"number": 80}]
    addresses = [{"network": "z", "host": "1"}, {"network": "a", "host": "2"}]
    instances = [{"id": "1", "name": "b", "ports": ports, "addresses": addresses}, {"id": "2", "name": "a"}]
    labels = [{"key": "b", "value": ""}, {"key": "a", "value": ""}]
    workload = {"id": "2", "name": "w", "labels": labels, "instances": instances}
    state = load(
        written(
            workloads=[{"id": "9", "name": "x"}, workload, {"id": "1", "name": "w"}],
            networks=[{"id": "1", "name": "z"}, {"id": "2", "name": "a"}],
            vantage={"networks": ["z", "a"]},
        ),
        name="",
    )
    assert [each.id for each in state.workloads] == ["1", "2", "9"]
    sorted_workload = state.workloads[1]
    assert [each.key for each in sorted_workload.labels] == ["a", "b"]
    assert [each.name for each in sorted_workload.instances] == ["a", "b"]
    assert [each.number for each in sorted_workload.instances[1].ports] == [80, 443]
    assert [each.network for each in sorted_workload.instances[1].addresses] == ["a", "z"]
    assert [each.name for each in state.networks] == ["a", "z"]
    assert state.vantage.networks == ("a", "z")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"version": 1,\n "state": }', "world.json:2:11: not JSON: Expecting value"),
        ("", "world.json:1:1: not JSON: Expecting value"),
        ("[1]", 'world.json: found [1]; a snapshot is {"version": 1, "state": ...}'),
        ('{"version": 7}', "world.json: version 7 is not known; this Fairway reads version 1"),
        ('{"version": true}', "world.json: version true is not known; this Fairway reads version 1"),
        ("{}", "world.json: version is missing; this Fairway reads version 1"),
        ('{"version": 1}', "world.json: state: is missing"),
        ('{"version": ' + "9" * 5000 + "}", "world.json: not JSON that Fairway reads"),
        ("[" * 100_000, "world.json: not JSON that Fairway reads"),
    ],
)
def test_what_is_no_snapshot_is_refused(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


def test_a_newer_version_asks_for_a_newer_fairway() -> None:
    with pytest.raises(InputError) as caught:
        load('{"version": 2}', name="")
    assert "newer" in caught.value.hint


def test_each_wrong_field_is_told_with_its_place() -> None:
    workload = {"id": 1, "name": "a", "kind": "pod", "port": 80, "created": "5", "instances": {}}
    text = refusal(written(workloads=[workload, 7, {"id": "1"}], vantage={"networks": [None]}))
    assert text.splitlines() == [
        "world.json: state.workloads[0].id: found 1; write text in quotes",
        "world.json: state.workloads[0].kind: found \"pod\"; write 'container', 'service', 'compose' or 'file'",
        'world.json: state.workloads[0].created: found "5"; write a number',
        "world.json: state.workloads[0].instances: found {}; write a list: [ ... ]",
        "world.json: state.workloads[0].port: there is no such field",
        "world.json: state.workloads[1]: found 7; write an object: { ... }",
        "world.json: state.workloads[2].name: is missing",
        "world.json: state.vantage.networks[0]: found null; write text in quotes",
    ]


def test_at_most_ten_mistakes_are_told() -> None:
    lines = refusal(written(workloads=[7] * 15)).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "world.json: and 5 more"


def test_a_port_out_of_range_is_refused() -> None:
    instance = {"id": "1", "name": "a", "ports": [{"number": 0}, {"number": 80, "host_port": 65536}]}
    assert refusal(written(workloads=[{"id": "1", "name": "a", "instances": [instance]}])).splitlines() == [
        "world.json: state.workloads[0].instances[0].ports[0].number: found 0; write 1 to 65535",
        "world.json: state.workloads[0].instances[0].ports[1].host_port: found 65536; write 0 to 65535",
    ]


def test_the_schema_knows_every_field_that_is_written() -> None:
    schema = json_schema()
    assert schema["required"] == ["version", "state"]

    def check(value: Any, shape: dict[str, Any]) -> None:
        shape = schema["$defs"][shape["$ref"].rsplit("/")[-1]] if "$ref" in shape else shape
        if isinstance(value, dict):
            assert shape["additionalProperties"] is False
            assert set(shape.get("required", [])) <= set(value) <= set(shape["properties"])
            for key, each in value.items():
                check(each, shape["properties"][key])
        elif isinstance(value, list) and "items" in shape:
            for each in value:
                check(each, shape["items"])

    check(json.loads(dump(WORLD)), schema)
