"""Whose a route is, by the setting `owner`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.settings import Settings
from gen.state import Vantage
from gen.values import Listen, OwnerRule
from tests.support.labelled import SETTINGS, built, instance, workload

PROJECT = "com.docker.compose.project"


def owner(rule: str = "project", *, network: str = "web", kind: str = "container", **labels: str) -> str:
    written = {"fairway.host": "a.test"} | {key.replace("__", "."): value for key, value in labels.items()}
    one = replace(workload("w", written, instance("w", network=network)), kind=kind, id="shop/w")  # type: ignore[arg-type]
    (route,) = built(one, settings=replace(SETTINGS, owner=OwnerRule.parse(rule))).routes
    return route.owner


@pytest.mark.parametrize("key", [PROJECT, "com.docker.stack.namespace"])
def test_the_project_or_stack_is_the_owner(key: str) -> None:
    assert owner(**{key: "shop"}) == "shop"


def test_a_workload_without_project_belongs_to_standalone() -> None:
    assert owner() == "standalone"


def test_a_service_of_a_compose_file_belongs_to_its_project() -> None:
    assert owner(kind="compose") == "shop"


@pytest.mark.parametrize("rule", ["project", "label:team", "network", "one"])
def test_routes_of_the_operators_files_belong_to_the_operator(rule: str) -> None:
    assert owner(rule, kind="file", team="x") == "operator"


@pytest.mark.parametrize("name", ["operator", "standalone", "one"])
def test_no_label_makes_a_workload_the_operators(name: str) -> None:
    assert owner(**{PROJECT: name}) == f"project:{name}"
    assert owner("label:team", team=name) == f"label:{name}"
    assert owner("network", network=name) == f"network:{name}"


def test_a_label_can_name_the_owner() -> None:
    assert owner("label:com.example.team", com__example__team="red") == "red"
    assert owner("label:com.example.team") == "standalone"


def test_the_network_can_name_the_owner_whether_the_workload_runs_or_not() -> None:
    assert owner("network", network="blue") == "blue"
    stopped = replace(instance("w", "", network="blue"), running=False)
    model = built(
        workload("w", {"fairway.host": "a.test"}, stopped),
        settings=replace(SETTINGS, owner=OwnerRule("network")),
        vantage=Vantage(networks=("blue",)),
    )
    assert [route.owner for route in model.routes] == ["blue"]


def test_one_owner_has_everything() -> None:
    assert owner("one", **{PROJECT: "shop"}) == "one"


def test_a_name_that_could_not_be_printed_is_written_otherwise() -> None:
    odd = owner(**{PROJECT: "sh\x1bop " * 40})
    assert odd.startswith("project:sh_op_sh_op") and odd.isprintable() and len(odd) < 70


def test_connections_have_an_owner_too() -> None:
    labels = {"fairway.tcp.db.port": "5432", PROJECT: "shop"}
    model = built(
        workload("w", labels, instance("w", port=5432)),
        settings=Settings(listeners=(Listen("db", 5432, protocol="tcp"),)),
    )
    assert [route.owner for route in model.streams] == ["shop"]
