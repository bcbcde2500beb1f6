"""A snapshot as a source."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest

from gen.errors import InputError
from gen.sources import Source
from gen.sources.snapshot import SnapshotSource, dump
from gen.state import State


def test_a_file_is_read_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    source: Source = SnapshotSource(str(file))
    file.write_text(dump(State(source="a")), encoding="utf-8-sig")
    assert (source.name, source.read().source) == ("snapshot", "a")
    file.write_text(dump(State(source="b")))
    assert source.read().source == "b"


def test_standard_input_is_read_once() -> None:
    source = SnapshotSource("-", stdin=io.StringIO(dump(State(source="a"))))
    assert source.read() == source.read() == State(source="a")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json: cannot be read: No such file"):
        SnapshotSource(str(tmp_path / "gone.json")).read()
    (tmp_path / "latin.json").write_bytes(b'{"\xe9"}')
    with pytest.raises(InputError, match=r"latin\.json: not UTF-8 at byte 2"):
        SnapshotSource(str(tmp_path / "latin.json")).read()


def test_a_file_written_after_it_was_read_is_a_change(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    file.write_text(dump(State(source="a")))
    source = SnapshotSource(str(file), interval=0.01)
    source.read()
    file.write_text(dump(State(source="longer")))
    changes = source.changes()
    assert next(changes).reason == f"{file} changed"
    assert source.read().source == "longer"
    file.unlink()
    assert next(changes).reason == f"{file} changed"
    source.close()
    assert list(changes) == []


@pytest.mark.parametrize("path", ["-", "/nowhere/world.json"])
def test_closing_ends_the_changes_promptly(path: str) -> None:
    source = SnapshotSource(path, interval=3600)
    ended = threading.Thread(target=lambda: list(source.changes()), daemon=True)
    ended.start()
    source.close()
    ended.join(timeout=30)
    assert not ended.is_alive()
