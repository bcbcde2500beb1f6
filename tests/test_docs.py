"""What the documents say is so: commands parse, links lead somewhere, tables are fresh, nothing is left out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from gen.cli.group import COMMANDS, fairway
from gen.dialects import RouteOptions, TcpOptions
from gen.options import options_of
from gen.policies import POLICIES
from gen.proxies.kinds import KINDS
from gen.reference import PARTS, replaced
from gen.settings import Settings
from scripts.docs import DOCUMENTS
from tests.support.documents import ROOT, commands, documents, links
from tests.test_architecture import LAYERS

README = ROOT / "README.md"
FAIRWAY = [(path, words) for path in documents() for words in commands(path) if words[0] == "fairway"]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    ("path", "words"), FAIRWAY, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_command_of_the_documents_parses(path: Path, words: list[str]) -> None:
    name, *arguments = words[1:]
    if name in ("--version", "--help"):
        assert arguments == []
        return
    command = fairway.get_command(click.Context(fairway), name)
    assert command, name
    assert isinstance(command.make_context(name, arguments), click.Context), path


@pytest.mark.parametrize("path", documents(), ids=_name)
def test_scripts_and_files_that_a_document_names_exist(path: Path) -> None:
    for words in commands(path):
        if words[0].startswith("./"):
            assert (ROOT / words[0]).is_file(), words
    for script in re.findall(r"`(scripts/[a-z-]+)`", path.read_text(encoding="utf-8")):
        assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("path", documents(), ids=_name)
def test_links_into_the_project_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    headings = {re.sub(r"[^a-z0-9 -]", "", line.lower()).strip().replace(" ", "-") for line in text.splitlines()}
    for target in links(path):
        file, _, anchor = target.partition("#")
        assert (path.parent / file).exists(), target
        assert file or anchor in headings, target


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_the_generated_parts_are_fresh(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert replaced(text) == text, "run scripts/docs"
    assert set(re.findall(r"<!-- generated: ([a-z-]+) -->", text)) == set(PARTS)


def test_every_setting_and_label_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    names = [option.name for option in options_of(Settings)]
    names += [option.name + ".<name>" * option.is_open for option in options_of(RouteOptions)]
    names += [option.name for option in options_of(TcpOptions)]
    names += [f"{kind.name}.{o.name}" for kind in POLICIES for o in options_of(kind) if not o.is_open]
    assert [name for name in names if f"| `{name}` |" not in text] == []


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"| `fairway {name}` |" not in text] == []


def test_the_map_names_every_module_and_nothing_else() -> None:
    text = (ROOT / "gen" / "README.md").read_text(encoding="utf-8")
    tree = set(re.findall(r"^([a-z_]+(?:\.py|/))  ", text, re.MULTILINE))
    mark = "py.typed"  # says that there are types, and nothing else
    found = (path for path in (ROOT / "gen").iterdir() if path.name[0] not in "_R" and path.name != mark)
    here = {path.name + "/" * path.is_dir() for path in found}
    assert tree == here


def test_the_map_says_the_import_rule_that_is_tested() -> None:
    text = (ROOT / "gen" / "README.md").read_text(encoding="utf-8")
    rule = re.findall(r"^(errors < .*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    rows = tuple(tuple(row.strip(" ()").split(" | ")) for row in " ".join(rule.split()).split(" < "))
    assert rows == LAYERS[:-1]


def test_the_map_names_every_slot_that_templates_may_use() -> None:
    text = (ROOT / "templates" / "README.md").read_text(encoding="utf-8")
    slots = [slot for kind in KINDS.values() for slot in kind.proxy(kind.baseline).slots]
    assert [slot for slot in set(slots) if text.count(f"| `{slot}` |") != slots.count(slot)] == []


@pytest.mark.parametrize("kind", (RouteOptions, *POLICIES, Settings), ids=lambda kind: kind.__name__)
def test_an_example_of_the_reference_can_be_read(kind: type[object]) -> None:
    for option in options_of(kind):
        text = option.example
        if "…" in text:
            continue
        if option.parse_key is not None:
            key, _, text = text.rpartition("=")
            option.parse_key(key.rpartition(".")[2])
        option.parse(text)


def test_every_event_of_the_log_is_in_the_readme_and_nothing_else() -> None:
    """Names of events are what people search for."""
    written = {name for path in (ROOT / "gen").rglob("*.py") for name in _events(path)}
    text = README.read_text(encoding="utf-8").partition("| Event | Meaning |")[2].partition("\n\n")[0]
    assert written == set(re.findall(r"`([a-z_]+)`", text))


def _events(path: Path) -> set[str]:
    """The first argument of each call of `event`, and what a variable there may be."""
    text = path.read_text(encoding="utf-8")
    found = set(re.findall(r'\bevent\(\s*"([a-z_]+)"', text))
    return found | set(
        re.findall(r'name = "([a-z_]+)" if .* else "([a-z_]+)"', text)[0] if "event(name," in text else ()
    )
