"""What a child writes, passed on and kept."""

from __future__ import annotations

import os
from pathlib import Path

from gen.control import output


def test_what_is_written_arrives_and_a_copy_is_kept(tmp_path: Path) -> None:
    source, target = os.pipe()
    with output.copied(target, tmp_path / "log") as sink:
        os.write(sink, b"why\n")
    assert os.read(source, 100) == b"why\n"
    assert (tmp_path / "log").read_bytes() == b"why\n"
    os.close(source)
    os.close(target)


def test_a_copy_begins_anew_when_it_is_long(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * ((1 << 20) + 1))
    source, target = os.pipe()
    with output.copied(target, log) as sink:
        os.write(sink, b"why\n")
    assert os.read(source, 100) == b"why\n"
    assert log.read_bytes() == b"why\n"
    os.close(source)
    os.close(target)


def test_a_copy_that_cannot_be_kept_stops_nothing(tmp_path: Path) -> None:
    source, target = os.pipe()
    with output.copied(target, tmp_path / "nowhere" / "log") as sink:
        os.write(sink, b"why\n")
    assert os.read(source, 100) == b"why\n"
    os.close(source)
    os.close(target)
