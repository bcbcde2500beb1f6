"""The proxy: its binary, its age, its files, and whether it serves what is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.doctor import proxy as module
from gen.doctor.proxy import masters, proxy
from gen.explain.finding import Finding
from gen.settings import Settings


def judged(directory: Path, **settings: str) -> dict[str, Finding]:
    return {one.about: one for one in proxy(Settings(directory=str(directory), **settings))}  # type: ignore[arg-type]


def binary(place: Path, said: str) -> str:
    """A program that says so much of itself, and fails every check."""
    file = place / "fake"
    file.write_text(f"#!/bin/sh\necho '{said}' >&2\ntest \"$1\" = -v\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("name", "said", "level", "found"),
    [
        ("nginx", "nginx version: nginx/1.22.1", "ok", "is nginx 1.22.1"),
        ("nginx", "nginx version: nginx/1.18.0", "fail", "which is too old"),
        ("haproxy", "HAProxy version 2.6.12-1 2023/12/16", "ok", "is haproxy 2.6.12-1"),
        ("haproxy", "HAProxy version 2.4.1", "fail", "which is too old"),
        ("nginx", "hello", "warn", "does not say that it is nginx"),
    ],
)
def test_the_version_is_judged(tmp_path: Path, name: str, said: str, level: str, found: str) -> None:
    told = judged(tmp_path, proxy=name, proxy_binary=binary(tmp_path, said))["binary"]
    assert (told.level, found in told.found) == (level, True), told


def test_what_a_binary_lacks_is_named(tmp_path: Path) -> None:
    found = judged(tmp_path, proxy_binary=binary(tmp_path, "nginx version: nginx/1.22.1"))["capabilities"]
    assert (found.level, "it lacks " in found.found) == ("warn", True)


def test_a_binary_that_is_not_here_is_told_with_what_to_install(tmp_path: Path) -> None:
    found = judged(tmp_path, proxy_binary="no-such-binary")
    assert (found["binary"].level, "install it" in found["binary"].hint) == ("fail", True)
    assert "capabilities" not in found


def test_where_nothing_runs_nothing_is_asked(tmp_path: Path) -> None:
    assert [one.level for one in judged(tmp_path, control="none").values()] == ["ok"]


@pytest.mark.parametrize(
    ("served", "installed", "level"),
    [(None, None, "warn"), (None, "a" * 64, "warn"), ("a" * 64, "a" * 64, "ok"), ("b" * 64, "a" * 64, "fail")],
)
def test_what_runs_is_compared_with_what_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, served: str | None, installed: str | None, level: str
) -> None:
    monkeypatch.setattr(module, "serving", lambda commands, layout: served)
    if installed:
        (tmp_path / "releases" / installed).mkdir(parents=True)
        (tmp_path / "current").symlink_to(tmp_path / "releases" / installed)
    assert judged(tmp_path, proxy_binary="no-such-binary")["release"].level == level


def test_few_open_files_are_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "most_files", lambda pid: 1024)
    assert judged(tmp_path, proxy_binary="no-such-binary")["files"].level == "warn"


def test_our_own_proxy_is_known_by_its_pid_file(tmp_path: Path) -> None:
    settings = Settings(directory=str(tmp_path))
    assert masters(settings) == frozenset()
    (tmp_path / "run").mkdir()
    for text, found in (("42\n", {42}), ("", set()), ("nonsense", set())):
        (tmp_path / "run" / "nginx.pid").write_text(text, encoding="utf-8")
        assert masters(settings) == found
