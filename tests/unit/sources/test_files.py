"""The files that declare routes: followed on the disk, each with its own trouble."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.sources import files
from gen.sources.files import FileSource


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "routes").mkdir()
    return tmp_path


def source(place: Path) -> FileSource:
    return FileSource(str(place / "fairway.yml"), str(place / "routes"))


def write(path: Path, *names: str, port: int = 80) -> None:
    path.write_text(
        "routes: {" + ", ".join(f"{name}: {{servers: n:{port}, host: {name}.test}}" for name in names) + "}"
    )


def said(found: FileSource) -> tuple[list[str], list[str]]:
    state = found.read()
    return [workload.name for workload in state.workloads], [problem.message for problem in state.problems]


def test_all_files_together_are_one_world(place: Path) -> None:
    found = source(place)
    assert said(found) == ([], [])
    write(place / "fairway.yml", "c")
    write(place / "routes" / "one.yml", "b")
    write(place / "routes" / "two.yaml", "a", "d")
    (place / "routes" / "notes.txt").write_text("routes: [")
    assert said(found) == (["a", "b", "c", "d"], [])
    (place / "routes" / "two.yaml").unlink()
    assert said(found)[0] == ["b", "c"]


def test_a_name_that_is_declared_twice_counts_once_and_the_settings_file_first(place: Path) -> None:
    write(place / "routes" / "one.yml", "a")
    write(place / "fairway.yml", "a")
    assert said(source(place)) == (["a"], [f"a is declared in {place}/fairway.yml too; that one counts"])


def test_a_file_that_is_broken_keeps_what_it_said_last(place: Path) -> None:
    found, path = source(place), place / "routes" / "one.yml"
    path.write_text("routes: {")
    names, (problem,) = said(found)
    assert names == []
    assert problem.startswith("this is not YAML: ")
    write(path, "a")
    assert said(found) == (["a"], [])
    path.write_text("routes: {a: [")
    names, (problem,) = said(found)
    assert names == ["a"]
    assert problem.endswith("; what it said last counts")
    write(path, "b")
    assert said(found) == (["b"], [])


@pytest.mark.parametrize("broken", ["", "# to be written", "- x", "routes:", "routes: [a]"])
def test_a_file_that_is_none_of_routes_any_more_keeps_what_it_said_last(place: Path, broken: str) -> None:
    found, path = source(place), place / "routes" / "one.yml"
    path.write_text(broken)
    assert said(found)[0] == []
    write(path, "a")
    assert said(found) == (["a"], [])
    path.write_text(broken)
    names, problems = said(found)
    assert names == ["a"]
    assert "it is no file of routes now; what it said last counts" in problems
    path.write_text("routes: {}")
    assert said(found) == ([], [])


def test_a_settings_file_without_routes_is_nothing_to_tell(place: Path) -> None:
    found = source(place)
    write(place / "fairway.yml", "a")
    assert said(found) == (["a"], [])
    (place / "fairway.yml").write_text("listeners: [web=80]")
    assert said(found) == ([], [])


def test_a_file_is_read_again_when_it_changed_or_when_it_is_asked_for(place: Path) -> None:
    found, path = source(place), place / "routes" / "one.yml"
    write(path, "a")
    first = found.read().workloads[0]
    assert found.read().workloads[0] is first
    found.resync()
    again = found.read().workloads[0]
    assert again == first
    assert again is not first


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    names, (problem,) = said(FileSource("", str(tmp_path / "none")))
    assert names == []
    assert "there is no such directory of routes" in problem


def test_a_directory_that_cannot_be_looked_into_keeps_what_its_files_said_last(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = source(place)
    write(place / "routes" / "one.yml", "a")
    assert said(found) == (["a"], [])

    def refuse(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", refuse)
        assert said(found) == (["a"], ["it cannot be read: Permission denied; what its files said last counts"])
        write(place / "fairway.yml", "b")
        other = source(place)
        assert [said(other), said(other)] == [(["b"], ["it cannot be read: Permission denied"])] * 2
        (place / "fairway.yml").unlink()
    assert said(found) == (["a"], [])


def test_a_file_that_cannot_be_looked_at_keeps_what_it_said_last(place: Path) -> None:
    found = source(place)
    write(one := place / "routes" / "one.yml", "a")
    assert said(found) == (["a"], [])
    one.unlink()
    one.symlink_to(one)
    assert said(found) == (
        ["a"],
        ["it cannot be read: Too many levels of symbolic links; what it said last counts"],
    )
    one.unlink()
    assert said(found) == ([], [])


def test_what_changes_on_the_disk_is_a_hint_with_its_name(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_EVERY", 0.001)
    found = source(place)
    found.read()
    hints = found.changes()
    write(place / "routes" / "one.yml", "a")
    assert next(hints).reason == "file one.yml"
    write(place / "routes" / "one.yml", "a", "b")
    assert next(hints).reason == "file one.yml"
    (place / "routes" / "one.yml").unlink()
    assert next(hints).reason == "file one.yml"
    found.close()
    assert list(hints) == []
