"""Directories: may we write, may the workers enter, are the operator's there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gen.doctor import places as module
from gen.doctor.places import Worker, places
from gen.settings import Settings

STRANGER = Worker(name="www", user=33_333, groups=frozenset({44_444}))


def judged(directory: Path, **settings: str) -> dict[str, tuple[str, str]]:
    chosen = Settings(directory=str(directory), **settings)  # type: ignore[arg-type]
    return {one.about: (one.level, f"{one.found} → {one.hint}") for one in places(chosen)}


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "worker_of", lambda settings: STRANGER)


@pytest.fixture
def open_path(tmp_path: Path) -> Path:
    """A directory that everybody may enter, as its parents."""
    for one in (tmp_path, *tmp_path.parents):
        if one.stat().st_uid == os.geteuid() and one != Path("/"):
            one.chmod(one.stat().st_mode | 0o011)
    return tmp_path


@pytest.mark.usefixtures("workers")
def test_a_directory_below_one_that_workers_may_not_enter_never_caches(open_path: Path) -> None:
    inner = open_path / "closed" / "fairway"
    (inner / "cache").mkdir(parents=True)
    assert judged(inner)["cache"][0] == "ok"
    (open_path / "closed").chmod(0o700)
    level, said = judged(inner)["cache"]
    assert level == "fail"
    assert f"(www) may not enter {open_path / 'closed'} (drwx------)" in said
    assert f"chmod o+x {open_path / 'closed'}" in said
    assert "MISS" in said


@pytest.mark.usefixtures("workers")
def test_the_cache_itself_is_the_workers_own_and_haproxy_has_none(open_path: Path) -> None:
    (open_path / "cache").mkdir(mode=0o700)
    assert judged(open_path)["cache"][0] == "ok"
    open_path.chmod(0o700)
    assert "cache" not in judged(open_path, proxy="haproxy")


def test_who_may_enter_is_decided_by_the_first_class_that_fits(tmp_path: Path) -> None:
    own = Worker(name="own", user=tmp_path.stat().st_uid or 1, groups=frozenset({tmp_path.stat().st_gid}))
    group = Worker(name="group", user=33_333, groups=frozenset({tmp_path.stat().st_gid}))
    root = Worker(name="root", user=0, groups=frozenset())
    for mode, who, may in (
        (0o710, group, True),
        (0o701, group, False),
        (0o701, STRANGER, True),
        (0o710, STRANGER, False),
    ):
        tmp_path.chmod(mode)
        assert who.may_enter(tmp_path) is may
    tmp_path.chmod(0o700)
    assert root.may_enter(tmp_path)
    assert own.may_enter(tmp_path) is (own.user == tmp_path.stat().st_uid)
    tmp_path.chmod(0o755)


def test_a_directory_that_is_not_there_is_judged_by_the_one_above_and_not_made(tmp_path: Path) -> None:
    wanted = tmp_path / "a" / "b"
    level, said = judged(wanted)["directory"]
    assert (level, f"can be made in {tmp_path}" in said) == ("ok", True)
    assert not wanted.exists()
    (tmp_path / "file").touch()
    assert judged(tmp_path / "file")["directory"][0] == "fail"


def test_a_directory_that_may_not_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "run")
    level, said = judged(tmp_path)["directory"]
    assert (level, f"{tmp_path / 'run'} may not be written by user {os.geteuid()}" in said) == ("fail", True)


def test_a_path_too_long_for_a_socket_is_told(tmp_path: Path) -> None:
    found = [one for one in places(Settings(directory=str(tmp_path / ("x" * 100)))) if one.level == "fail"]
    assert "too long for a unix socket" in found[0].found


def test_directories_of_the_operators_are_looked_for(tmp_path: Path) -> None:
    found = judged(tmp_path, user_files=str(tmp_path / "gone"), route_files=str(tmp_path))
    assert (found["user_files"][0], found["route_files"][0]) == ("fail", "ok")
