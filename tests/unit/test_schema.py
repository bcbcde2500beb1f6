"""JSON Schemas: what the documents and cases write is let pass, what is misspelled is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gen import schema
from gen.options import options_of
from gen.policies import POLICIES
from gen.settings import Settings
from gen.sources.snapshot import json_schema
from tests.support.documents import ROOT

COMPOSE = sorted((ROOT / "examples").rglob("compose.yml"))
SETTINGS = sorted((ROOT / "examples").rglob("fairway.yml"))
CASES = sorted((ROOT / "tests" / "cases").rglob("*.case"))


def wrong(document: Any, by: dict[str, Any]) -> list[str]:
    """What a schema says against a document."""
    validator = jsonschema.Draft7Validator(by)
    return [error.message for error in validator.iter_errors(document)]


def labels(**written: Any) -> list[str]:
    return wrong({f"fairway.{key.replace('__', '.')}": value for key, value in written.items()}, schema.of_labels())


@pytest.mark.parametrize("make", [schema.of_settings, schema.of_labels, schema.of_compose, json_schema])
def test_a_schema_is_one(make: Any) -> None:
    found = make()
    jsonschema.validators.validator_for(found).check_schema(found)
    json.dumps(found)


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.parent.name)
def test_labels_of_the_examples_pass_as_mapping_and_as_list(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert wrong(document, schema.of_compose()) == []
    for service in document["services"].values():
        service["labels"] = [f"{key}={value}" for key, value in service.get("labels", {}).items()]
    assert wrong(document, schema.of_compose()) == []


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.parent.name)
def test_settings_of_the_examples_pass(path: Path) -> None:
    assert wrong(yaml.safe_load(path.read_text(encoding="utf-8")), schema.of_settings()) == []


def test_labels_of_every_case_pass_where_fairway_has_nothing_against_them() -> None:
    tried = 0
    for path in CASES:
        text = path.read_text(encoding="utf-8")
        world, _, rest = text.partition("-- snapshot.json --")[2].partition("\n-- ")
        if not world or "-- problems --" not in rest or rest.partition("-- problems --")[2].strip():
            continue
        for workload in json.loads(world)["state"].get("workloads", []):
            tried += 1
            written = {label["key"]: label["value"] for label in workload.get("labels", [])}
            assert wrong(written, schema.of_labels()) == [], path
    assert tried > 50


def test_every_option_has_its_key_with_its_text() -> None:
    found = schema.of_labels()
    for policy in POLICIES:
        for option in options_of(policy):
            if not option.is_open:
                assert option.help in found["properties"][f"fairway.{policy.name}.{option.name}"]["description"]
    assert set(schema.of_settings()["properties"]) == {*(one.name for one in options_of(Settings)), "routes"}


def test_what_is_misspelled_or_no_choice_is_said() -> None:
    assert labels(host="a.test", port=80, backup=True, tcp__db__listeners="db", routes__api__rate_limit="10/s") == []
    assert labels(headers__Env="x", request_headers__X="y", routes__a__response_headers__X="z") == []
    assert wrong({"com.example.thing": "x"}, schema.of_labels()) == []
    for bad in ({"hots": "a"}, {"protocol": "htp"}, {"rate_limit__rat": "1"}, {"tcp__db__path": "/"}, {"backup": "so"}):
        assert labels(**bad), bad
    compose = {"services": {"a": {"labels": ["fairway.hots=a"]}, "b": {"deploy": {"labels": {"fairway.hots": "a"}}}}}
    assert len(wrong(compose, schema.of_compose())) == 2
    assert wrong({"listners": "web=80"}, schema.of_settings())
    assert wrong({"proxy": "apache"}, schema.of_settings())


def test_declared_routes_are_nested_labels_with_servers() -> None:
    nas = {"servers": ["10.0.0.5:80"], "host": "nas.test", "rate_limit": {"rate": "10/s"}}
    assert wrong({"routes": {"nas": nas}}, schema.of_settings()) == []
    assert wrong({"routes": {"nas": {"host": "nas.test"}}}, schema.of_settings())
    assert wrong({"routes": {"nas": {**nas, "hots": "x"}}}, schema.of_settings())


@pytest.mark.parametrize(
    "written",
    [
        None,
        ["fairway.proxy=edge"],
        {"fairway.proxy": "edge"},
        {"fairway.enable": "${ON:-true}"},
        {"fairway.enable": "True"},
        {"fairway.enable": "YES"},
    ],
    ids=str,
)
def test_what_compose_and_fairway_take_is_not_marked_in_an_editor(written: Any) -> None:
    assert wrong({"services": {"a": {"labels": written}}}, schema.of_compose()) == []


@pytest.mark.parametrize("written", ["often", "truex", "2"])
def test_a_word_that_is_none_of_a_choice_is_marked(written: str) -> None:
    assert wrong({"services": {"a": {"labels": {"fairway.enable": written}}}}, schema.of_compose())


def test_a_variable_is_no_choice_of_a_setting_which_nobody_interpolates() -> None:
    chosen = [option.name for option in options_of(Settings) if option.kind.startswith("`")]
    assert chosen
    for name in chosen:
        assert wrong({name: "${WORD}"}, schema.of_settings())
