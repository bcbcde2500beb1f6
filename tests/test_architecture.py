"""The rules of the house, over the syntax tree: who may import whom, what is pure, how large things grow."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "gen").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CASES = sorted((ROOT / "tests").rglob("*.case"))

# Arrows point left: a part imports from those before it, never from its siblings in the same row.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("values",),
    ("options",),
    ("entries",),
    ("settings",),
    ("state", "certificate", "memo", "bundle", "log", "hints", "garbage"),
    ("model",),
    ("precedence", "received"),
    ("rules",),
    ("decide", "table", "policies"),
    ("access",),
    ("sources", "dialects"),
    ("build",),
    ("holding",),
    ("proxies",),
    ("render", "reference", "picture", "report", "schema", "compare"),
    ("plan",),
    ("explain",),
    ("control",),
    ("apply", "workers", "overrides"),
    ("pipeline",),
    ("deployment", "joining", "doubting", "telling"),
    ("watcher",),
    ("watch", "once", "publish", "doctor"),
    ("status",),
    ("cli",),
    ("__main__",),
)
RANK = {part: rank for rank, row in enumerate(LAYERS) for part in row}

PURE = frozenset(
    [
        "values",
        "options",
        "state",
        "certificate",
        "memo",
        "bundle",
        "model",
        "precedence",
        "received",
        "rules",
        "decide",
    ]
)
PURE |= {"table", "policies", "dialects", "build", "proxies", "render", "plan", "picture", "report", "explain"}
PURE |= {"schema", "compare", "access"}
WORLD = ("os", "time", "socket", "subprocess", "pathlib", "random", "datetime", "logging", "urllib.request")

FORBIDDEN = re.compile(r"Manager|Helper|Impl(?![a-z])|utils|^_*get_")
HOOKS = frozenset(["get_command", "get_source"])
"""Names that a library looks for."""
WHOLE = [ROOT / "tests" / "cases" / name for name in ("preamble.case", "haproxy-preamble.case")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def part(path: Path) -> str:
    return path.relative_to(ROOT / "gen").parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(module, names) of every import, wherever it stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_every_part_has_its_place_in_the_order() -> None:
    assert {part(path) for path in MODULES} - {"__init__"} == set(RANK)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_arrows_point_left(path: Path) -> None:
    own = part(path)
    for module, names in imports(path):
        parts = module.split(".")
        if parts[0] != "gen" or own == "__init__":
            continue
        for other in {parts[1]} if len(parts) > 1 else {each for each in names if not each.startswith("__")}:
            allowed = other == own or RANK[other] < RANK[own]
            assert allowed, f"{name(path)} imports gen.{other}, which does not stand left of {own}"


@pytest.mark.parametrize("path", [path for path in MODULES if part(path) in PURE], ids=name)
def test_the_core_does_not_touch_the_world(path: Path) -> None:
    for module, names in imports(path):
        if module == "pathlib" and set(names) == {"PurePosixPath"}:
            continue
        assert not any(module == each or module.startswith(f"{each}.") for each in WORLD), f"imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_commands_print(path: Path) -> None:
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    prints = [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]
    assert part(path) == "cli" or not prints
    written = [
        call
        for call in calls
        if isinstance(call, ast.Attribute) and ast.unparse(call) in ("click.echo", "click.secho", "sys.stdout.write")
    ]
    assert name(path) == "gen/cli/show.py" or not written, "`echo` of gen/cli/show.py prints"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_settings_read_the_environment(path: Path) -> None:
    read = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr == "environ"]
    assert part(path) == "settings" or not read


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_where_it_stands(path: Path) -> None:
    assert len(ast.get_docstring(tree(path)) or "") > 20


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_names_say_what_a_thing_is(path: Path) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    named = [path.stem, *(node.name for node in ast.walk(tree(path)) if isinstance(node, kinds))]
    assert [each for each in named if FORBIDDEN.search(each) and each not in HOOKS] == []


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_holds_one_idea(path: Path) -> None:
    assert lines(path) < 300, "over budget: a name is missing, or there are two ideas"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    assert [f"{each.name}: {length(each)}" for each in functions(path) if length(each) >= 40] == []


def test_most_functions_are_short() -> None:
    assert statistics.median(length(each) for path in MODULES for each in functions(path)) < 10


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_more_than_four_arguments_are_named(path: Path) -> None:
    counts = {each.name: [a.arg for a in (*each.args.posonlyargs, *each.args.args)] for each in functions(path)}
    wrong = {who: args for who, args in counts.items() if len([a for a in args if a not in ("self", "cls")]) > 4}
    assert wrong == {}


def test_tests_stay_small() -> None:
    budget = {path: 200 if path.name.startswith("test_") else 300 for path in TESTS}
    assert [f"{name(path)}: {lines(path)}" for path in TESTS if lines(path) >= budget[path]] == []


def test_cases_stay_small() -> None:
    assert [f"{name(path)}: {lines(path)}" for path in CASES if lines(path) >= 60 and path not in WHOLE] == []
