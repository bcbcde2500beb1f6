"""Every example: its configuration is what Fairway makes of it, nginx takes it, and there is nothing to complain of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import fairway
from tests.support.documents import ROOT

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/compose.yml"))
BASELINE = ("--set", "proxy_features=baseline")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_configuration_is_what_fairway_renders(example: Path, pytestconfig: pytest.Config) -> None:
    ran = fairway("render", "-f", "compose.yml", *BASELINE, cwd=example)
    assert (ran.code, ran.err) == (0, "")
    if pytestconfig.getoption("--update"):
        (example / "nginx.conf").write_text(ran.out, encoding="utf-8")
    assert (example / "nginx.conf").read_bytes() == ran.out.encode()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_nginx_takes_it_and_check_has_nothing_to_say(example: Path) -> None:
    ran = fairway("check", "--strict", "-f", "compose.yml", *BASELINE, cwd=example)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.endswith("0 errors, 0 warnings\n")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_says_what_it_shows(example: Path) -> None:
    assert (example / "README.md").read_text(encoding="utf-8").startswith("# ")
