"""The wheel where it is installed: every command that reads what lies in the package, far from the tree."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import gen
from tests.integration.package.conftest import Installed
from tests.support.cli import ROOT

MAIN = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}
on_both = pytest.mark.parametrize("proxy", MAIN)
QUICKSTART = ROOT / "examples" / "quickstart"


@pytest.fixture
def there(installed: Installed) -> Installed:
    """With the quickstart's compose file in the directory, and nothing else of this tree."""
    shutil.copy(QUICKSTART / "compose.yml", installed.place)
    return installed


def test_it_is_the_wheel_that_answers_and_not_the_tree(installed: Installed) -> None:
    where = installed.ran([str(installed.python), "-c", "import gen; print(gen.__file__)"]).strip()
    assert Path(where).is_relative_to(installed.python.parents[1])


def test_it_says_its_version_as_a_command_and_as_a_module(installed: Installed) -> None:
    said = installed.run("--version")
    assert said.splitlines()[0] == f"fairway, version {gen.__version__}"
    assert [line.partition(":")[0] for line in said.splitlines()[1:]] == ["nginx", "haproxy"]
    assert installed.ran([str(installed.python), "-m", "gen", "--version"]) == said


@on_both
def test_its_templates_render_both_proxies(there: Installed, proxy: str, tmp_path: Path) -> None:
    there.run("render", "-f", "compose.yml", "--proxy", proxy, "-o", str(tmp_path), FAIRWAY_CONTROL="none")
    assert "shop.example.com" in "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert (tmp_path / MAIN[proxy]).stat().st_size > 1000


@pytest.mark.parametrize("name", ["settings", "labels", "compose", "snapshot"])
def test_it_prints_each_schema(installed: Installed, name: str) -> None:
    assert json.loads(installed.run("schema", name))["properties"]


def test_it_explains_an_option_and_a_request(there: Installed) -> None:
    assert "fairway.rate_limit" in there.run("explain", "rate_limit")
    asked = ("http://shop.example.com/api", "-f", "compose.yml")
    assert "shop.example.com/api" in there.run("explain", *asked, FAIRWAY_CONTROL="none")


def test_it_draws_its_pages(there: Installed, tmp_path: Path) -> None:
    there.run("routes", "-f", "compose.yml", "--format", "html", "-o", str(tmp_path / "routes.html"))
    assert "shop.example.com" in (tmp_path / "routes.html").read_text()


def test_it_looks_what_is_wrong_around_it(there: Installed, tmp_path: Path) -> None:
    words = ("doctor", "-f", "compose.yml", "--directory", str(tmp_path), "--set", "listeners=web=18080")
    assert "capabilities" in there.run(*words, FAIRWAY_PROXY="haproxy")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_has_a_script_for_each_shell(installed: Installed, shell: str) -> None:
    script = installed.run(_FAIRWAY_COMPLETE=f"{shell}_source")
    assert f"_FAIRWAY_COMPLETE={shell}_complete" in script


def test_bash_completes_the_installed_command(installed: Installed) -> None:
    script = """
    eval "$(_FAIRWAY_COMPLETE=bash_source fairway)"
    COMP_WORDS=(fairway sche) COMP_CWORD=1
    "$(complete -p fairway | sed 's/.*-F \\([^ ]*\\).*/\\1/')" fairway sche fairway
    echo "${COMPREPLY[@]}"
    """
    assert installed.ran(["bash", "--norc", "-c", script]).strip() == "schema"
