"""Every example: its configurations are what Fairway makes of it, the proxies take them, and nothing is complained of.
An example is for the proxies whose file lies in it; what depends on the machine has none, and is tried end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gen.dialects import native
from gen.proxies.kinds import KINDS
from gen.settings import load
from gen.state import Label, Workload
from tests.support.cli import Ran, fairway
from tests.support.documents import ROOT

MAIN = {name: kind.proxy(kind.baseline).main for name, kind in KINDS.items()}
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/compose.yml"))
STACKS = sorted((ROOT / "examples").glob("*/stack.yml"))
EACH = [(example, proxy) for example in EXAMPLES for proxy, main in MAIN.items() if (example / main).exists()]


def _names(value: object) -> str:
    return value.name if isinstance(value, Path) else str(value)


def _run(command: str, example: Path, proxy: str, *options: str) -> Ran:
    words = ("-f", "compose.yml", "--proxy", proxy, "--set", "proxy_features=baseline")
    return fairway(command, *words, *options, cwd=example)


@pytest.mark.parametrize(("example", "proxy"), EACH, ids=_names)
def test_the_configuration_is_what_fairway_renders(example: Path, proxy: str, pytestconfig: pytest.Config) -> None:
    ran = _run("render", example, proxy)
    assert (ran.code, ran.err) == (0, "")
    written = example / MAIN[proxy]
    if pytestconfig.getoption("--update"):
        written.write_text(ran.out, encoding="utf-8")
    assert written.read_bytes() == ran.out.encode()


@pytest.mark.parametrize(("example", "proxy"), EACH, ids=_names)
def test_the_proxy_takes_it_and_check_has_nothing_to_say(example: Path, proxy: str) -> None:
    ran = _run("check", example, proxy, "--strict")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.endswith("0 errors, 0 warnings\n")


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.parent.name)
def test_a_stack_says_settings_and_labels_that_are_there(stack: Path) -> None:
    services = yaml.safe_load(stack.read_text(encoding="utf-8"))["services"]
    routes = 0
    for name, described in services.items():
        variables = {
            key: value for key, value in described.get("environment", {}).items() if key.startswith("FAIRWAY_")
        }
        assert load(file=None, variables=variables, flags=[("log_level", "info")]), name
        labels = described.get("deploy", {}).get("labels", {})
        made = Workload(id=name, name=name, labels=tuple(Label(key=k, value=v) for k, v in sorted(labels.items())))
        if (asked := native.read(made, "swarm")) is not None:
            assert asked.problems == ()
            routes += len(asked.routes)
    assert routes
    assert (stack.parent / "README.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("example", EXAMPLES, ids=_names)
def test_an_example_says_what_it_shows_and_the_readme_names_it(example: Path) -> None:
    assert (example / "README.md").read_text(encoding="utf-8").startswith("# ")
    index = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"(examples/{example.name}/README.md)" in index
