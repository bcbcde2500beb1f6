"""The package, built once: an sdist and a wheel of the tree, a wheel of that sdist, and the wheel installed elsewhere.

Nothing is downloaded: the builder is the one of the development packages, and the environment into which the wheel is
installed finds what Fairway needs where this Python has it, but never this tree.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from tests.support.cli import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The files that one would publish, and what a wheel of the unpacked sdist is."""

    sdist: Path
    wheel: Path
    wheel_of_sdist: Path

    @property
    def metadata(self) -> Message:
        """What an index and an installer read."""
        with zipfile.ZipFile(self.wheel) as wheel:
            (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            return message_from_string(wheel.read(name).decode())

    @property
    def names(self) -> set[str]:
        """The files in the wheel."""
        with zipfile.ZipFile(self.wheel) as wheel:
            return set(wheel.namelist())


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An environment with the wheel, outside of this tree, and an empty directory to work in."""

    python: Path
    command: Path
    place: Path

    def run(self, *words: str, code: int = 0, **variables: str) -> str:
        """What a command prints, as a user's shell would run it; it has to end with that code."""
        return self.ran([str(self.command), *words], code=code, **variables)

    def ran(self, command: list[str], *, code: int = 0, **variables: str) -> str:
        path = f"{self.command.parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        known = {"PATH": path, "HOME": str(self.place), "LANG": "C.UTF-8"}
        done = subprocess.run(
            command, cwd=self.place, env={**known, **variables}, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


def build(tree: Path, into: Path, *targets: str) -> None:
    """Both or one of them, by the backend that pyproject.toml names."""
    wanted = [word for target in targets for word in ("-t", target)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into), *wanted]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    place = tmp_path_factory.mktemp("built")
    build(ROOT, place, "sdist", "wheel")
    (sdist,), (wheel,) = place.glob("*.tar.gz"), place.glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(place / "unpacked", filter="data")
    (tree,) = (place / "unpacked").iterdir()
    build(tree, place / "again", "wheel")
    (again,) = (place / "again").glob("*.whl")
    return Built(sdist=sdist, wheel=wheel, wheel_of_sdist=again)


@pytest.fixture(scope="package")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    root = tmp_path_factory.mktemp("installed")
    venv.create(root / "venv", with_pip=False, symlinks=True)
    python = root / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, str(built.wheel)], check=True, timeout=60, capture_output=True)
    # A path alone: files in there that would add further paths, as an editable install has one, are not read.
    (found,) = (root / "venv").glob("lib/python3*/site-packages")
    (found / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    place = root / "empty"
    place.mkdir()
    return Installed(python=python, command=python.parent / "fairway", place=place)
