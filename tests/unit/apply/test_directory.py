"""Releases on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gen.apply import Directory, DirectoryLock
from gen.bundle import Bundle, File
from gen.errors import DirectoryError, LockedError
from tests.unit.apply.fake import bundle


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_files_of_a_release_are_kept_from_other_users(directory: Directory) -> None:
    directory.prepare()
    directory.write(bundle("11111111", private=True))
    release = directory.path / "releases/11111111"
    assert mode(release / "nginx.conf") == mode(release / "auth/users") == 0o640
    assert mode(release / "auth") == mode(release) == 0o755


def test_files_belong_to_the_workers_group_when_we_may_give_them_away(directory: Directory) -> None:
    group = 12345 if os.geteuid() == 0 else os.getegid()
    shared = Directory(directory.path, group=group)
    shared.prepare()
    shared.write(bundle("11111111", private=True))
    release = directory.path / "releases/11111111"
    assert (release / "auth/users").stat().st_gid == group
    assert (release / "nginx.conf").stat().st_gid == group


def test_a_release_that_somebody_changed_is_written_again(directory: Directory) -> None:
    directory.prepare()
    directory.write(bundle("11111111", b"good"))
    conf = directory.path / "releases/11111111/nginx.conf"
    conf.write_bytes(b"changed")
    directory.write(bundle("11111111", b"good"))
    assert conf.read_bytes() == b"good"


def test_a_description_is_renewed_while_the_files_of_the_proxy_stay(directory: Directory) -> None:
    def of(text: bytes) -> Bundle:
        files = (File(name="nginx.conf", content=b"x"), File(name="release.json", content=text))
        return Bundle(main="nginx.conf", files=files, digest="11111111")

    directory.prepare()
    assert directory.description() == b""
    directory.write(of(b"{}"))
    directory.describe(of(b"other"))
    directory.switch("11111111")
    assert directory.description() == b"{}", "a release that does not count is left alone"
    directory.describe(of(b'{"rows": {}}'))
    assert directory.description() == b'{"rows": {}}'
    release = directory.path / "releases/11111111"
    assert sorted(path.name for path in release.iterdir()) == ["nginx.conf", "release.json"]
    assert mode(release / "release.json") == mode(release / "nginx.conf")


def test_current_is_relative_so_that_the_directory_may_be_mounted_elsewhere(directory: Directory) -> None:
    directory.prepare()
    directory.write(bundle("11111111"))
    directory.switch("11111111")
    assert (directory.path / "current").readlink() == Path("releases/11111111")


def test_a_link_to_a_release_that_is_gone_counts_as_none(directory: Directory) -> None:
    directory.prepare()
    directory.switch("11111111")
    assert directory.current() is None


def test_pruning_spares_what_is_current_and_sweeps_drafts(directory: Directory) -> None:
    directory.prepare()
    for digit in "1234":
        directory.write(bundle(digit * 8))
    directory.switch("11111111")
    (directory.path / "releases/.99999999.new").mkdir()
    directory.prune(1)
    kept = sorted(path.name for path in (directory.path / "releases").iterdir())
    assert kept == ["11111111", "44444444"]


def test_a_directory_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryError, match=r"file/below cannot be written: Not a directory") as caught:
        Directory(tmp_path / "file" / "below").prepare()
    assert "set `directory`" in caught.value.hint


def test_a_path_too_long_for_a_unix_socket_is_an_error_that_names_the_room() -> None:
    with pytest.raises(DirectoryError, match="too long for a unix socket") as caught:
        Directory(Path("/tmp") / ("x" * 90)).prepare()
    assert "at most 90 bytes" in caught.value.hint


def test_a_second_applier_is_refused_and_learns_who_holds_the_lock(directory: Directory) -> None:
    holder = f"process {os.getpid()} already applies to {directory.path}"
    with DirectoryLock(directory.path), pytest.raises(LockedError, match=holder), DirectoryLock(directory.path):
        pass
    with DirectoryLock(directory.path):
        assert (directory.path / "run/lock").read_text() == f"{os.getpid()}\n"


def test_a_lock_in_a_directory_that_cannot_be_made_is_a_directory_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryError), DirectoryLock(tmp_path / "file"):
        pass


@pytest.mark.parametrize("name", ["", ".", "/etc/passwd", "../x", "a/../b", "a//b", "a\nb"])
def test_a_file_of_a_bundle_lies_inside_it(name: str) -> None:
    with pytest.raises(ValueError, match="is not a file name inside a bundle"):
        File(name=name, content=b"")


@pytest.mark.parametrize(
    ("main", "names", "digest"),
    [("a", ("b",), "0" * 8), ("a", ("b", "a"), "0" * 8), ("a", ("a", "a"), "0" * 8), ("a", ("a",), "../x")],
)
def test_a_bundle_whose_parts_do_not_fit_is_refused(main: str, names: tuple[str, ...], digest: str) -> None:
    files = tuple(File(name=name, content=b"") for name in names)
    with pytest.raises(ValueError):
        Bundle(main=main, files=files, digest=digest)
