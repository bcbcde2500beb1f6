"""What lets somebody in is in no row, no change and no difference; that it changed is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gen.plan import changes_between, plan, rows_of
from gen.table import conditions, rows
from tests.support.world import Maker, instance, model_of, settings, workload

SECRETS = ("Authorization", "X-Api-Key", "Cookie", "X-Auth-Token")
OPEN = ("X-Env", "X-Author", "Sec-Fetch-Site")


def both(place: Path, header: str, *values: str, proxy: str = "nginx", protocol: str = "http") -> list[str]:
    """The difference, and the changes as text, between two values of a header."""
    labels = [
        {"fairway.host": "a.test", "fairway.protocol": protocol, f"fairway.request_headers.{header}": value}
        for value in values
    ]
    web = instance("web", "10.0.0.2", 80)
    models = [model_of([workload("web", one, web)], settings(place)) for one in labels]
    before, after = (Maker(proxy).bundle(model) for model in models)
    found = plan({file.name: file.content for file in before.files}, after)
    changes = changes_between({}, rows(models[1]))
    return [found.diff, *map(str, changes), str(rows_of(after))]


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
@pytest.mark.parametrize("header", SECRETS)
def test_a_header_that_lets_somebody_in_is_hidden_everywhere(tmp_path: Path, proxy: str, header: str) -> None:
    texts = both(tmp_path, header, "Basic hush one", "Basic hush two", proxy=proxy)
    assert [text for text in texts if "hush" in text] == []
    assert any(f"{header}:[redacted]" in text for text in texts)


@pytest.mark.parametrize("protocol", ["fastcgi", "uwsgi", "grpc"])
def test_it_is_hidden_whatever_the_protocol(tmp_path: Path, protocol: str) -> None:
    assert [
        text for text in both(tmp_path, "X-Api-Key", "hush one", "hush two", protocol=protocol) if "hush" in text
    ] == []


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
@pytest.mark.parametrize("header", OPEN)
def test_others_are_shown(tmp_path: Path, proxy: str, header: str) -> None:
    diff, *texts = both(tmp_path, header, "blue", "green", proxy=proxy)
    assert "blue" in diff and "green" in diff
    assert any(f"{header}:green" in text for text in texts)


@pytest.mark.parametrize("key", ["request_headers.Authorization", "response_headers.Set-Cookie", "headers.X-Api-Key"])
def test_a_mistake_in_it_is_told_without_it(tmp_path: Path, key: str) -> None:
    labels = {"fairway.host": "a.test", f"fairway.{key}": "~hush(" if key.startswith("headers") else "hush\x01"}
    model = model_of([workload("web", labels, instance("web", "10.0.0.2", 80))], settings(tmp_path))
    texts = [str(problem) for problem in model.problems]
    assert any(f"fairway.{key}: '[redacted]' is not" in text for text in texts)
    assert "hush" not in str(texts)


ASKED = {
    "headers.X-Api-Key": "hush one",
    "headers.Authorization": "~^Bearer hush",
    "query.token": "~^hush[0-9]+$",
    "query.api_key": "hush7",
}


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
@pytest.mark.parametrize("key", ASKED)
def test_what_a_route_asks_of_a_secret_is_hidden_too_and_the_rest_is_shown(
    tmp_path: Path, proxy: str, key: str
) -> None:
    labels = {"fairway.host": "a.test", "fairway.headers.X-Env": "beta", f"fairway.{key}": ASKED[key]}
    model = model_of([workload("web", labels, instance("web", "10.0.0.2", 80))], settings(tmp_path))
    diff = plan({}, Maker(proxy).bundle(model)).diff
    told = [diff, str(rows(model)), *(conditions(route) for route in model.routes)]
    assert [text for text in told if re.search("hush|%68", str(text))] == []
    assert "[redacted]" in diff and "beta" in diff and "X-Env: beta" in str(rows(model))


def test_routes_that_differ_in_a_secret_alone_are_two_rows(tmp_path: Path) -> None:
    both = [
        workload(name, {"fairway.host": "a.test", "fairway.headers.X-Api-Key": name}, instance(name, "10.0.0.2", 80))
        for name in ("one", "two")
    ]
    keys = [key for key in rows(model_of(both, settings(tmp_path))) if key.startswith("route ")]
    assert len(keys) == 2 and not any("one" in key or "two" in key for key in keys)
