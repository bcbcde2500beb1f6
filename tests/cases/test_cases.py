"""Every case file: the outputs are as written, both proxies take them, and crossplane reads nginx's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import crossplane
import pytest

from tests.support.cases import CASES, Case, case_files
from tests.support.check import complaints

FILES = case_files()


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory whose sockets' paths are short enough for any proxy, wherever pytest has its own."""
    with tempfile.TemporaryDirectory(prefix="fw", dir="/tmp") as place:
        yield Path(place)


def _name(path: Path) -> str:
    return str(path.relative_to(CASES).with_suffix(""))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_the_outputs_are_as_the_case_says(path: Path, pytestconfig: pytest.Config) -> None:
    case = Case.read(path)
    outputs = case.outputs()
    if pytestconfig.getoption("--update"):
        case.write(outputs)
        case = Case.read(path)
    for name, text in outputs.items():
        assert case.sections.get(name, "").strip("\n") == text.strip("\n"), f"{name} (pytest --update rewrites it)"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_nginx_and_crossplane_take_the_configuration(path: Path, short_path: Path) -> None:
    case = Case.read(path)
    bundle = case.bundle("nginx")
    assert complaints(bundle, case.model("nginx"), short_path) == ""
    parsed = crossplane.parse(str(short_path / bundle.main), single=True)
    assert parsed["errors"] == []


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_haproxy_takes_the_configuration(path: Path, short_path: Path) -> None:
    case = Case.read(path)
    assert complaints(case.bundle("haproxy"), case.model("haproxy"), short_path) == ""


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_case_says_first_why_it_exists(path: Path) -> None:
    why = Case.read(path).why
    assert why.endswith("."), f"{_name(path)} begins with {why[:40]!r}"
