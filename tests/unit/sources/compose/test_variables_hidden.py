"""What a variable brought into a label is known to have come from there, and is shown to no reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.dialects.native import read
from gen.plan.hidden import hidden, hidden_names
from gen.sources.compose import ComposeSource
from gen.sources.mask import mask_of
from gen.sources.snapshot import dump
from gen.state import State
from gen.table import policy

TOKEN = "s3cr3t-of-the-pipeline"


def world(directory: Path, *labels: str, **variables: str) -> State:
    lines = "".join(f"      {label}\n" for label in labels)
    (directory / "compose.yml").write_text(f"services:\n  a:\n    image: a\n    labels:\n{lines}")
    return ComposeSource((str(directory / "compose.yml"),), {"TOKEN": TOKEN, **variables}).read()


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("x: ${TOKEN}", ("TOKEN",)),
        ("x: $TOKEN", ("TOKEN",)),
        ("x: a${UNSET}b", ("UNSET",)),
        ("x: ${UNSET:-${TOKEN}}", ("UNSET", "TOKEN")),
        ("x: ${TOKEN:+yes}", ("TOKEN",)),
        ("x: $$TOKEN", ()),
        ("- x=${TOKEN}", ("TOKEN",)),
    ],
)
def test_a_label_knows_its_variables(label: str, names: tuple[str, ...], tmp_path: Path) -> None:
    (found,) = world(tmp_path, label).workloads[0].labels
    assert found.variables == names


@pytest.mark.parametrize(
    "label", ["rate_limit.rate", "request_headers.Connection", "ip_allow", "method", "routes.b.weight", "enable", "tls"]
)
def test_a_bad_value_is_not_quoted(label: str, tmp_path: Path) -> None:
    state = world(tmp_path, "fairway.host: a.test", f"fairway.{label}: ${{TOKEN}}")
    declared = read(state.workloads[0], state.source)
    assert declared is not None
    assert declared.problems
    assert TOKEN not in " ".join(map(str, declared.problems))


def test_a_bad_host_is_quoted(tmp_path: Path) -> None:
    state = world(tmp_path, "fairway.host: ${TOKEN}.example..com")
    declared = read(state.workloads[0], state.source)
    assert declared is not None
    assert f"'{TOKEN}.example..com' is not a host" in str(declared.problems[0])


def test_headers_and_conditions_are_hidden_whatever_they_are_called(tmp_path: Path) -> None:
    labels = ("request_headers.X-Env", "headers.X-Stage", "query.v")
    state = world(tmp_path, "fairway.host: a.test", *(f"fairway.{label}: ${{TOKEN}}" for label in labels))
    declared = read(state.workloads[0], state.source)
    assert declared is not None
    route = declared.routes[0]
    assert policy(route.policies[0]) == "request_headers(set=X-Env:[redacted])"
    assert [one.shown(name) for name, one in route.options.headers + route.options.query] == ["[redacted]"] * 2
    assert TOKEN not in dump(state)


def test_a_file_hides_what_the_rows_of_a_release_hide() -> None:
    names = hidden_names(["request_headers(set=X-Env:[redacted])", "route a.test/ [?v=[redacted]] on web"])
    assert names == {"x-env", "v"}
    nginx, haproxy = f'    proxy_set_header "X-Env" "{TOKEN}";\n', f"    http-request set-header X-Env '{TOKEN}'\n"
    assert hidden(nginx, names) == '    proxy_set_header "X-Env" [redacted];\n'
    assert hidden(haproxy, names) == "    http-request set-header X-Env [redacted]\n"
    assert hidden(nginx) == nginx


def test_other_texts_are_masked_wherever_they_are_printed(tmp_path: Path) -> None:
    state = world(tmp_path, "fairway.host: a.test", "fairway.basic_auth.realm: ${REALM}", REALM='say "it\'s" $now%')
    mask = mask_of(state)
    spellings = (
        'say "it\'s" $now%',
        'say \\"it\'s\\" ${fw_dollar}now%',
        "say \"it'\\''s\" $now%",
        'say \\"it\'s\\" $now%',
    )
    assert [mask(f"a {each} b") for each in spellings] == ["a [redacted] b"] * len(spellings)


def test_what_the_file_says_in_the_open_is_no_secret(tmp_path: Path) -> None:
    labels = ("fairway.host: ${STAGE}.example.com", "fairway.request_headers.X-Stage: ${STAGE}")
    assert mask_of(world(tmp_path, *labels, STAGE="production"))("production.example.com") == "production.example.com"


def test_a_wrong_part_of_a_service_is_said_by_its_variable(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services: {a: {image: a, deploy: '${TOKEN}', labels: '${TOKEN}'}}\n")
    found = ComposeSource((str(tmp_path / "compose.yml"),), {"TOKEN": TOKEN}).read().problems
    assert [problem.message.partition(";")[0] for problem in found] == ["found the value of ${TOKEN}"] * 2
