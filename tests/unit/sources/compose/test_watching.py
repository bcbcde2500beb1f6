"""`changes`: hints when files that were read change, come or go."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Thread

import pytest

from gen.errors import InputError
from gen.sources.compose import ComposeSource
from tests.unit.sources.compose.project import Project

DEADLINE = 10.0


@contextmanager
def watched(source: ComposeSource) -> Iterator[Queue[str]]:
    """The reasons of all changes, collected in another thread until the block ends."""
    reasons: Queue[str] = Queue()

    def collect() -> None:
        for change in source.changes():
            reasons.put(change.reason)

    thread = Thread(target=collect)
    thread.start()
    try:
        yield reasons
    finally:
        source.close()
        thread.join(DEADLINE)
        assert not thread.is_alive()


def everything(project: Project) -> ComposeSource:
    project.write("compose.yaml", "services: {web: {extends: {file: e.yaml, service: e}, label_file: l}}")
    project.write("e.yaml", "services: {e: {image: x}}")
    project.write("l", "a=1\n")
    return project.source()


@pytest.mark.parametrize("name", ["compose.yaml", "e.yaml", "l"])
def test_a_changed_file_is_a_hint(project: Project, name: str) -> None:
    source = everything(project)
    source.read()
    with watched(source) as reasons:
        path = project.directory / name
        path.write_text(path.read_text() + "\n# changed\n")
        assert name in reasons.get(timeout=DEADLINE)


@pytest.mark.parametrize("name", [".env", "compose.override.yaml"])
def test_a_file_that_appears_is_a_hint(project: Project, name: str) -> None:
    source = everything(project)
    source.read()
    with watched(source) as reasons:
        project.write(name, "# here\n")
        assert name in reasons.get(timeout=DEADLINE)


def test_a_file_that_goes_is_a_hint(project: Project) -> None:
    source = everything(project)
    source.read()
    with watched(source) as reasons:
        (project.directory / "l").unlink()
        assert reasons.get(timeout=DEADLINE).endswith("/l")


def test_a_change_between_reading_and_watching_is_not_lost(project: Project) -> None:
    source = everything(project)
    source.read()
    os.utime(project.directory / "compose.yaml", ns=(1, 1))
    with watched(source) as reasons:
        assert "compose.yaml" in reasons.get(timeout=DEADLINE)


def test_one_change_is_one_hint_even_if_nobody_reads_again(project: Project) -> None:
    source = everything(project)
    source.read()
    with watched(source) as reasons:
        os.utime(project.directory / "compose.yaml", ns=(1, 1))
        reasons.get(timeout=DEADLINE)
        os.utime(project.directory / "l", ns=(1, 1))
        assert reasons.get(timeout=DEADLINE).endswith("/l")


def test_a_file_that_became_unreadable_is_watched_until_it_is_mended(project: Project) -> None:
    source = everything(project)
    project.write("compose.yaml", "services: '")
    with contextlib.suppress(InputError):
        source.read()
    with watched(source) as reasons:
        project.write("compose.yaml", "services: {web: {image: x}}")
        assert "compose.yaml" in reasons.get(timeout=DEADLINE)
    assert [found.name for found in source.read().workloads] == ["web"]


def test_watching_needs_no_reading_before(project: Project) -> None:
    source = everything(project)
    changes = source.changes()
    thread = Thread(target=lambda: next(changes, None))
    thread.start()
    source.close()
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_a_closed_source_ends_at_once(project: Project) -> None:
    source = ComposeSource((), {}, directory=str(project.directory), poll_seconds=3600.0)
    source.close()
    assert list(source.changes()) == []
